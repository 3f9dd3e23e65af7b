// SPDX-License-Identifier: Apache-2.0
//
// The door to libyaml: YAML into the tree of base/json.h. Two passes over its events: the first
// refuses what we do not take and counts, the second builds.

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <yaml.h>

#include "base/library.h"
#include "base/number.h"
#include "base/tree.h"

typedef struct yaml_door {
    int (*initialize)(yaml_parser_t *);
    void (*delete)(yaml_parser_t *);
    void (*set_input)(yaml_parser_t *, const unsigned char *, size_t);
    int (*parse)(yaml_parser_t *, yaml_event_t *);
    void (*delete_event)(yaml_event_t *);
} yaml_door;

static yaml_door door;

static gy_status open_door(gy_error *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bool opened;
    const gy_library_symbol symbols[] = {
        {"yaml_parser_initialize", (void **)&door.initialize},
        {"yaml_parser_delete", (void **)&door.delete},
        {"yaml_parser_set_input_string", (void **)&door.set_input},
        {"yaml_parser_parse", (void **)&door.parse},
        {"yaml_event_delete", (void **)&door.delete_event},
    };
    pthread_mutex_lock(&lock);
    gy_status status = opened ? GY_OK
                              : gy_library_open("libyaml-0.so.2", "apt install libyaml-0-2",
                                                symbols, sizeof(symbols) / sizeof(symbols[0]), err);
    opened = status == GY_OK;
    pthread_mutex_unlock(&lock);
    return status;
}

typedef struct reader {
    const char *name;
    size_t depth, documents;
    size_t values, text_bytes; // first pass
    // Second pass: the open containers' places on the tree's stack, and the name that waits for its
    // value.
    gy_tree tree;
    size_t containers[GY_JSON_DEPTH_MAX];
    const char *key;
    size_t key_line, key_column;
} reader;

typedef gy_status take_event(reader *self, const yaml_event_t *event, gy_error *err);

static gy_status fail_at(const reader *self, yaml_mark_t mark, gy_error *err, const char *what)
{
    return gy_fail(err, GY_FORMAT, "cannot read '%s': line %zu, column %zu: %s", self->name,
                   mark.line + 1, mark.column + 1, what);
}

static gy_status parser_failure(const reader *self, const yaml_parser_t *parser, gy_error *err)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", self->name);
    const char *problem = parser->problem == NULL ? "this is not YAML" : parser->problem;
    // The reader's failures (bad UTF-8, control characters) have an offset in place of a mark.
    if (parser->error == YAML_READER_ERROR)
        return gy_fail(err, GY_FORMAT, "cannot read '%s': line %zu, byte %zu of the file: %s",
                       self->name, parser->mark.line + 1, parser->problem_offset + 1, problem);
    return fail_at(self, parser->problem_mark, err, problem);
}

// Hand each event of the document to take.
static gy_status for_each_event(reader *self, take_event *take, const char *bytes, size_t length,
                                gy_error *err)
{
    yaml_parser_t parser;
    if (!door.initialize(&parser))
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", self->name);
    door.set_input(&parser, (const unsigned char *)bytes, length);
    gy_status status = GY_OK;
    bool ended = false;
    while (status == GY_OK && !ended) {
        yaml_event_t event;
        if (!door.parse(&parser, &event)) {
            status = parser_failure(self, &parser, err);
            break;
        }
        ended = event.type == YAML_STREAM_END_EVENT;
        status = take(self, &event, err);
        door.delete_event(&event);
    }
    door.delete(&parser);
    return status;
}

static const char *refused_mark(const yaml_event_t *event)
{
    static const char anchor[] =
        "anchors (&) and aliases (*) are not supported: write the value out";
    static const char tag[] = "tags (!) are not supported: quote what is text";
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return anchor;
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor != NULL ? anchor
               : event->data.scalar.tag != NULL  ? tag
                                                 : NULL;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor != NULL ? anchor
               : event->data.sequence_start.tag != NULL  ? tag
                                                         : NULL;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor != NULL ? anchor
               : event->data.mapping_start.tag != NULL  ? tag
                                                        : NULL;
    default:
        return NULL;
    }
}

static gy_status count_event(reader *self, const yaml_event_t *event, gy_error *err)
{
    const char *refused = refused_mark(event);
    if (refused != NULL)
        return fail_at(self, event->start_mark, err, refused);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++self->documents > 1)
            return fail_at(self, event->start_mark, err, "a second document begins, must be one");
        return GY_OK;
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        self->values++;
        if (++self->depth > GY_JSON_DEPTH_MAX)
            return gy_fail(err, GY_LIMIT, "cannot read '%s': line %zu: over %d levels deep",
                           self->name, event->start_mark.line + 1, GY_JSON_DEPTH_MAX);
        return GY_OK;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        self->depth--;
        return GY_OK;
    case YAML_SCALAR_EVENT:
        self->values++;
        // A number's spelling may grow, to 32 bytes.
        self->text_bytes += event->data.scalar.length + 32;
        return GY_OK;
    default:
        return GY_OK;
    }
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

// Whether text is a core-schema integer in base 16 (0x) or 8 (0o), and which.
static bool read_prefixed(double *number, const char *text)
{
    bool hex = strncmp(text, "0x", 2) == 0;
    if ((!hex && strncmp(text, "0o", 2) != 0) || text[2] == '\0')
        return false;
    double value = 0;
    for (const char *at = text + 2; *at != '\0'; at++) {
        const char *digits = "0123456789abcdef";
        char lower = *at >= 'A' && *at <= 'F' ? (char)(*at + 32) : *at;
        const char *digit = strchr(digits, lower);
        if (digit == NULL || digit - digits >= (hex ? 16 : 8))
            return false;
        value = value * (hex ? 16 : 8) + (double)(digit - digits);
    }
    *number = value;
    return true;
}

// Whether text is a core-schema decimal: [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]?
// [0-9]+ )?
static bool is_decimal(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+');
    size_t whole = strspn(at, "0123456789");
    at += whole;
    size_t fraction = 0;
    if (*at == '.') {
        fraction = strspn(at + 1, "0123456789");
        at += 1 + fraction;
    }
    if (whole == 0 && fraction == 0)
        return false;
    if (*at == 'e' || *at == 'E') {
        at += 1 + (at[1] == '-' || at[1] == '+');
        size_t exponent = strspn(at, "0123456789");
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return *at == '\0';
}

// JSON's spelling of a decimal that YAML lets stand otherwise: +1, 007, .5, 1.
static const char *json_spelling(gy_tree *tree, gy_json *value, const char *text)
{
    char *out = tree->text + tree->text_used, *begin = out;
    if (*text == '-')
        *out++ = '-';
    text += *text == '-' || *text == '+';
    while (text[0] == '0' && text[1] >= '0' && text[1] <= '9')
        text++;
    if (*text == '.')
        *out++ = '0';
    for (; *text != '\0'; text++) {
        *out++ = *text;
        if (*text == '.' && (text[1] < '0' || text[1] > '9'))
            *out++ = '0';
    }
    *out = '\0';
    value->text_length = (size_t)(out - begin);
    tree->text_used += value->text_length + 1;
    return begin;
}

// What a plain scalar means in the core schema.
static gy_status set_plain(reader *self, gy_json *value, const yaml_event_t *event, gy_error *err)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    static const char *const not_finite[] = {".nan",  ".NaN",  ".NAN",  ".inf",  ".Inf",
                                             ".INF",  "+.inf", "+.Inf", "+.INF", "-.inf",
                                             "-.Inf", "-.INF", NULL};
    const char *text = (const char *)event->data.scalar.value;
    double number = 0;
    if (is_one_of(text, nulls)) {
        value->kind = GY_JSON_NULL;
    } else if (is_one_of(text, trues) || is_one_of(text, falses)) {
        value->kind = GY_JSON_BOOL;
        value->boolean = is_one_of(text, trues);
    } else if (is_one_of(text, not_finite)) {
        return fail_at(self, event->start_mark, err,
                       "only finite numbers are supported: quote what is text");
    } else if (read_prefixed(&number, text)) {
        value->kind = GY_JSON_NUMBER;
        gy_number_text spelling = gy_number_shortest(number);
        value->text_length = strlen(spelling.bytes);
        value->text = gy_tree_text(&self->tree, spelling.bytes, value->text_length);
    } else if (is_decimal(text)) {
        value->kind = GY_JSON_NUMBER;
        value->text = json_spelling(&self->tree, value, text);
        gy_number_read(&number, value->text, value->text_length);
    } else {
        value->kind = GY_JSON_STRING;
        value->text_length = event->data.scalar.length;
        value->text = gy_tree_text(&self->tree, text, value->text_length);
    }
    value->number = number;
    if (!isfinite(number))
        return fail_at(self, event->start_mark, err,
                       "the number is beyond a double's range (1.8e308)");
    return GY_OK;
}

static gy_json *push(reader *self, gy_json_kind kind, const yaml_event_t *event)
{
    gy_json *value =
        gy_tree_push(&self->tree, kind, event->start_mark.line + 1, event->start_mark.column + 1);
    if (self->key != NULL) {
        value->key = self->key;
        value->line = self->key_line;
        value->column = self->key_column;
        self->key = NULL;
    }
    return value;
}

static bool wants_key(const reader *self)
{
    return self->depth > 0 && self->key == NULL &&
           self->tree.nodes[self->containers[self->depth - 1]].kind == GY_JSON_OBJECT;
}

static gy_status take_scalar(reader *self, const yaml_event_t *event, gy_error *err)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    if (wants_key(self)) {
        if (memchr(text, '\0', length) != NULL)
            return fail_at(self, event->start_mark, err, "a name may not hold a NUL character");
        self->key = gy_tree_text(&self->tree, text, length);
        self->key_line = event->start_mark.line + 1;
        self->key_column = event->start_mark.column + 1;
        return GY_OK;
    }
    gy_json *value = push(self, GY_JSON_STRING, event);
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        return set_plain(self, value, event, err);
    value->text = gy_tree_text(&self->tree, text, length);
    value->text_length = length;
    return GY_OK;
}

static gy_status build_event(reader *self, const yaml_event_t *event, gy_error *err)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return take_scalar(self, event, err);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        if (wants_key(self))
            return fail_at(self, event->start_mark, err, "a name must be text");
        self->containers[self->depth] = self->tree.opened;
        push(self, event->type == YAML_MAPPING_START_EVENT ? GY_JSON_OBJECT : GY_JSON_ARRAY, event);
        self->depth++;
        return GY_OK;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        self->depth--;
        return gy_tree_close(&self->tree, self->containers[self->depth], err);
    default:
        return GY_OK;
    }
}

gy_status gy_yaml_parse(gy_json **root, const char *bytes, size_t length, const char *name,
                        gy_arena *arena, gy_error *err)
{
    GY_TRY(open_door(err));
    reader self = {.name = name};
    GY_TRY(for_each_event(&self, count_event, bytes, length, err));
    GY_TRY(gy_tree_init(&self.tree, self.values + 1, self.text_bytes + 1, name, arena, err));
    GY_TRY(for_each_event(&self, build_event, bytes, length, err));
    if (self.tree.opened == 0)
        gy_tree_push(&self.tree, GY_JSON_NULL, 1, 1);
    *root = &self.tree.nodes[0];
    return GY_OK;
}
