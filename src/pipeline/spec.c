// SPDX-License-Identifier: Apache-2.0
//
// gyre.yaml into stages. Keys are dvc.yaml's; one that is not known is refused by its name and
// line, since a misspelt key would silently do nothing.

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "pipeline/pipeline.h"

static bool is_one_of(const char *text, const char *const *names)
{
    while (*names != NULL && strcmp(*names, text) != 0)
        names++;
    return *names != NULL;
}

static gy_status check_keys(const gy_pipeline *pipeline, const gy_json *object, const char *what,
                            const char *const *known, const char *const *refused, gy_error *err)
{
    for (size_t i = 0; i < object->count; i++) {
        const gy_json *item = &object->items[i];
        if (refused != NULL && is_one_of(item->key, refused))
            return gy_pipeline_fail(err, GY_UNSUPPORTED, pipeline, item->line,
                                    "'%s' in %s is not supported: write the stages out", item->key,
                                    what);
        if (!is_one_of(item->key, known))
            return gy_pipeline_fail(err, GY_FORMAT, pipeline, item->line, "unknown key '%s' in %s",
                                    item->key, what);
    }
    return GY_OK;
}

// What the parts of one stage are read with.
typedef struct reader {
    gy_pipeline *pipeline;
    gy_stage *stage;
    const gy_pipeline_scope *scope;
} reader;

static gy_status read_flag(bool *flag, const reader *self, const gy_json *object, const char *key,
                           gy_error *err)
{
    const gy_json *value = gy_json_get(object, key);
    if (value == NULL)
        return GY_OK;
    if (value->kind != GY_JSON_BOOL)
        return gy_pipeline_fail(err, GY_FORMAT, self->pipeline, value->line,
                                "stage '%s': '%s' must be true or false", self->stage->name, key);
    *flag = value->boolean;
    return GY_OK;
}

// A path of a stage, as it stands to the folder of gyre.yaml.
static gy_status place_path(const char **at, const reader *self, const char *path, size_t line,
                            bool inside, gy_error *err)
{
    gy_pipeline *pipeline = self->pipeline;
    const char *joined = gy_path_join(pipeline->arena, self->stage->wdir, path);
    *at = joined == NULL ? NULL : gy_path_clean(pipeline->arena, joined);
    if (*at == NULL)
        return gy_pipeline_no_memory(err);
    size_t length = strlen(pipeline->folder);
    if (strncmp(*at, pipeline->folder, length) == 0 && (*at)[length] == '/')
        *at += length + 1;
    bool outside = (*at)[0] == '/' || strcmp(*at, "..") == 0 || strncmp(*at, "../", 3) == 0;
    if (inside && (outside || (*at)[0] == '\0'))
        return gy_pipeline_fail(err, GY_INVALID, pipeline, line,
                                "stage '%s': the output '%s' is not inside the folder of gyre.yaml",
                                self->stage->name, path);
    if (strcmp(*at, ".gyre") == 0 || strncmp(*at, ".gyre/", 6) == 0)
        return gy_pipeline_fail(err, GY_INVALID, pipeline, line, "stage '%s': '%s' is gyre's own",
                                self->stage->name, path);
    return GY_OK;
}

// "PATH", or "PATH: {cache: ..., persist: ...}".
static gy_status read_path(gy_stage_path *read, const reader *self, const gy_json *entry,
                           gy_error *err)
{
    static const char *const known[] = {
        "cache", "persist", "desc",  "type",   "labels",  "meta",     "remote",  "push", "hash",
        "x",     "y",       "title", "header", "x_label", "template", "y_label", NULL};
    const gy_json *flags = NULL;
    const char *path = entry->text;
    read->line = entry->line;
    if (entry->kind == GY_JSON_OBJECT && entry->count == 1) {
        flags = &entry->items[0];
        path = flags->key;
    }
    if ((flags == NULL && entry->kind != GY_JSON_STRING) || path[0] == '\0' ||
        (flags != NULL && flags->kind != GY_JSON_OBJECT && flags->kind != GY_JSON_NULL))
        return gy_pipeline_fail(err, GY_FORMAT, self->pipeline, entry->line,
                                "stage '%s': a dep or output must be a path, or a path with flags",
                                self->stage->name);
    if (flags != NULL && flags->kind == GY_JSON_OBJECT) {
        GY_TRY(check_keys(self->pipeline, flags, "the flags of a path", known, NULL, err));
        bool cache = true;
        GY_TRY(read_flag(&read->persist, self, flags, "persist", err));
        GY_TRY(read_flag(&cache, self, flags, "cache", err));
        read->uncached = !cache;
        const gy_json *type = gy_json_get(flags, "type");
        read->predictions =
            type != NULL && type->kind == GY_JSON_STRING && strcmp(type->text, "predictions") == 0;
    }
    GY_TRY(gy_scope_expand(&read->path, self->scope, self->pipeline, path, entry->line, err));
    return place_path(&read->at, self, read->path, entry->line, read->role != GY_ROLE_DEP, err);
}

// The list under a key, or NULL; a single text counts as a list of one.
static gy_status get_list(const gy_json **items, size_t *count, const reader *self,
                          const gy_json *object, const char *key, gy_error *err)
{
    const gy_json *value = gy_json_get(object, key);
    *items = NULL;
    *count = 0;
    if (value == NULL || value->kind == GY_JSON_NULL)
        return GY_OK;
    if (value->kind != GY_JSON_ARRAY)
        return gy_pipeline_fail(err, GY_FORMAT, self->pipeline, value->line,
                                "stage '%s': '%s' must be a list", self->stage->name, key);
    *items = value->items;
    *count = value->count;
    return GY_OK;
}

static gy_status read_paths(const reader *self, const gy_json *object, gy_error *err)
{
    static const struct {
        const char *key;
        gy_path_role role;
    } lists[] = {{"deps", GY_ROLE_DEP},
                 {"outs", GY_ROLE_OUT},
                 {"metrics", GY_ROLE_METRIC},
                 {"plots", GY_ROLE_PLOT}};
    gy_stage *stage = self->stage;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        const gy_json *items;
        size_t count;
        bool dep = lists[i].role == GY_ROLE_DEP;
        gy_stage_path **paths = dep ? &stage->deps : &stage->outs;
        size_t *path_count = dep ? &stage->dep_count : &stage->out_count;
        GY_TRY(get_list(&items, &count, self, object, lists[i].key, err));
        gy_stage_path *grown = GY_NEW(self->pipeline->arena, gy_stage_path, *path_count + count);
        if (grown == NULL)
            return gy_pipeline_no_memory(err);
        if (*path_count > 0)
            memcpy(grown, *paths, *path_count * sizeof(*grown));
        *paths = grown;
        for (size_t j = 0; j < count; j++) {
            gy_stage_path *read = &grown[(*path_count)++];
            read->role = lists[i].role;
            GY_TRY(read_path(read, self, &items[j], err));
        }
    }
    return GY_OK;
}

static gy_status refuse_doubled_deps(const reader *self, gy_error *err)
{
    const gy_stage *stage = self->stage;
    for (size_t i = 0; i < stage->dep_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(stage->deps[i].at, stage->deps[j].at) == 0)
                return gy_pipeline_fail(err, GY_INVALID, self->pipeline, stage->deps[i].line,
                                        "stage '%s' names the input '%s' twice", stage->name,
                                        stage->deps[i].path);
    return GY_OK;
}

static gy_status add_param(const reader *self, const char *file, const char *key, size_t line,
                           gy_error *err)
{
    gy_stage *stage = self->stage;
    gy_stage_param *grown = GY_NEW(self->pipeline->arena, gy_stage_param, stage->param_count + 1);
    if (grown == NULL)
        return gy_pipeline_no_memory(err);
    if (stage->param_count > 0)
        memcpy(grown, stage->params, stage->param_count * sizeof(*grown));
    stage->params = grown;
    gy_stage_param *param = &grown[stage->param_count++];
    *param = (gy_stage_param){.line = line};
    GY_TRY(gy_scope_expand(&param->file, self->scope, self->pipeline, file, line, err));
    if (key != NULL)
        GY_TRY(gy_scope_expand(&param->key, self->scope, self->pipeline, key, line, err));
    return place_path(&param->at, self, param->file, line, false, err);
}

// "KEY" of params.yaml, or "FILE: [KEY, ...]", or "FILE:" for all of it.
static gy_status read_params(const reader *self, const gy_json *object, gy_error *err)
{
    const gy_json *items;
    size_t count;
    GY_TRY(get_list(&items, &count, self, object, "params", err));
    for (size_t i = 0; i < count; i++) {
        const gy_json *entry = &items[i];
        const gy_json *keys =
            entry->kind == GY_JSON_OBJECT && entry->count == 1 ? entry->items : NULL;
        bool whole = keys != NULL && keys->kind == GY_JSON_NULL;
        if (entry->kind == GY_JSON_STRING) {
            GY_TRY(add_param(self, "params.yaml", entry->text, entry->line, err));
            continue;
        }
        if (whole) {
            GY_TRY(add_param(self, keys->key, NULL, entry->line, err));
            continue;
        }
        if (keys == NULL || keys->kind != GY_JSON_ARRAY)
            return gy_pipeline_fail(err, GY_FORMAT, self->pipeline, entry->line,
                                    "stage '%s': an entry of 'params' must be a key, or a file "
                                    "with a list of keys",
                                    self->stage->name);
        for (size_t j = 0; j < keys->count; j++) {
            if (keys->items[j].kind != GY_JSON_STRING)
                return gy_pipeline_fail(err, GY_FORMAT, self->pipeline, keys->items[j].line,
                                        "stage '%s': a key of '%s' must be a text",
                                        self->stage->name, keys->key);
            GY_TRY(add_param(self, keys->key, keys->items[j].text, keys->items[j].line, err));
        }
    }
    return GY_OK;
}

static gy_status read_commands(const reader *self, const gy_json *object, gy_error *err)
{
    gy_stage *stage = self->stage;
    const gy_json *value = gy_json_get(object, "cmd");
    bool list = value != NULL && value->kind == GY_JSON_ARRAY;
    size_t count = list ? value->count : 1;
    const char **commands = GY_NEW(self->pipeline->arena, const char *, count);
    gy_text all = {0};
    if (commands == NULL)
        return gy_pipeline_no_memory(err);
    gy_status status = GY_OK;
    for (size_t i = 0; status == GY_OK && i < count; i++) {
        const gy_json *item = list ? &value->items[i] : value;
        if (item == NULL || item->kind != GY_JSON_STRING || item->text_length == 0)
            status = gy_pipeline_fail(
                err, GY_FORMAT, self->pipeline, item == NULL ? stage->line : item->line,
                "stage '%s' needs 'cmd': a command, or a list of them", stage->name);
        else
            status = gy_scope_expand(&commands[i], self->scope, self->pipeline, item->text,
                                     item->line, err);
        if (status == GY_OK)
            gy_text_add(&all, "%s%s", i == 0 ? "" : "\n", commands[i]);
    }
    if (status == GY_OK && count == 0)
        status = gy_pipeline_fail(err, GY_FORMAT, self->pipeline, stage->line,
                                  "stage '%s' has an empty 'cmd'", stage->name);
    if (status == GY_OK) {
        stage->commands = commands;
        stage->command_count = count;
        stage->command = all.status == GY_OK
                             ? gy_arena_copy(self->pipeline->arena, all.bytes, all.length)
                             : NULL;
        if (stage->command == NULL)
            status = gy_pipeline_no_memory(err);
    }
    gy_text_release(&all);
    return status;
}

static gy_status read_wdir(const reader *self, const gy_json *object, gy_error *err)
{
    const gy_json *value = gy_json_get(object, "wdir");
    const char *wdir = "";
    if (value != NULL && value->kind != GY_JSON_STRING)
        return gy_pipeline_fail(err, GY_FORMAT, self->pipeline, value->line,
                                "stage '%s': 'wdir' must be a folder", self->stage->name);
    if (value != NULL)
        GY_TRY(gy_scope_expand(&wdir, self->scope, self->pipeline, value->text, value->line, err));
    self->stage->wdir = gy_path_clean(self->pipeline->arena, wdir);
    return self->stage->wdir == NULL ? gy_pipeline_no_memory(err) : GY_OK;
}

// object: the keys of the stage, whose name is set.
static gy_status read_stage(gy_pipeline *pipeline, gy_stage *stage, const gy_json *object,
                            const gy_pipeline_scope *global, gy_error *err)
{
    static const char *const known[] = {"cmd",     "wdir",  "deps",   "outs",           "params",
                                        "metrics", "plots", "frozen", "always_changed", "desc",
                                        "meta",    "vars",  NULL};
    static const char *const refused[] = {"foreach", "do", "matrix", NULL}; // in another
    char what[200];
    gy_pipeline_scope scope = *global;
    reader self = {pipeline, stage, &scope};
    stage->line = object->line;
    snprintf(what, sizeof(what), "stage '%.100s'", stage->name);
    if (object->kind != GY_JSON_OBJECT)
        return gy_pipeline_fail(err, GY_FORMAT, pipeline, object->line,
                                "%s must have keys such as 'cmd'", what);
    GY_TRY(check_keys(pipeline, object, what, known, refused, err));
    GY_TRY(read_wdir(&self, object, err));
    GY_TRY(gy_scope_add(&scope, pipeline, gy_json_get(object, "vars"), stage->wdir, err));
    GY_TRY(read_commands(&self, object, err));
    GY_TRY(read_paths(&self, object, err));
    GY_TRY(refuse_doubled_deps(&self, err));
    GY_TRY(read_params(&self, object, err));
    GY_TRY(read_flag(&stage->frozen, &self, object, "frozen", err));
    return read_flag(&stage->always_changed, &self, object, "always_changed", err);
}

// params.yaml is there for ${...} without being named.
static gy_status global_scope(gy_pipeline_scope *scope, const gy_pipeline *pipeline, gy_error *err)
{
    const gy_json *defaults;
    gy_error problem;
    gy_status status =
        gy_params_file(&defaults, pipeline, "params.yaml", pipeline->arena, &problem);
    if (status != GY_OK && status != GY_NOT_FOUND)
        return gy_fail(err, status, "%s", problem.message);
    if (status == GY_OK && defaults->kind == GY_JSON_OBJECT)
        scope->objects[scope->count++] = defaults;
    return gy_scope_add(scope, pipeline, gy_json_get(pipeline->root, "vars"), "", err);
}

// All entries of 'stages', each as the stages that it stands for.
static gy_status read_groups(gy_stage_group *groups, gy_pipeline *pipeline, const gy_json *entries,
                             const gy_pipeline_scope *global, gy_error *err)
{
    size_t count = 0, values = 0;
    for (size_t i = 0; i < entries->count; i++) {
        GY_TRY(gy_stage_group_read(&groups[i], pipeline, &entries->items[i], global, err));
        count += groups[i].count;
        if (count > GY_PIPELINE_STAGES_MAX)
            return gy_pipeline_fail(err, GY_LIMIT, pipeline, entries->items[i].line,
                                    "over %d stages, with those of '%.100s'",
                                    GY_PIPELINE_STAGES_MAX, entries->items[i].key);
        values += groups[i].count * groups[i].value_count;
        if (values > GY_PIPELINE_VALUES_MAX)
            return gy_pipeline_fail(err, GY_LIMIT, pipeline, entries->items[i].line,
                                    "the stages of 'foreach' and 'matrix' hold over %d values, "
                                    "with those of '%.100s'",
                                    GY_PIPELINE_VALUES_MAX, entries->items[i].key);
    }
    pipeline->stages = GY_NEW(pipeline->arena, gy_stage, count);
    return pipeline->stages == NULL ? gy_pipeline_no_memory(err) : GY_OK;
}

static gy_status read_entries(gy_pipeline *pipeline, const gy_json *entries,
                              const gy_pipeline_scope *global, gy_error *err)
{
    gy_text_map names = {.arena = pipeline->arena};
    gy_stage_group *groups = GY_NEW(pipeline->arena, gy_stage_group, entries->count);
    if (groups == NULL)
        return gy_pipeline_no_memory(err);
    GY_TRY(read_groups(groups, pipeline, entries, global, err));
    for (size_t i = 0; i < entries->count; i++) {
        for (size_t j = 0; j < groups[i].count; j++) {
            const gy_stage_item *item = &groups[i].items[j];
            gy_stage *stage = &pipeline->stages[pipeline->stage_count++];
            gy_pipeline_scope scope = *global;
            uint64_t *place;
            bool fresh;
            scope.values = item->values;
            stage->name = item->name;
            stage->group = groups[i].name;
            GY_TRY(gy_text_map_at(&place, &fresh, &names, item->name, strlen(item->name), err));
            if (!fresh)
                return gy_pipeline_fail(err, GY_INVALID, pipeline, entries->items[i].line,
                                        "two stages are called '%.100s'", item->name);
            GY_TRY(read_stage(pipeline, stage, groups[i].body, &scope, err));
        }
    }
    return GY_OK;
}

gy_status gy_pipeline_read_stages(gy_pipeline *pipeline, gy_error *err)
{
    static const char *const known[] = {"stages", "vars",  "gates", "metrics",
                                        "params", "plots", "desc",  NULL};
    static const char *const refused[] = {"artifacts", "datasets", NULL};
    const gy_json *root = pipeline->root;
    if (root->kind != GY_JSON_OBJECT)
        return gy_pipeline_fail(err, GY_FORMAT, pipeline, root->line, "'stages:' is missing");
    GY_TRY(check_keys(pipeline, root, "gyre.yaml", known, refused, err));
    const gy_json *stages = gy_json_get(root, "stages");
    if (stages == NULL || stages->kind == GY_JSON_NULL)
        return GY_OK;
    if (stages->kind != GY_JSON_OBJECT)
        return gy_pipeline_fail(err, GY_FORMAT, pipeline, stages->line,
                                "'stages' must hold a name and keys for each stage");
    size_t left_bytes = GY_PIPELINE_TEXT_BYTES_MAX;
    gy_pipeline_scope scope = {.left_bytes = &left_bytes};
    GY_TRY(global_scope(&scope, pipeline, err));
    return read_entries(pipeline, stages, &scope, err);
}
