// SPDX-License-Identifier: Apache-2.0
//
// JSON into a tree. Our own reader: what rooms need from it (the line and column of every value for
// messages, a number as it was spelled, memory from the arena, a bound on depth) jansson drops
// while parsing, and 200 lines start faster than a library. A first pass counts, so that all nodes
// are one piece of memory and all text is another.

#include "base/json.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/tree.h"
#include "base/utf8.h"

typedef struct reader {
    const char *at, *end;
    const char *name;
    size_t line;
    // Column of `counted`, in characters; moves on only, so that long lines are counted once.
    const char *counted;
    size_t column;
    size_t depth;
    gy_tree tree;
} reader;

typedef struct place {
    size_t line, column;
} place;

static gy_status read_value(reader *self, const char *key, place where, gy_error *err);

static size_t column_of(reader *self, const char *until)
{
    for (; self->counted < until; self->counted++)
        if (((unsigned char)*self->counted & 0xc0) != 0x80)
            self->column++;
    return self->column;
}

static place place_of(reader *self)
{
    return (place){self->line, column_of(self, self->at)};
}

static gy_status fail_here(reader *self, gy_error *err, const char *what)
{
    return gy_fail(err, GY_FORMAT, "cannot read '%s': line %zu, column %zu: %s", self->name,
                   self->line, column_of(self, self->at), what);
}

static void skip_space(reader *self)
{
    while (self->at < self->end &&
           (*self->at == ' ' || *self->at == '\t' || *self->at == '\r' || *self->at == '\n')) {
        if (*self->at++ == '\n') {
            self->line++;
            self->counted = self->at;
            self->column = 1;
        }
    }
}

static gy_status expect(reader *self, char wanted, const char *what, gy_error *err)
{
    if (self->at == self->end || *self->at != wanted)
        return fail_here(self, err, self->at == self->end ? "the document ends too early" : what);
    self->at++;
    return GY_OK;
}

// The number behind \u, moved over.
static bool read_hex4(reader *self, uint32_t *unit)
{
    *unit = 0;
    if (self->end - self->at < 4)
        return false;
    for (size_t i = 0; i < 4; i++) {
        char c = self->at[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                                : 16;
        if (digit == 16)
            return false;
        *unit = *unit << 4 | digit;
    }
    self->at += 4;
    return true;
}

static gy_status read_escape(reader *self, char **out, gy_error *err)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *letter =
        self->at == self->end || *self->at == '\0' ? NULL : strchr(letters, *self->at);
    if (letter != NULL) {
        *(*out)++ = meanings[letter - letters];
        self->at++;
        return GY_OK;
    }
    uint32_t unit, low;
    if (self->at == self->end || *self->at != 'u')
        return fail_here(self, err, "this is no escape that JSON has");
    self->at++;
    if (!read_hex4(self, &unit))
        return fail_here(self, err, "\\u needs four hex digits");
    if (unit >= 0xd800 && unit < 0xe000) {
        if (unit >= 0xdc00 || self->end - self->at < 2 || self->at[0] != '\\' || self->at[1] != 'u')
            return fail_here(self, err, "half of a surrogate pair stands alone");
        self->at += 2;
        if (!read_hex4(self, &low) || low < 0xdc00 || low > 0xdfff)
            return fail_here(self, err, "half of a surrogate pair stands alone");
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    *out += gy_utf8_write(*out, unit);
    return GY_OK;
}

// A string's decoded bytes are fewer than its spelled ones: they fit into what the tree has left.
static gy_status read_string(reader *self, char **text, size_t *length, gy_error *err)
{
    GY_TRY(expect(self, '"', "a string in double quotes is missing here", err));
    char *out = *text = self->tree.text + self->tree.text_used;
    while (self->at < self->end && *self->at != '"') {
        size_t size =
            gy_utf8_length((const unsigned char *)self->at, (size_t)(self->end - self->at));
        if (size == 0)
            return fail_here(self, err, "this is not UTF-8");
        if ((unsigned char)*self->at < 0x20)
            return fail_here(self, err, "a control character in a string must be escaped");
        if (*self->at == '\\') {
            self->at++;
            GY_TRY(read_escape(self, &out, err));
            continue;
        }
        memcpy(out, self->at, size);
        out += size;
        self->at += size;
    }
    GY_TRY(expect(self, '"', "the string does not end", err));
    *out = '\0';
    *length = (size_t)(out - *text);
    self->tree.text_used += *length + 1;
    return GY_OK;
}

static gy_status read_number(reader *self, gy_json *value, gy_error *err)
{
    const char *end = self->at;
    while (end < self->end && *end != '\0' && strchr("+-.eE0123456789", *end) != NULL)
        end++;
    size_t length = (size_t)(end - self->at);
    if (!gy_number_is_json(self->at, length))
        return fail_here(self, err, "this is not a number as JSON spells it");
    value->text = gy_tree_text(&self->tree, self->at, length);
    value->text_length = length;
    if (!gy_number_read(&value->number, value->text, length) || !isfinite(value->number))
        return fail_here(self, err, "the number is beyond a double's range (1.8e308)");
    self->at = end;
    return GY_OK;
}

static gy_status read_word(reader *self, gy_json *value, gy_error *err)
{
    static const struct {
        const char *word;
        gy_json_kind kind;
        bool boolean;
    } words[] = {{"null", GY_JSON_NULL, false},
                 {"true", GY_JSON_BOOL, true},
                 {"false", GY_JSON_BOOL, false}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t length = strlen(words[i].word);
        if ((size_t)(self->end - self->at) >= length &&
            memcmp(self->at, words[i].word, length) == 0) {
            value->kind = words[i].kind;
            value->boolean = words[i].boolean;
            self->at += length;
            return GY_OK;
        }
    }
    return fail_here(self, err, "a value is missing here");
}

static gy_status read_member(reader *self, gy_error *err)
{
    char *key;
    size_t length;
    place where = place_of(self);
    GY_TRY(read_string(self, &key, &length, err));
    if (memchr(key, '\0', length) != NULL)
        return gy_fail(
            err, GY_FORMAT,
            "cannot read '%s': line %zu, column %zu: a name may not hold a NUL character",
            self->name, where.line, where.column);
    skip_space(self);
    GY_TRY(expect(self, ':', "a ':' is missing here", err));
    skip_space(self);
    return read_value(self, key, where, err);
}

static gy_status read_container(reader *self, size_t container, gy_error *err)
{
    bool object = *self->at++ == '{';
    char close = object ? '}' : ']';
    if (++self->depth > GY_JSON_DEPTH_MAX)
        return gy_fail(err, GY_LIMIT, "cannot read '%s': line %zu: over %d levels deep", self->name,
                       self->line, GY_JSON_DEPTH_MAX);
    skip_space(self);
    bool empty = self->at < self->end && *self->at == close;
    while (!empty) {
        GY_TRY(object ? read_member(self, err) : read_value(self, NULL, place_of(self), err));
        skip_space(self);
        if (self->at == self->end || *self->at != ',')
            break;
        self->at++;
        skip_space(self);
    }
    GY_TRY(expect(self, close,
                  object ? "a ',' or '}' is missing here" : "a ',' or ']' is missing here", err));
    self->depth--;
    return gy_tree_close(&self->tree, container, err);
}

static gy_status read_value(reader *self, const char *key, place where, gy_error *err)
{
    size_t index = self->tree.opened;
    gy_json *value = gy_tree_push(&self->tree, GY_JSON_NULL, where.line, where.column);
    value->key = key;
    char first = self->at == self->end ? '\0' : *self->at;
    if (first == '{' || first == '[') {
        value->kind = first == '{' ? GY_JSON_OBJECT : GY_JSON_ARRAY;
        return read_container(self, index, err);
    }
    if (first == '"') {
        char *text;
        GY_TRY(read_string(self, &text, &value->text_length, err));
        value->kind = GY_JSON_STRING;
        value->text = text;
        return GY_OK;
    }
    if (first == '-' || (first >= '0' && first <= '9')) {
        value->kind = GY_JSON_NUMBER;
        return read_number(self, value, err);
    }
    return self->at == self->end ? expect(self, 'x', "", err) : read_word(self, value, err);
}

// No document has more values than this: each but the first stands behind a comma or a bracket that
// is not inside a string.
static size_t count_values(const char *bytes, size_t length)
{
    size_t count = 1;
    bool inside = false;
    for (size_t i = 0; i < length; i++) {
        if (inside && bytes[i] == '\\')
            i++;
        else if (bytes[i] == '"')
            inside = !inside;
        else if (!inside && (bytes[i] == ',' || bytes[i] == '[' || bytes[i] == '{'))
            count++;
    }
    return count;
}

gy_status gy_json_parse(gy_json **root, const char *bytes, size_t length, const char *name,
                        gy_arena *arena, gy_error *err)
{
    reader self = {
        .at = bytes, .end = bytes + length, .name = name, .line = 1, .counted = bytes, .column = 1};
    // Text: every value but the last has a character behind it, in whose place its NUL goes.
    GY_TRY(gy_tree_init(&self.tree, count_values(bytes, length), length + 1, name, arena, err));
    skip_space(&self);
    GY_TRY(read_value(&self, NULL, place_of(&self), err));
    skip_space(&self);
    if (self.at != self.end)
        return fail_here(&self, err, "there is more behind the end of the document");
    *root = &self.tree.nodes[0];
    return GY_OK;
}

const gy_json *gy_json_get(const gy_json *object, const char *key)
{
    if (object == NULL || object->kind != GY_JSON_OBJECT)
        return NULL;
    for (size_t i = 0; i < object->count; i++)
        if (strcmp(object->items[i].key, key) == 0)
            return &object->items[i];
    return NULL;
}

void gy_json_write(gy_text *out, const gy_json *value)
{
    switch (value->kind) {
    case GY_JSON_NULL:
        gy_text_append(out, "null", 4);
        return;
    case GY_JSON_BOOL:
        gy_text_add(out, "%s", value->boolean ? "true" : "false");
        return;
    case GY_JSON_NUMBER:
        gy_text_append(out, value->text, value->text_length);
        return;
    case GY_JSON_STRING:
        gy_text_json_string(out, value->text, value->text_length);
        return;
    case GY_JSON_ARRAY:
    case GY_JSON_OBJECT:
        break;
    }
    bool object = value->kind == GY_JSON_OBJECT;
    gy_text_append(out, object ? "{" : "[", 1);
    for (size_t i = 0; i < value->count; i++) {
        if (i > 0)
            gy_text_append(out, ",", 1);
        if (object) {
            gy_text_json_string(out, value->items[i].key, strlen(value->items[i].key));
            gy_text_append(out, ":", 1);
        }
        gy_json_write(out, &value->items[i]);
    }
    gy_text_append(out, object ? "}" : "]", 1);
}
