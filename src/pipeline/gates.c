// SPDX-License-Identifier: Apache-2.0
//
// The gates of gyre.yaml (docs/formats/gate.md): each holds a number against bounds, or new
// predictions against old ones. A verdict is a record in the ledger.

#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "pipeline/pipeline.h"
#include "pipeline/predictions.h"

// One gate as gyre.yaml has it.
typedef struct gate_rule {
    const char *name, *metric, *predictions, *than, *file, *unit;
    double min, max;
    gy_gate_options options;
    size_t line;
} gate_rule;

static gy_status wrong(const gy_pipeline *pipeline, const gate_rule *gate, const gy_json *at,
                       const char *key, const char *what, gy_error *err)
{
    return gy_pipeline_fail(err, GY_FORMAT, pipeline, at->line, "gate '%s': '%s' must be %s",
                            gate->name, key, what);
}

static gy_status read_text(const char **text, const gy_pipeline *pipeline, const gate_rule *gate,
                           const gy_json *object, const char *key, gy_error *err)
{
    const gy_json *value = gy_json_get(object, key);
    if (value == NULL)
        return GY_OK;
    if (value->kind != GY_JSON_STRING || value->text_length == 0)
        return wrong(pipeline, gate, value, key, "a text", err);
    *text = value->text;
    return GY_OK;
}

static gy_status read_number(double *number, const gy_pipeline *pipeline, const gate_rule *gate,
                             const gy_json *object, const char *key, gy_error *err)
{
    const gy_json *value = gy_json_get(object, key);
    if (value == NULL)
        return GY_OK;
    if (value->kind != GY_JSON_NUMBER)
        return wrong(pipeline, gate, value, key, "a number", err);
    *number = value->number;
    return GY_OK;
}

// "costs: {LABEL: {PREDICTION: COST}}".
static gy_status read_costs(gate_rule *gate, const gy_pipeline *pipeline, const gy_json *object,
                            gy_error *err)
{
    const gy_json *rows = gy_json_get(object, "costs");
    size_t count = 0;
    if (rows == NULL)
        return GY_OK;
    if (rows->kind != GY_JSON_OBJECT)
        return wrong(pipeline, gate, rows, "costs", "labels with predictions and costs", err);
    for (size_t i = 0; i < rows->count; i++)
        count += rows->items[i].count;
    gy_cost *costs = GY_NEW(pipeline->arena, gy_cost, count);
    if (costs == NULL)
        return gy_pipeline_no_memory(err);
    gate->options.costs = costs;
    for (size_t i = 0; i < rows->count; i++) {
        const gy_json *row = &rows->items[i];
        if (row->kind != GY_JSON_OBJECT)
            return wrong(pipeline, gate, row, "costs", "labels with predictions and costs", err);
        for (size_t j = 0; j < row->count; j++) {
            if (row->items[j].kind != GY_JSON_NUMBER)
                return wrong(pipeline, gate, &row->items[j], "costs", "numbers", err);
            costs[gate->options.cost_count++] =
                (gy_cost){row->key, row->items[j].key, row->items[j].number};
        }
    }
    return GY_OK;
}

static gy_status check_keys(const gy_pipeline *pipeline, const gate_rule *gate,
                            const gy_json *object, gy_error *err)
{
    static const char *const known[] = {"metric", "predictions", "than", "file", "min",
                                        "max",    "margin",      "unit", "seed", "confidence",
                                        "costs",  "resamples",   "desc"};
    if (object->kind != GY_JSON_OBJECT)
        return gy_pipeline_fail(err, GY_FORMAT, pipeline, object->line,
                                "gate '%s' must have keys such as 'metric'", gate->name);
    for (size_t i = 0; i < object->count; i++) {
        size_t at = 0;
        while (at < sizeof(known) / sizeof(known[0]) &&
               strcmp(known[at], object->items[i].key) != 0)
            at++;
        if (at == sizeof(known) / sizeof(known[0]))
            return gy_pipeline_fail(err, GY_FORMAT, pipeline, object->items[i].line,
                                    "unknown key '%s' in gate '%s'", object->items[i].key,
                                    gate->name);
    }
    return GY_OK;
}

static gy_status read_gate(gate_rule *gate, const gy_pipeline *pipeline, const gy_json *object,
                           gy_error *err)
{
    double resamples = 0, seed = 1;
    *gate = (struct gate_rule){.name = object->key,
                               .metric = "accuracy",
                               .unit = "",
                               .min = -INFINITY,
                               .max = INFINITY,
                               .options.confidence = 0.95,
                               .line = object->line};
    GY_TRY(check_keys(pipeline, gate, object, err));
    GY_TRY(read_text(&gate->metric, pipeline, gate, object, "metric", err));
    GY_TRY(read_text(&gate->predictions, pipeline, gate, object, "predictions", err));
    GY_TRY(read_text(&gate->than, pipeline, gate, object, "than", err));
    GY_TRY(read_text(&gate->file, pipeline, gate, object, "file", err));
    GY_TRY(read_text(&gate->unit, pipeline, gate, object, "unit", err));
    GY_TRY(read_number(&gate->min, pipeline, gate, object, "min", err));
    GY_TRY(read_number(&gate->max, pipeline, gate, object, "max", err));
    GY_TRY(read_number(&gate->options.margin, pipeline, gate, object, "margin", err));
    GY_TRY(read_number(&gate->options.confidence, pipeline, gate, object, "confidence", err));
    GY_TRY(read_number(&resamples, pipeline, gate, object, "resamples", err));
    GY_TRY(read_number(&seed, pipeline, gate, object, "seed", err));
    GY_TRY(read_costs(gate, pipeline, object, err));
    if (resamples < 0 || resamples > 1e7 || seed < 0 || seed > 9e15)
        return gy_pipeline_fail(err, GY_INVALID, pipeline, gate->line,
                                "gate '%s': resamples must be 1 to 10,000,000 and seed 0 to 9e15",
                                gate->name);
    gate->options.resamples = (size_t)resamples;
    gate->options.seed = (uint64_t)seed;
    gate->options.metric = gate->metric;
    bool bounds = isfinite(gate->min) || isfinite(gate->max);
    if ((gate->predictions == NULL) != (gate->than == NULL) || bounds == (gate->than != NULL))
        return gy_pipeline_fail(err, GY_FORMAT, pipeline, gate->line,
                                "gate '%s' needs either 'predictions' and 'than', or 'min' or "
                                "'max'",
                                gate->name);
    return GY_OK;
}

static gy_status gates_of(const gy_json **gates, const gy_pipeline *pipeline, gy_error *err)
{
    *gates = gy_json_get(pipeline->root, "gates");
    if (*gates != NULL && (*gates)->kind != GY_JSON_OBJECT && (*gates)->kind != GY_JSON_NULL)
        return gy_pipeline_fail(err, GY_FORMAT, pipeline, (*gates)->line,
                                "'gates' must hold a name and keys for each gate");
    return GY_OK;
}

gy_status gy_gates_mark(gy_pipeline *pipeline, gy_error *err)
{
    const gy_json *gates;
    GY_TRY(gates_of(&gates, pipeline, err));
    for (size_t i = 0; gates != NULL && i < gates->count; i++) {
        const gy_json *path = gy_json_get(&gates->items[i], "predictions");
        const char *at = path == NULL || path->kind != GY_JSON_STRING
                             ? ""
                             : gy_path_clean(pipeline->arena, path->text);
        if (at == NULL)
            return gy_pipeline_no_memory(err);
        for (size_t j = 0; j < pipeline->stage_count; j++)
            for (size_t k = 0; k < pipeline->stages[j].out_count; k++)
                if (strcmp(pipeline->stages[j].outs[k].at, at) == 0)
                    pipeline->stages[j].outs[k].predictions = true;
    }
    return GY_OK;
}

// ---- judging

// The older predictions as a file: `than` is a file, else a revision of git.
static gy_status find_older(gy_gate_table *older, bool *temporary, gy_id *id,
                            const gy_pipeline *pipeline, const gate_rule *gate, gy_arena *arena,
                            gy_error *err)
{
    char *bytes;
    size_t length;
    *temporary = false;
    *older = (gy_gate_table){gy_path_join(arena, pipeline->folder, gate->than), gate->than};
    const char *at = gy_path_clean(arena, gate->predictions);
    if (older->path == NULL || at == NULL)
        return gy_pipeline_no_memory(err);
    if (gy_file_exists(older->path))
        return gy_id_of_file(id, older->path, err);
    gy_error problem = {0};
    gy_status status =
        gy_revision_read(&bytes, &length, id, pipeline, gate->than, at, arena, &problem);
    if (status != GY_OK)
        return gy_fail(err, status, "gate '%s': than '%s': %s", gate->name, gate->than,
                       problem.message);
    const char *folder = gy_arena_format(arena, "%s/.gyre/cache/gate", pipeline->project);
    const char *name = strrchr(at, '/') == NULL ? at : strrchr(at, '/') + 1;
    older->path =
        folder == NULL ? NULL : gy_arena_format(arena, "%s/%ld-%s", folder, (long)getpid(), name);
    older->name = gy_arena_format(arena, "%s:%s", gate->than, at);
    if (older->path == NULL || older->name == NULL)
        return gy_pipeline_no_memory(err);
    GY_TRY(gy_file_make_folders(folder, err));
    *temporary = true;
    return gy_file_replace(older->path, bytes, length, err);
}

// The files that a gate judged: path is the newer one's, as gyre.yaml names it.
typedef struct judged {
    const char *path;
    gy_id ids[2]; // the newer; the older, where two are compared
    size_t count;
} judged;

static gy_status compare(gy_gate_verdict *verdict, judged *files, const gy_pipeline *pipeline,
                         const gate_rule *gate, gy_arena *arena, gy_error *err)
{
    bool temporary;
    gy_gate_table older;
    const gy_gate_table newer = {gy_path_join(arena, pipeline->folder, gate->predictions),
                                 gate->predictions};
    if (newer.path == NULL)
        return gy_pipeline_no_memory(err);
    files->path = gate->predictions;
    files->count = 2;
    gy_error problem = {0};
    gy_status status = gy_id_of_file(&files->ids[0], newer.path, &problem);
    if (status != GY_OK)
        return gy_fail(err, status, "gate '%s': %s", gate->name, problem.message);
    GY_TRY(find_older(&older, &temporary, &files->ids[1], pipeline, gate, arena, err));
    status = gy_gate_judge(verdict, &newer, &older, &gate->options, arena, &problem);
    if (temporary)
        unlink(older.path);
    return status == GY_OK ? GY_OK
                           : gy_fail(err, status, "gate '%s': %s", gate->name, problem.message);
}

static gy_status hold(gy_gate_verdict *verdict, judged *files, const gy_pipeline *pipeline,
                      const gate_rule *gate, gy_arena *arena, gy_error *err)
{
    gy_metric *metrics;
    size_t count;
    const gy_metric *found = NULL;
    GY_TRY(gy_pipeline_metrics(&metrics, &count, pipeline, NULL, arena, err));
    for (size_t i = 0; i < count; i++)
        if (strcmp(metrics[i].name, gate->metric) == 0 &&
            (gate->file == NULL || strcmp(metrics[i].path, gate->file) == 0))
            found = found == NULL ? &metrics[i] : found;
    if (found == NULL)
        return gy_fail(err, GY_NOT_FOUND, "gate '%s': no metrics file%s%s has a number '%s'",
                       gate->name, gate->file == NULL ? "" : " ",
                       gate->file == NULL ? "" : gate->file, gate->metric);
    const char *path = gy_path_join(arena, pipeline->folder, found->path);
    if (path == NULL)
        return gy_pipeline_no_memory(err);
    files->path = found->path;
    files->count = 1;
    GY_TRY(gy_id_of_file(&files->ids[0], path, err));
    verdict->value = found->value;
    verdict->passes = found->value >= gate->min && found->value <= gate->max;
    const char *words = !isfinite(gate->min)   ? "at most"
                        : !isfinite(gate->max) ? "at least"
                                               : "within";
    verdict->words =
        isfinite(gate->min) && isfinite(gate->max)
            ? gy_arena_format(arena, "%s %.4g, must be %s %.4g to %.4g", gate->metric, found->value,
                              words, gate->min, gate->max)
            : gy_arena_format(arena, "%s %.4g, must be %s %.4g", gate->metric, found->value, words,
                              isfinite(gate->min) ? gate->min : gate->max);
    return verdict->words == NULL ? gy_pipeline_no_memory(err) : GY_OK;
}

static void add_number(gy_text *out, const char *key, double value)
{
    gy_text_add(out, ",\"%s\":", key);
    gy_text_json_number(out, value);
}

static void write_body(gy_text *out, const gate_rule *gate, const gy_gate_verdict *verdict,
                       const judged *files)
{
    gy_text_add(out, "{\"rule\":");
    gy_text_json_string(out, gate->name, strlen(gate->name));
    gy_text_add(out, ",\"metric\":");
    gy_text_json_string(out, gate->metric, strlen(gate->metric));
    gy_text_add(out, ",\"verdict\":%s,\"words\":", verdict->passes ? "true" : "false");
    gy_text_json_string(out, verdict->words, strlen(verdict->words));
    gy_text_add(out, ",\"file\":");
    gy_text_json_string(out, files->path, strlen(files->path));
    gy_text_add(out, ",\"judged\":\"%s\"", gy_id_text(&files->ids[0]).text);
    if (verdict->compares) {
        const gy_gate_result *result = &verdict->result;
        add_number(out, "old", result->old_value);
        add_number(out, "new", result->new_value);
        add_number(out, "gain", result->gain);
        gy_text_add(out, ",\"interval\":[");
        gy_text_json_number(out, result->low);
        gy_text_add(out, ",");
        gy_text_json_number(out, result->high);
        gy_text_add(out, "],\"samples\":%zu,\"than\":", result->samples);
        gy_text_json_string(out, gate->than, strlen(gate->than));
        add_number(out, "margin", gate->options.margin);
        add_number(out, "confidence", gate->options.confidence);
        gy_text_add(out, ",\"unit\":");
        gy_text_json_string(out, gate->unit, strlen(gate->unit));
    } else {
        add_number(out, "value", verdict->value);
        add_number(out, "min", gate->min);
        add_number(out, "max", gate->max);
    }
    gy_text_add(out, "}");
}

// The verdict is about the files that it judged and what the newer came from: the model.
static gy_status record(const gy_pipeline *pipeline, const gate_rule *gate,
                        const gy_gate_verdict *verdict, const judged *files, gy_arena *arena,
                        gy_error *err)
{
    enum { IDS_MAX = 64 };
    gy_id ids[IDS_MAX];
    size_t count = 0;
    const char *at = gy_path_clean(arena, files->path);
    if (at == NULL)
        return gy_pipeline_no_memory(err);
    for (; count < files->count; count++)
        ids[count] = files->ids[count];
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        const gy_stage *stage = &pipeline->stages[i];
        for (size_t j = 0; j < stage->out_count; j++)
            for (size_t k = 0; strcmp(stage->outs[j].at, at) == 0 && k < stage->lock.dep_count; k++)
                if (count < IDS_MAX)
                    ids[count++] = stage->lock.deps[k].content.id;
    }
    gy_ledger *ledger;
    gy_text body = {0};
    write_body(&body, gate, verdict, files);
    if (body.status != GY_OK)
        return gy_pipeline_no_memory(err);
    gy_status status = gy_ledger_open(&ledger, pipeline->project, err);
    if (status == GY_OK) {
        gy_record entry = {.kind = "gate",
                           .ids = ids,
                           .id_count = count,
                           .body = body.bytes,
                           .writer = "gyre gate"};
        status = gy_ledger_append(ledger, &entry, 1, err);
        gy_ledger_close(ledger);
    }
    gy_text_release(&body);
    return status;
}

// A verdict outlives the pipeline.
static const char *copy(gy_arena *arena, const char *text)
{
    return gy_arena_copy(arena, text, strlen(text));
}

static gy_status judge(gy_gate_verdict *verdict, const gy_pipeline *pipeline, const gy_json *object,
                       gy_arena *arena, gy_error *err)
{
    gate_rule gate;
    judged files = {0};
    GY_TRY(read_gate(&gate, pipeline, object, err));
    *verdict = (gy_gate_verdict){.name = copy(arena, gate.name),
                                 .metric = copy(arena, gate.metric),
                                 .unit = copy(arena, gate.unit),
                                 .compares = gate.than != NULL,
                                 .low = gate.min,
                                 .high = gate.max,
                                 .margin = gate.options.margin,
                                 .confidence = gate.options.confidence};
    if (verdict->name == NULL || verdict->metric == NULL || verdict->unit == NULL)
        return gy_pipeline_no_memory(err);
    if (verdict->compares)
        GY_TRY(compare(verdict, &files, pipeline, &gate, arena, err));
    else
        GY_TRY(hold(verdict, &files, pipeline, &gate, arena, err));
    return record(pipeline, &gate, verdict, &files, arena, err);
}

// A gate that cannot be judged is told beside the others: it does not hide what they say.
static gy_status put_unjudged(gy_gate_verdict *verdict, const char *name, const gy_error *problem,
                              gy_arena *arena, gy_error *err)
{
    char prefix[300];
    snprintf(prefix, sizeof(prefix), "gate '%s': ", name);
    const char *words = problem->message;
    if (strncmp(words, prefix, strlen(prefix)) == 0)
        words += strlen(prefix);
    if (verdict->metric == NULL)
        *verdict = (gy_gate_verdict){.metric = "", .unit = ""};
    verdict->name = copy(arena, name);
    verdict->status = problem->status;
    verdict->passes = false;
    verdict->words = copy(arena, words);
    return verdict->name == NULL || verdict->words == NULL ? gy_pipeline_no_memory(err) : GY_OK;
}

static gy_status check_names(const gy_json *gates, const char *const *names, size_t count,
                             gy_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (gy_json_get(gates, names[i]) != NULL)
            continue;
        gy_text known = {0};
        for (size_t j = 0; j < gates->count; j++)
            gy_text_add(&known, "%s%s", j == 0 ? "" : ", ", gates->items[j].key);
        gy_status status = known.status != GY_OK ? gy_pipeline_no_memory(err)
                                                 : gy_fail(err, GY_NOT_FOUND,
                                                           "gyre.yaml has no gate '%s', it has: %s",
                                                           names[i], known.bytes);
        gy_text_release(&known);
        return status;
    }
    return GY_OK;
}

gy_status gy_pipeline_gates(gy_gate_verdict **verdicts, size_t *verdict_count,
                            gy_pipeline *pipeline, const char *const *names, size_t count,
                            gy_arena *arena, gy_error *err)
{
    const gy_json *gates;
    gy_error worst = {0}, problem;
    *verdict_count = 0;
    GY_TRY(gates_of(&gates, pipeline, err));
    size_t known = gates == NULL ? 0 : gates->count;
    if (known == 0)
        return gy_fail(err, GY_NOT_FOUND, "gyre.yaml has no 'gates' (see gyre help gate)");
    GY_TRY(check_names(gates, names, count, err));
    *verdicts = GY_NEW(arena, gy_gate_verdict, known);
    if (*verdicts == NULL)
        return gy_pipeline_no_memory(err);
    for (size_t i = 0; i < known; i++) {
        bool wanted = count == 0;
        for (size_t j = 0; j < count; j++)
            wanted = wanted || strcmp(names[j], gates->items[i].key) == 0;
        if (!wanted)
            continue;
        gy_gate_verdict *verdict = &(*verdicts)[*verdict_count];
        problem = (gy_error){0};
        if (judge(verdict, pipeline, &gates->items[i], arena, &problem) != GY_OK)
            GY_TRY(put_unjudged(verdict, gates->items[i].key, &problem, arena, err));
        ++*verdict_count;
        worst = worst.status == GY_OK ? problem : worst;
    }
    return worst.status == GY_OK ? GY_OK : gy_fail(err, worst.status, "%s", worst.message);
}
