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

static gy_status add_value(gy_text *out, const gy_pipeline_scope *scope,
                           const gy_pipeline *pipeline, const char *name, size_t line,
                           gy_error *err)
{
    const gy_json *value = NULL;
    for (size_t i = 0; i < scope->count && value == NULL; i++)
        value = gy_json_at(scope->objects[i], name);
    if (value == NULL)
        return gy_pipeline_fail(err, GY_INVALID, pipeline, line,
                                "'${%s}': there is no such value in 'vars' or params.yaml", name);
    switch (value->kind) {
    case GY_JSON_STRING:
    case GY_JSON_NUMBER:
        gy_text_append(out, value->text, value->text_length);
        return GY_OK;
    case GY_JSON_BOOL:
        gy_text_add(out, "%s", value->boolean ? "true" : "false");
        return GY_OK;
    default:
        return gy_pipeline_fail(err, GY_UNSUPPORTED, pipeline, line,
                                "'${%s}' is no text, number or truth value", name);
    }
}

static gy_status expand_into(gy_text *out, const gy_pipeline_scope *scope,
                             const gy_pipeline *pipeline, const char *text, size_t line,
                             gy_error *err)
{
    char name[256];
    while (*text != '\0') {
        const char *start = strstr(text, "${");
        if (start == NULL) {
            gy_text_append(out, text, strlen(text));
            return GY_OK;
        }
        bool escaped = start > text && start[-1] == '\\'; // \${ is ${
        gy_text_append(out, text, (size_t)(start - text) - escaped);
        text = start + 2;
        if (escaped) {
            gy_text_append(out, "${", 2);
            continue;
        }
        const char *end = strchr(text, '}');
        size_t length = end == NULL ? 0 : (size_t)(end - text);
        if (length == 0 || length >= sizeof(name))
            return gy_pipeline_fail(err, GY_FORMAT, pipeline, line,
                                    "'${' without a name of up to %zu bytes and '}'; for the text "
                                    "itself write '\\${'",
                                    sizeof(name) - 1);
        while (length > 0 && *text == ' ')
            text++, length--;
        while (length > 0 && text[length - 1] == ' ')
            length--;
        memcpy(name, text, length);
        name[length] = '\0';
        GY_TRY(add_value(out, scope, pipeline, name, line, err));
        text = end + 1;
    }
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
