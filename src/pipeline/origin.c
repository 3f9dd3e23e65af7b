// SPDX-License-Identifier: Apache-2.0
//
// What a thing came from: the newest run that made its bytes, and each of that run's inputs in
// turn, down to data, code and parameters.

#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "pipeline/lineage.h"

enum { DEPTH_MAX = 64, PARENTS_MAX = 8 };

typedef struct origin_walk {
    gy_lineage *lineage;
    gy_id_map seen;
} origin_walk;

// The newest record of an id that satisfies a rule, and how many do.
typedef struct newest {
    const gy_id *id;
    const char *path; // the output must have it; NULL: any
    gy_arena *arena;
    const gy_json *body;
    const char *run, *commit;
    int64_t time_us;
    size_t count;
    gy_id parents[PARENTS_MAX];
    size_t parent_count;
} newest;

static const char *member_text(const gy_json *object, const char *key)
{
    const gy_json *value = gy_json_get(object, key);
    return value == NULL || value->kind != GY_JSON_STRING ? NULL : value->text;
}

static bool made(const gy_json *body, const newest *wanted)
{
    const gy_json *outs = gy_json_get(body, "outs");
    gy_id_hex hex = gy_id_text(wanted->id);
    for (size_t i = 0; outs != NULL && i < outs->count; i++) {
        const char *text = member_text(&outs->items[i], "id");
        const char *path = member_text(&outs->items[i], "path");
        if (text != NULL && strcmp(text, hex.text) == 0 &&
            (wanted->path == NULL || (path != NULL && strcmp(path, wanted->path) == 0)))
            return true;
    }
    return false;
}

static gy_status keep(newest *into, const gy_record *record, const gy_json *body, gy_error *err)
{
    into->count++;
    into->body = body;
    into->time_us = record->time_us;
    into->run =
        record->run == NULL ? NULL : gy_arena_copy(into->arena, record->run, strlen(record->run));
    into->commit = record->commit == NULL
                       ? NULL
                       : gy_arena_copy(into->arena, record->commit, strlen(record->commit));
    if ((record->run != NULL && into->run == NULL) ||
        (record->commit != NULL && into->commit == NULL))
        return gy_lineage_no_memory(err);
    return GY_OK;
}

static gy_status take_run(void *context, const gy_record *record, gy_error *err)
{
    newest *into = context;
    gy_json *body;
    GY_TRY(gy_json_parse(&body, record->body, strlen(record->body), "a run's record", into->arena,
                         err));
    return made(body, into) ? keep(into, record, body, err) : GY_OK;
}

// A deed outside of runs: the thing made stands first, what it was made from behind it.
static gy_status take_deed(void *context, const gy_record *record, gy_error *err)
{
    newest *into = context;
    gy_json *body;
    GY_TRY(gy_json_parse(&body, record->body, strlen(record->body), "a record", into->arena, err));
    const char *what = member_text(body, "what");
    if (what == NULL || strcmp(what, "trained") == 0 || record->id_count < 2 ||
        gy_id_compare(&record->ids[0], into->id) != 0)
        return GY_OK;
    into->parent_count = record->id_count - 1 < PARENTS_MAX ? record->id_count - 1 : PARENTS_MAX;
    memcpy(into->parents, record->ids + 1, into->parent_count * sizeof(gy_id));
    return keep(into, record, body, err);
}

static gy_status json_member(const char **text, const gy_json *body, const char *key,
                             gy_arena *arena, gy_error *err)
{
    const gy_json *value = gy_json_get(body, key);
    gy_text out = {0};
    *text = NULL;
    if (value == NULL || (value->kind == GY_JSON_OBJECT && value->count == 0))
        return GY_OK;
    gy_json_write(&out, value);
    *text = out.status == GY_OK ? gy_arena_copy(arena, out.bytes, out.length) : NULL;
    gy_text_release(&out);
    return *text == NULL ? gy_lineage_no_memory(err) : GY_OK;
}

static gy_status fill(gy_origin *origin, origin_walk *walk, const gy_id *id, const char *path,
                      size_t depth, gy_error *err);

static gy_status fill_inputs(gy_origin *origin, origin_walk *walk, const gy_json *deps,
                             size_t depth, gy_error *err)
{
    size_t count = deps == NULL ? 0 : deps->count;
    origin->inputs = GY_NEW(walk->lineage->arena, gy_origin, count);
    if (origin->inputs == NULL)
        return gy_lineage_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        gy_id id;
        const char *text = member_text(&deps->items[i], "id");
        const char *path = member_text(&deps->items[i], "path");
        const gy_json *bytes = gy_json_get(&deps->items[i], "bytes");
        if (text == NULL || gy_id_parse(&id, text, NULL) != GY_OK)
            continue;
        gy_origin *input = &origin->inputs[origin->input_count++];
        GY_TRY(fill(input, walk, &id, path, depth + 1, err));
        input->bytes = bytes == NULL ? 0 : (uint64_t)bytes->number;
    }
    return GY_OK;
}

static gy_status fill_run(gy_origin *origin, origin_walk *walk, const newest *run, size_t depth,
                          gy_error *err)
{
    gy_arena *arena = walk->lineage->arena;
    const gy_json *dirty = gy_json_get(run->body, "dirty");
    const gy_json *seconds = gy_json_get(run->body, "seconds");
    origin->run = run->run;
    origin->runs = run->count;
    origin->stage = member_text(run->body, "stage");
    origin->command = member_text(run->body, "command");
    origin->commit = run->commit;
    origin->is_dirty = dirty != NULL && dirty->boolean;
    origin->time_us = run->time_us;
    origin->seconds = seconds == NULL ? 0 : seconds->number;
    GY_TRY(json_member(&origin->params, run->body, "params", arena, err));
    GY_TRY(json_member(&origin->seeds, run->body, "seeds", arena, err));
    GY_TRY(json_member(&origin->host, run->body, "host", arena, err));
    GY_TRY(json_member(&origin->threads, run->body, "threads", arena, err));
    GY_TRY(json_member(&origin->libraries, run->body, "libraries", arena, err));
    GY_TRY(json_member(&origin->notes, run->body, "notes", arena, err));
    return fill_inputs(origin, walk, gy_json_get(run->body, "deps"), depth, err);
}

static gy_status fill_deed(gy_origin *origin, origin_walk *walk, const newest *deed, size_t depth,
                           gy_error *err)
{
    origin->how = member_text(deed->body, "what");
    origin->time_us = deed->time_us;
    origin->commit = deed->commit;
    origin->runs = deed->count;
    GY_TRY(json_member(&origin->params, deed->body, "params", walk->lineage->arena, err));
    origin->inputs = GY_NEW(walk->lineage->arena, gy_origin, deed->parent_count);
    if (origin->inputs == NULL)
        return gy_lineage_no_memory(err);
    const gy_json *from = gy_json_get(deed->body, "from");
    for (size_t i = 0; i < deed->parent_count; i++) {
        gy_origin *input = &origin->inputs[origin->input_count++];
        const char *path = from != NULL && from->kind == GY_JSON_ARRAY && i < from->count &&
                                   from->items[i].kind == GY_JSON_STRING
                               ? from->items[i].text
                               : NULL;
        GY_TRY(fill(input, walk, &deed->parents[i], path, depth + 1, err));
    }
    return GY_OK;
}

// The first time that a version was added at the origin's path.
static gy_status take_added(void *context, const gy_record *record, gy_error *err)
{
    newest *into = context;
    gy_json *body;
    if (into->body != NULL)
        return GY_OK;
    GY_TRY(gy_json_parse(&body, record->body, strlen(record->body), "a record", into->arena, err));
    const char *path = member_text(body, "path");
    return path != NULL && strcmp(path, into->path) == 0 ? keep(into, record, body, err) : GY_OK;
}

static gy_status fill_added(gy_origin *origin, gy_lineage *lineage, const char *path, gy_error *err)
{
    newest added = {.id = &origin->id, .path = path, .arena = lineage->arena};
    GY_TRY(gy_ledger_find(lineage->ledger, &(gy_ledger_query){.kind = "version", .id = &origin->id},
                          take_added, &added, err));
    if (added.body == NULL)
        return GY_OK;
    origin->added_us = added.time_us;
    origin->added_by = member_text(added.body, "by");
    origin->added_after = member_text(added.body, "before");
    return GY_OK;
}

// A version of data is where the walk ends: git and the ledger say who brought it.
static gy_status fill_version(gy_origin *origin, gy_lineage *lineage, const gy_id *id,
                              gy_error *err)
{
    GY_TRY(gy_lineage_load_versions(lineage, err));
    for (size_t i = 0; i < lineage->version_count; i++) {
        const gy_version_info *version = &lineage->versions[i];
        if (gy_id_compare(&version->pointer.root, id) != 0)
            continue;
        origin->is_dataset = true;
        origin->bytes = version->pointer.bytes;
        origin->commit = version->commit;
        origin->subject = version->subject;
        origin->time_us = version->time_s * 1000000;
        if (origin->path == NULL)
            origin->path = version->path;
        return fill_added(origin, lineage, version->path, err);
    }
    return GY_OK;
}

// A dataset may have the bytes of some output, a copy: only a run that made it at its own path is
// where it comes from. @param own [out] that path; NULL: path is no dataset's.
static gy_status dataset_path(const char **own, gy_lineage *lineage, const char *path,
                              gy_error *err)
{
    GY_TRY(gy_lineage_load_versions(lineage, err));
    for (size_t i = 0; path != NULL && i < lineage->dataset_count; i++) {
        const char *dataset = lineage->datasets[i].path;
        size_t length = strlen(dataset);
        if (strncmp(path, dataset, length) == 0 &&
            (path[length] == '\0' || strcmp(path + length, ".gyre") == 0))
            *own = dataset;
    }
    return GY_OK;
}

static gy_status fill(gy_origin *origin, origin_walk *walk, const gy_id *id, const char *path,
                      size_t depth, gy_error *err)
{
    gy_lineage *lineage = walk->lineage;
    bool fresh;
    uint64_t *value;
    *origin = (gy_origin){.path = path, .id = *id};
    GY_TRY(gy_id_map_at(&value, &fresh, &walk->seen, id, err));
    origin->is_told = !fresh;
    newest run = {.id = id, .arena = lineage->arena}, deed = run;
    GY_TRY(dataset_path(&run.path, lineage, path, err));
    if (depth > DEPTH_MAX)
        return GY_OK;
    GY_TRY(gy_ledger_find(lineage->ledger, &(gy_ledger_query){.kind = "run", .id = id}, take_run,
                          &run, err));
    if (run.count > 0 && !fresh) { // told above: its name is enough
        origin->stage = member_text(run.body, "stage");
        origin->run = run.run;
        return GY_OK;
    }
    if (run.count > 0)
        return fill_run(origin, walk, &run, depth, err);
    GY_TRY(gy_ledger_find(lineage->ledger, &(gy_ledger_query){.kind = "lineage", .id = id},
                          take_deed, &deed, err));
    if (deed.count > 0 && fresh)
        return fill_deed(origin, walk, &deed, depth, err);
    return fill_version(origin, lineage, id, err);
}

gy_status gy_lineage_origin(gy_origin **origin, gy_lineage *lineage, const gy_id *id,
                            const char *path, gy_error *err)
{
    origin_walk walk = {.lineage = lineage, .seen.arena = lineage->arena};
    *origin = GY_NEW(lineage->arena, gy_origin, 1);
    return *origin == NULL ? gy_lineage_no_memory(err) : fill(*origin, &walk, id, path, 0, err);
}
