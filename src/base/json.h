// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_BASE_JSON_H
#define GYRE_BASE_JSON_H

#include "gyre/base.h"

typedef enum gy_json_kind {
    GY_JSON_NULL,
    GY_JSON_BOOL,
    GY_JSON_NUMBER,
    GY_JSON_STRING,
    GY_JSON_ARRAY,
    GY_JSON_OBJECT
} gy_json_kind;

/** One value of a parsed JSON or YAML document. It and all below it live in the parser's arena. */
typedef struct gy_json {
    gy_json_kind kind;
    bool boolean;
    double number;      // of GY_JSON_NUMBER, nearest double
    const char *text;   // of a string, its UTF-8; of a number, its spelling; NUL-terminated
    size_t text_length; // bytes; a string may hold NULs
    const char *key;    // as a member of an object: its name, without NULs
    size_t line;        // from 1, where it stands in the document; of a member, where its name does
    size_t column;      // from 1, in characters
    size_t count;       // of an array or object
    struct gy_json *items;
} gy_json;

enum { GY_JSON_DEPTH_MAX = 64 };

/**
 * Parse one JSON document (RFC 8259, strict: no NaN, no duplicate keys, no lone surrogates, numbers
 * in a double's range, at most GY_JSON_DEPTH_MAX deep, nothing behind it).
 * @param name what to call it in messages: a path.
 * @return GY_OK; GY_FORMAT: err names line and column; GY_LIMIT: too deep; GY_NO_MEMORY.
 */
gy_status gy_json_parse(gy_json **root, const char *bytes, size_t length, const char *name,
                        gy_arena *arena, gy_error *err) GY_CHECKED;

/**
 * Parse one YAML document into the same tree (YAML 1.2 core schema for plain scalars, without .inf
 * and .nan; a quoted scalar is a string; no anchors, aliases, tags; at most GY_JSON_DEPTH_MAX deep;
 * no duplicate keys). An empty document is null. A number that JSON spells otherwise (0x1f, +1, .5)
 * has JSON's spelling.
 * @return as gy_json_parse; GY_UNSUPPORTED: libyaml is not there.
 */
gy_status gy_yaml_parse(gy_json **root, const char *bytes, size_t length, const char *name,
                        gy_arena *arena, gy_error *err) GY_CHECKED;

/** The member of an object by name; NULL: none, or not an object. */
const gy_json *gy_json_get(const gy_json *object, const char *key);

/** Append value as compact JSON, members in their order. Numbers keep their spelling. */
void gy_json_write(gy_text *out, const gy_json *value);

#endif
