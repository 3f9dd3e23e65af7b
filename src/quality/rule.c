// SPDX-License-Identifier: Apache-2.0
//
// Contracts become rules (docs/formats/contract.md). A key that is not known is an error: a rule
// with a slip in its name would else be a rule that never fails.

#include "quality/rule.h"
#include "base/arena.h"

#include <stdio.h>
#include <string.h>

static gy_status refuse(const gy_rules *rules, const gy_json *at, const char *what,
                        const char *which, gy_error *err)
{
    return gy_fail(err, GY_FORMAT, "contract '%s': line %zu: %s '%s'", rules->path, at->line, what,
                   which);
}

static bool is_one_of(const char *key, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(*list, key) == 0)
            return true;
    return false;
}

static gy_status check_keys(const gy_rules *rules, const gy_json *object, const char *const *known,
                            const char *what, gy_error *err)
{
    if (object->kind != GY_JSON_OBJECT)
        return refuse(rules, object, "not a mapping of keys:", what, err);
    for (size_t i = 0; i < object->count; i++)
        if (!is_one_of(object->items[i].key, known))
            return gy_fail(err, GY_FORMAT, "contract '%s': line %zu: unknown %s '%s'", rules->path,
                           object->items[i].line, what, object->items[i].key);
    return GY_OK;
}

static gy_status add_rule(gy_rule **rule, gy_rules *rules, gy_rule_kind kind, const char *column,
                          const char *what, gy_error *err)
{
    gy_rule *items =
        gy_arena_grow(rules->arena, rules->items, rules->count, &rules->room, sizeof(*items));
    if (items == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu rules", rules->count + 1);
    rules->items = items;
    *rule = &rules->items[rules->count++];
    **rule = (gy_rule){.kind = kind, .column = column, .single = true};
    (*rule)->name = column == NULL ? gy_arena_copy(rules->arena, what, strlen(what))
                                   : gy_arena_format(rules->arena, "%s.%s", column, what);
    return (*rule)->name != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a rule");
}

// ---- bounds

bool gy_rule_holds(const gy_rule_bound *bound, double value, size_t rows)
{
    if (bound->percent)
        value = rows == 0 ? 0.0 : 100.0 * value / (double)rows;
    switch (bound->kind) {
    case GY_BE:
        return value == bound->low;
    case GY_NOT_BE:
        return value != bound->low;
    case GY_ABOVE:
        return value > bound->low;
    case GY_AT_LEAST:
        return value >= bound->low;
    case GY_BELOW:
        return value < bound->low;
    case GY_AT_MOST:
        return value <= bound->low;
    case GY_WITHIN:
        return value >= bound->low && value <= bound->high;
    case GY_OUTSIDE:
        break;
    }
    return value < bound->low || value > bound->high;
}

static const char *const bound_keys[] = {"mustBe",
                                         "mustNotBe",
                                         "mustBeGreaterThan",
                                         "mustBeGreaterOrEqualTo",
                                         "mustBeLessThan",
                                         "mustBeLessOrEqualTo",
                                         "mustBeBetween",
                                         "mustNotBeBetween",
                                         NULL};

static gy_status read_bound(gy_rule *rule, bool *given, const gy_rules *rules,
                            const gy_json *quality, gy_error *err)
{
    *given = false;
    for (int kind = 0; bound_keys[kind] != NULL; kind++) {
        const gy_json *value = gy_json_get(quality, bound_keys[kind]);
        if (value == NULL)
            continue;
        bool pair = kind >= GY_WITHIN;
        if (*given)
            return refuse(rules, value, "a second bound", bound_keys[kind], err);
        if (pair ? value->kind != GY_JSON_ARRAY || value->count != 2 ||
                       value->items[0].kind != GY_JSON_NUMBER ||
                       value->items[1].kind != GY_JSON_NUMBER
                 : value->kind != GY_JSON_NUMBER)
            return refuse(rules, value,
                          pair ? "not two numbers:" : "not a number:", bound_keys[kind], err);
        rule->bound.kind = (unsigned)kind;
        rule->bound.low = pair ? value->items[0].number : value->number;
        rule->bound.high = pair ? value->items[1].number : value->number;
        *given = true;
    }
    const gy_json *unit = gy_json_get(quality, "unit");
    if (unit != NULL && (unit->kind != GY_JSON_STRING ||
                         (strcmp(unit->text, "rows") != 0 && strcmp(unit->text, "percent") != 0)))
        return refuse(rules, unit, "a unit is rows or percent, not",
                      unit->kind == GY_JSON_STRING ? unit->text : "", err);
    rule->bound.percent = unit != NULL && strcmp(unit->text, "percent") == 0;
    rule->single = gy_rule_holds(&rule->bound, 0, 1) && !gy_rule_holds(&rule->bound, 1, SIZE_MAX) &&
                   (rule->bound.kind == GY_BE || rule->bound.kind == GY_AT_MOST ||
                    rule->bound.kind == GY_BELOW);
    return GY_OK;
}

// ---- the rules of one column

static gy_status read_flag(bool *flag, const gy_rules *rules, const gy_json *column,
                           const char *key, gy_error *err)
{
    const gy_json *value = gy_json_get(column, key);
    *flag = value != NULL && value->boolean;
    if (value != NULL && value->kind != GY_JSON_BOOL)
        return refuse(rules, value, "neither true nor false:", key, err);
    return GY_OK;
}

static gy_status read_type(gy_logical_type *type, gy_rules *rules, const gy_json *column,
                           const char *name, gy_error *err)
{
    static const struct {
        const char *text;
        gy_logical_type type;
    } types[] = {{"string", GY_LOGICAL_ANY},    {"integer", GY_LOGICAL_INTEGER},
                 {"number", GY_LOGICAL_NUMBER}, {"boolean", GY_LOGICAL_BOOLEAN},
                 {"date", GY_LOGICAL_DATE},     {"timestamp", GY_LOGICAL_TIMESTAMP}};
    const gy_json *value = gy_json_get(column, "logicalType");
    *type = GY_LOGICAL_ANY;
    if (value == NULL)
        return GY_OK;
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (value->kind == GY_JSON_STRING && strcmp(value->text, types[i].text) == 0) {
            gy_rule *rule;
            *type = types[i].type;
            if (*type == GY_LOGICAL_ANY)
                return GY_OK;
            GY_TRY(add_rule(&rule, rules, GY_RULE_TYPE, name, "type", err));
            rule->type = *type;
            rule->why = gy_arena_format(rules->arena, "not %s %s",
                                        types[i].text[0] == 'i' ? "an" : "a", types[i].text);
            return rule->why != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a rule");
        }
    return refuse(rules, value, "unknown logicalType",
                  value->kind == GY_JSON_STRING ? value->text : "", err);
}

static const char *json_text(const gy_json *value)
{
    return value->kind == GY_JSON_BOOL ? (value->boolean ? "true" : "false")
           : value->text == NULL       ? ""
                                       : value->text;
}

static gy_status add_limit(gy_rules *rules, const gy_json *option, const char *name,
                           gy_logical_type type, gy_error *err)
{
    gy_rule *rule;
    bool most = strstr(option->key, "aximum") != NULL;
    GY_TRY(add_rule(&rule, rules, most ? GY_RULE_MOST : GY_RULE_LEAST, name, option->key, err));
    rule->type = type;
    rule->exclusive = option->key[0] == 'e';
    static const char *const words[2][2] = {{"under", "not over"}, {"over", "not under"}};
    rule->why =
        gy_arena_format(rules->arena, "%s %s", words[most][rule->exclusive], json_text(option));
    const char *text = json_text(option);
    gy_cell_read(&rule->limit, text, strlen(text));
    bool number = rule->limit.kind == GY_CELL_INTEGER || rule->limit.kind == GY_CELL_NUMBER;
    bool time = rule->limit.kind == GY_CELL_DATE || rule->limit.kind == GY_CELL_TIME;
    bool wants_time = type == GY_LOGICAL_DATE || type == GY_LOGICAL_TIMESTAMP;
    if (rule->why == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a rule");
    if (type == GY_LOGICAL_ANY || type == GY_LOGICAL_BOOLEAN || (wants_time ? !time : !number))
        return refuse(rules, option, "not a bound of such a column:", option->key, err);
    if (rule->limit.kind == GY_CELL_DATE) {
        rule->limit.kind = GY_CELL_TIME;
        rule->limit.as.integer *= INT64_C(86400000000);
    }
    return GY_OK;
}

static gy_status add_length(gy_rules *rules, const gy_json *option, const char *name, gy_error *err)
{
    gy_rule *rule;
    bool longest = strcmp(option->key, "maxLength") == 0;
    if (option->kind != GY_JSON_NUMBER || option->number < 0 || option->number > 1e15)
        return refuse(rules, option, "not a length:", option->key, err);
    GY_TRY(add_rule(&rule, rules, longest ? GY_RULE_LONGEST : GY_RULE_SHORTEST, name, option->key,
                    err));
    rule->length = (size_t)option->number;
    rule->why = gy_arena_format(rules->arena, "%s than %zu characters",
                                longest ? "longer" : "shorter", rule->length);
    return rule->why != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a rule");
}

static gy_status set_pattern(gy_rule *rule, gy_rules *rules, const gy_json *value, gy_error *err)
{
    gy_error why = {0};
    if (value->kind != GY_JSON_STRING)
        return refuse(rules, value, "not a text:", "pattern", err);
    gy_status status = gy_pattern_compile(&rule->pattern, value->text, rules->arena, &why);
    rule->pattern_text = value->text;
    rule->why = gy_arena_format(rules->arena, "does not match %.200s", value->text);
    if (status != GY_OK)
        return gy_fail(err, status, "contract '%s': line %zu: %s", rules->path, value->line,
                       why.message);
    return rule->why != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a rule");
}

static gy_status read_options(gy_rules *rules, const gy_json *column, const char *name,
                              gy_logical_type type, gy_error *err)
{
    static const char *const known[] = {"minimum",          "maximum",   "exclusiveMinimum",
                                        "exclusiveMaximum", "minLength", "maxLength",
                                        "pattern",          NULL};
    const gy_json *options = gy_json_get(column, "logicalTypeOptions");
    if (options == NULL)
        return GY_OK;
    GY_TRY(check_keys(rules, options, known, "logicalTypeOption", err));
    for (size_t i = 0; i < options->count; i++) {
        const gy_json *option = &options->items[i];
        gy_rule *rule;
        if (strcmp(option->key, "pattern") == 0) {
            GY_TRY(add_rule(&rule, rules, GY_RULE_PATTERN, name, "pattern", err));
            GY_TRY(set_pattern(rule, rules, option, err));
        } else if (strstr(option->key, "Length") != NULL) {
            GY_TRY(add_length(rules, option, name, err));
        } else {
            GY_TRY(add_limit(rules, option, name, type, err));
        }
    }
    return GY_OK;
}

// ---- quality

static gy_status set_values(gy_rule *rule, gy_rules *rules, const gy_json *list, gy_error *err)
{
    if (list->kind != GY_JSON_ARRAY || list->count == 0)
        return refuse(rules, list, "not a list of values:", list->key, err);
    rule->values.arena = rules->arena;
    rule->cells = GY_NEW(rules->arena, gy_cell, list->count);
    if (rule->cells == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu values", list->count);
    for (size_t i = 0; i < list->count; i++) {
        const char *text = json_text(&list->items[i]);
        uint64_t *place = NULL;
        GY_TRY(gy_text_map_at(&place, NULL, &rule->values, text, strlen(text), err));
        gy_cell_read(&rule->cells[rule->cell_count++], text, strlen(text));
    }
    rule->why = rule->kind == GY_RULE_MISSING
                    ? "stands for a missing value"
                    : gy_arena_format(rules->arena, "not one of %zu valid values", list->count);
    return rule->why != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a rule");
}

static gy_status set_columns(gy_rule *rule, gy_rules *rules, const gy_json *quality,
                             const char *name, gy_error *err)
{
    const gy_json *list = gy_json_get(gy_json_get(quality, "arguments"), "properties");
    size_t count = name != NULL ? 1 : list != NULL && list->kind == GY_JSON_ARRAY ? list->count : 0;
    if (count == 0)
        return refuse(rules, quality, "no arguments.properties (which columns) for",
                      "duplicateValues", err);
    rule->columns = GY_NEW(rules->arena, const char *, count);
    if (rule->columns == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a rule");
    for (size_t i = 0; i < count; i++)
        rule->columns[i] = name != NULL ? name : json_text(&list->items[i]);
    rule->column_count = count;
    rule->why = "not unique";
    return GY_OK;
}

static gy_status add_library(gy_rule **rule, gy_rules *rules, const gy_json *quality,
                             const char *name, gy_error *err)
{
    static const char *const known[] = {"validValues", "pattern", "missingValues", "properties",
                                        NULL};
    const gy_json *metric = gy_json_get(quality, "metric");
    const gy_json *arguments = gy_json_get(quality, "arguments");
    const char *text = metric == NULL ? "" : json_text(metric);
    if (arguments != NULL)
        GY_TRY(check_keys(rules, arguments, known, "argument", err));
    const gy_json *valid = gy_json_get(arguments, "validValues");
    const gy_json *pattern = gy_json_get(arguments, "pattern");
    const gy_json *missing = gy_json_get(arguments, "missingValues");
    if (strcmp(text, "rowCount") == 0 && name == NULL)
        return add_rule(rule, rules, GY_RULE_ROW_COUNT, name, text, err);
    if (strcmp(text, "nullValues") == 0 && name != NULL) {
        GY_TRY(add_rule(rule, rules, GY_RULE_REQUIRED, name, text, err));
        (*rule)->why = "no value";
        return GY_OK;
    }
    if (strcmp(text, "duplicateValues") == 0) {
        GY_TRY(add_rule(rule, rules, GY_RULE_UNIQUE, name, text, err));
        return set_columns(*rule, rules, quality, name, err);
    }
    if (strcmp(text, "missingValues") == 0 && name != NULL && missing != NULL) {
        GY_TRY(add_rule(rule, rules, GY_RULE_MISSING, name, text, err));
        return set_values(*rule, rules, missing, err);
    }
    if (strcmp(text, "invalidValues") == 0 && name != NULL &&
        (valid == NULL) != (pattern == NULL)) {
        GY_TRY(add_rule(rule, rules, valid != NULL ? GY_RULE_VALUES : GY_RULE_PATTERN, name,
                        valid != NULL ? "validValues" : "pattern", err));
        return valid != NULL ? set_values(*rule, rules, valid, err)
                             : set_pattern(*rule, rules, pattern, err);
    }
    return refuse(rules, metric == NULL ? quality : metric,
                  "a metric that is not known here, or without its arguments:", text, err);
}

static gy_status add_quality(gy_rules *rules, const gy_json *quality, const char *name,
                             gy_error *err)
{
    static const char *const known[] = {"id",
                                        "name",
                                        "description",
                                        "type",
                                        "metric",
                                        "arguments",
                                        "unit",
                                        "severity",
                                        "dimension",
                                        "query",
                                        "businessImpact",
                                        "tags",
                                        "mustBe",
                                        "mustNotBe",
                                        "mustBeGreaterThan",
                                        "mustBeGreaterOrEqualTo",
                                        "mustBeBetween",
                                        "mustNotBeBetween",
                                        "mustBeLessThan",
                                        "mustBeLessOrEqualTo",
                                        NULL};
    GY_TRY(check_keys(rules, quality, known, "key of a rule", err));
    const gy_json *type = gy_json_get(quality, "type"), *query = gy_json_get(quality, "query");
    const gy_json *severity = gy_json_get(quality, "severity");
    const gy_json *own_name = gy_json_get(quality, "name");
    const char *kind = type == NULL ? "library" : json_text(type);
    gy_rule *rule;
    bool given;
    if (strcmp(kind, "text") == 0)
        return GY_OK; // for people
    if (strcmp(kind, "sql") == 0 && query != NULL && query->kind == GY_JSON_STRING) {
        GY_TRY(add_rule(&rule, rules, GY_RULE_SQL, name, "sql", err));
        rule->query = query->text;
        rule->why = "found by the rule's query";
    } else if (strcmp(kind, "library") == 0) {
        GY_TRY(add_library(&rule, rules, quality, name, err));
    } else {
        return refuse(rules, type == NULL ? quality : type,
                      "a type that is not known here (library, sql with its query, text):", kind,
                      err);
    }
    if (own_name != NULL && own_name->kind == GY_JSON_STRING)
        rule->name = own_name->text;
    GY_TRY(read_bound(rule, &given, rules, quality, err));
    if (!given && (rule->kind == GY_RULE_ROW_COUNT))
        return refuse(rules, quality, "no bound (mustBe...) for", "rowCount", err);
    if (severity != NULL && strcmp(json_text(severity), "error") != 0 &&
        strcmp(json_text(severity), "warning") != 0 && strcmp(json_text(severity), "info") != 0)
        return refuse(rules, severity, "a severity is error, warning or info, not",
                      json_text(severity), err);
    rule->warning = severity != NULL && strcmp(json_text(severity), "error") != 0;
    return GY_OK;
}

static gy_status add_all_quality(gy_rules *rules, const gy_json *owner, const char *name,
                                 gy_error *err)
{
    const gy_json *list = gy_json_get(owner, "quality");
    if (list != NULL && list->kind != GY_JSON_ARRAY)
        return refuse(rules, list, "not a list of rules:", "quality", err);
    for (size_t i = 0; list != NULL && i < list->count; i++)
        GY_TRY(add_quality(rules, &list->items[i], name, err));
    return GY_OK;
}

static bool is_true(const gy_json *value)
{
    return value != NULL && value->kind == GY_JSON_BOOL && value->boolean;
}

static gy_status check_custom(const gy_rules *rules, const gy_json *column, gy_error *err)
{
    static const char *const known[] = {"gyre.file", "gyre.image",   "gyre.label",   "gyre.exclude",
                                        "gyre.pii",  "gyre.missing", "gyre.decimal", NULL};
    const gy_json *list = gy_json_get(column, "customProperties");
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const gy_json *property = gy_json_get(&list->items[i], "property");
        if (property != NULL && property->kind == GY_JSON_STRING &&
            strncmp(property->text, "gyre.", 5) == 0 && !is_one_of(property->text, known))
            return refuse(rules, property, "unknown custom property", property->text, err);
    }
    return GY_OK;
}

static gy_status add_column(gy_rules *rules, const gy_json *column, gy_error *err)
{
    static const char *const known[] = {"id",
                                        "name",
                                        "physicalName",
                                        "businessName",
                                        "description",
                                        "physicalType",
                                        "logicalType",
                                        "logicalTypeOptions",
                                        "required",
                                        "unique",
                                        "primaryKey",
                                        "tags",
                                        "classification",
                                        "examples",
                                        "quality",
                                        "encryptedName",
                                        "criticalDataElement",
                                        "primaryKeyPosition",
                                        "customProperties",
                                        "authoritativeDefinitions",
                                        NULL};
    const char *name = gy_json_get(column, "name")->text;
    gy_logical_type type;
    gy_rule *rule;
    bool required, unique;
    GY_TRY(check_keys(rules, column, known, "key of a column", err));
    GY_TRY(check_custom(rules, column, err));
    GY_TRY(add_rule(&rule, rules, GY_RULE_EXISTS, name, "exists", err));
    rule->why = "the table has no such column";
    GY_TRY(read_flag(&required, rules, column, "required", err));
    if (required) {
        GY_TRY(add_rule(&rule, rules, GY_RULE_REQUIRED, name, "required", err));
        rule->why = "no value";
    }
    GY_TRY(read_type(&type, rules, column, name, err));
    GY_TRY(read_options(rules, column, name, type, err));
    GY_TRY(read_flag(&unique, rules, column, "unique", err));
    if (unique) {
        GY_TRY(add_rule(&rule, rules, GY_RULE_UNIQUE, name, "unique", err));
        GY_TRY(set_columns(rule, rules, column, name, err));
    }
    if (is_true(gy_contract_custom(column, "gyre.file"))) {
        GY_TRY(add_rule(&rule, rules, GY_RULE_FILE, name, "file", err));
        rule->why = "no such file";
    }
    if (is_true(gy_contract_custom(column, "gyre.image"))) {
        GY_TRY(add_rule(&rule, rules, GY_RULE_IMAGE, name, "image", err));
        rule->why = "not an image that can be decoded";
    }
    return add_all_quality(rules, column, name, err);
}

gy_status gy_rules_read(gy_rules *rules, const gy_json *schema, const char *path, gy_arena *arena,
                        gy_error *err)
{
    static const char *const known[] = {
        "id",   "name",       "physicalName", "physicalType",     "logicalType", "businessName",
        "tags", "properties", "quality",      "customProperties", "description", NULL};
    *rules = (gy_rules){.path = path, .arena = arena};
    gy_rule *rule;
    GY_TRY(check_keys(rules, schema, known, "key of a schema", err));
    GY_TRY(add_rule(&rule, rules, GY_RULE_READABLE, NULL, "readable", err));
    rule->why = "the record cannot be read";
    const gy_json *columns = gy_json_get(schema, "properties");
    for (size_t i = 0; i < columns->count; i++)
        GY_TRY(add_column(rules, &columns->items[i], err));
    return add_all_quality(rules, schema, NULL, err);
}
