// SPDX-License-Identifier: Apache-2.0
//
// "vars" and ${...}: names in the texts of a stage stand for values of params.yaml and of vars.

#include <string.h>

#include "base/file.h"
#include "pipeline/pipeline.h"

static gy_status scope_push(gy_pipeline_scope *scope, const gy_pipeline *pipeline,
                            const gy_json *object, size_t line, gy_error *err)
{
    if (scope->count == sizeof(scope->objects) / sizeof(scope->objects[0]))
        return gy_pipeline_fail(err, GY_LIMIT, pipeline, line, "over %zu entries of 'vars'",
                                scope->count);
    // The latest counts: it stands first.
    memmove(scope->objects + 1, scope->objects, scope->count * sizeof(scope->objects[0]));
    scope->objects[0] = object;
    scope->count++;
    return GY_OK;
}

// "FILE" or "FILE:KEY,KEY": the whole of the file's object is taken either way, keys are checked.
static gy_status push_file(gy_pipeline_scope *scope, const gy_pipeline *pipeline,
                           const gy_json *entry, const char *wdir, gy_error *err)
{
    gy_arena *arena = pipeline->arena;
    size_t length = strcspn(entry->text, ":");
    const char *file = gy_arena_copy(arena, entry->text, length);
    const char *joined = file == NULL ? NULL : gy_path_join(arena, wdir, file);
    const char *at = joined == NULL ? NULL : gy_path_clean(arena, joined);
    if (at == NULL)
        return gy_pipeline_no_memory(err);
    const gy_json *object;
    GY_TRY(gy_params_file(&object, pipeline, at, arena, err));
    if (object->kind != GY_JSON_OBJECT)
        return gy_pipeline_fail(err, GY_FORMAT, pipeline, entry->line, "'%s' holds no names", file);
    for (const char *key = entry->text + length; *key != '\0';) {
        size_t size = strcspn(++key, ",");
        const char *name = gy_arena_copy(arena, key, size);
        if (name == NULL)
            return gy_pipeline_no_memory(err);
        if (gy_json_get(object, name) == NULL)
            return gy_pipeline_fail(err, GY_NOT_FOUND, pipeline, entry->line,
                                    "'%s' has no key '%s'", file, name);
        key += size;
    }
    return scope_push(scope, pipeline, object, entry->line, err);
}

gy_status gy_scope_add(gy_pipeline_scope *scope, const gy_pipeline *pipeline, const gy_json *vars,
                       const char *wdir, gy_error *err)
{
    if (vars == NULL || vars->kind == GY_JSON_NULL)
        return GY_OK;
    if (vars->kind != GY_JSON_ARRAY)
        return gy_pipeline_fail(err, GY_FORMAT, pipeline, vars->line,
                                "'vars' must be a list of files and of names with values");
    for (size_t i = 0; i < vars->count; i++) {
        const gy_json *entry = &vars->items[i];
        for (size_t j = 0; scope->values != NULL && j < entry->count; j++)
            if (gy_json_get(scope->values, entry->items[j].key) != NULL)
                return gy_pipeline_fail(err, GY_INVALID, pipeline, entry->items[j].line,
                                        "'%s' is what 'foreach' or 'matrix' sets: 'vars' cannot",
                                        entry->items[j].key);
        if (entry->kind == GY_JSON_OBJECT)
            GY_TRY(scope_push(scope, pipeline, entry, entry->line, err));
        else if (entry->kind == GY_JSON_STRING)
            GY_TRY(push_file(scope, pipeline, entry, wdir, err));
        else
            return gy_pipeline_fail(err, GY_FORMAT, pipeline, entry->line,
                                    "an entry of 'vars' must be a file or names with values");
    }
    return GY_OK;
}

// Whether a dotted name goes through a member of this object.
static bool starts_in(const gy_json *object, const char *name)
{
    size_t length = strcspn(name, ".[");
    for (size_t i = 0; object != NULL && i < object->count; i++)
        if (strlen(object->items[i].key) == length &&
            memcmp(object->items[i].key, name, length) == 0)
            return true;
    return false;
}

static gy_status find_value(const gy_json **found, const gy_pipeline_scope *scope,
                            const gy_pipeline *pipeline, const char *name, size_t line,
                            gy_error *err)
{
    bool own = starts_in(scope->values, name);
    *found = own ? gy_json_at(scope->values, name) : NULL;
    for (size_t i = 0; !own && i < scope->count && *found == NULL; i++)
        *found = gy_json_at(scope->objects[i], name);
    if (*found != NULL)
        return GY_OK;
    return gy_pipeline_fail(err, GY_INVALID, pipeline, line,
                            own ? "'${%s}': an item of 'foreach' or 'matrix' has no such value"
                                : "'${%s}': there is no such value in 'vars' or params.yaml",
                            name);
}

// The name that text, behind "${", begins with, and where the text goes on behind its "}".
static gy_status read_name(char name[256], const char **text, const gy_pipeline *pipeline,
                           size_t line, gy_error *err)
{
    const char *start = *text, *end = strchr(start, '}');
    size_t length = end == NULL ? 0 : (size_t)(end - start);
    if (length == 0 || length >= 256)
        return gy_pipeline_fail(err, GY_FORMAT, pipeline, line,
                                "'${' without a name of up to 255 bytes and '}'; for the text "
                                "itself write '\\${'");
    while (length > 0 && *start == ' ')
        start++, length--;
    while (length > 0 && start[length - 1] == ' ')
        length--;
    memcpy(name, start, length);
    name[length] = '\0';
    *text = end + 1;
    return GY_OK;
}

static gy_status expand_into(gy_text *out, const gy_pipeline_scope *scope,
                             const gy_pipeline *pipeline, const char *text, size_t line,
                             gy_error *err)
{
    char name[256];
    while (*text != '\0' && out->length <= *scope->left_bytes) {
        const char *start = strstr(text, "${");
        if (start == NULL) {
            gy_text_append(out, text, strlen(text));
            break;
        }
        bool escaped = start > text && start[-1] == '\\'; // \${ is ${
        gy_text_append(out, text, (size_t)(start - text) - escaped);
        text = start + 2;
        if (escaped) {
            gy_text_append(out, "${", 2);
            continue;
        }
        const gy_json *value;
        GY_TRY(read_name(name, &text, pipeline, line, err));
        GY_TRY(find_value(&value, scope, pipeline, name, line, err));
        if (!gy_json_scalar(out, value))
            return gy_pipeline_fail(err, GY_UNSUPPORTED, pipeline, line,
                                    "'${%s}' is no text, number or truth value", name);
    }
    if (out->length > *scope->left_bytes)
        return gy_pipeline_fail(err, GY_LIMIT, pipeline, line,
                                "texts with their '${...}' replaced are over the limit of %d bytes",
                                GY_PIPELINE_TEXT_BYTES_MAX);
    *scope->left_bytes -= out->length;
    return GY_OK;
}

gy_status gy_scope_expand(const char **expanded, const gy_pipeline_scope *scope,
                          const gy_pipeline *pipeline, const char *text, size_t line, gy_error *err)
{
    *expanded = text;
    if (strstr(text, "${") == NULL)
        return GY_OK;
    gy_text out = {0};
    gy_status status = expand_into(&out, scope, pipeline, text, line, err);
    if (status == GY_OK) {
        *expanded =
            out.status != GY_OK
                ? NULL
                : gy_arena_copy(pipeline->arena, out.bytes == NULL ? "" : out.bytes, out.length);
        if (*expanded == NULL)
            status = gy_pipeline_no_memory(err);
    }
    gy_text_release(&out);
    return status;
}

static gy_status resolve_text(gy_json *out, const gy_pipeline_scope *scope,
                              const gy_pipeline *pipeline, const gy_json *value, gy_error *err)
{
    char name[256];
    const char *rest = value->text + 2, *text;
    if (strncmp(value->text, "${", 2) == 0) {
        const gy_json *found;
        GY_TRY(read_name(name, &rest, pipeline, value->line, err));
        if (*rest == '\0') {
            GY_TRY(find_value(&found, scope, pipeline, name, value->line, err));
            *out = *found;
            out->key = value->key;
            out->line = value->line;
            return GY_OK;
        }
    }
    GY_TRY(gy_scope_expand(&text, scope, pipeline, value->text, value->line, err));
    out->text_length = text == value->text ? value->text_length : strlen(text);
    out->text = text;
    return GY_OK;
}

static gy_status resolve(gy_json *out, const gy_pipeline_scope *scope, const gy_pipeline *pipeline,
                         const gy_json *value, gy_error *err)
{
    *out = *value;
    if (value->kind == GY_JSON_STRING)
        GY_TRY(resolve_text(out, scope, pipeline, value, err));
    if (out->key != NULL)
        GY_TRY(gy_scope_expand(&out->key, scope, pipeline, out->key, value->line, err));
    if (value->count == 0)
        return GY_OK;
    out->items = GY_NEW(pipeline->arena, gy_json, value->count);
    if (out->items == NULL)
        return gy_pipeline_no_memory(err);
    for (size_t i = 0; i < value->count; i++) // as deep as a document can be
        GY_TRY(resolve(&out->items[i], scope, pipeline, &value->items[i], err));
    return GY_OK;
}

gy_status gy_scope_resolve(const gy_json **resolved, const gy_pipeline_scope *scope,
                           const gy_pipeline *pipeline, const gy_json *value, gy_error *err)
{
    gy_json *out = GY_NEW(pipeline->arena, gy_json, 1);
    *resolved = out;
    return out == NULL ? gy_pipeline_no_memory(err) : resolve(out, scope, pipeline, value, err);
}
