// SPDX-License-Identifier: Apache-2.0
//
// gyre why: what a file, a model, a gate or a finding comes from.

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/record.h"

enum { COMMAND_BYTES_MAX = 199 };

static void add_json_or_null(gy_text *out, const char *key, const char *json)
{
    gy_text_add(out, ",\"%s\":%s", key, json == NULL ? "null" : json);
}

static void add_origin_json(gy_text *out, const gy_origin *origin)
{
    gy_text_add(out, "{\"id\":\"%s\",\"path\":", gy_id_text(&origin->id).text);
    gy_json_text(out, origin->path);
    gy_text_add(out, ",\"bytes\":%" PRIu64 ",\"dataset\":%s,\"stage\":", origin->bytes,
                origin->is_dataset ? "true" : "false");
    gy_json_text(out, origin->stage);
    gy_text_add(out, ",\"how\":");
    gy_json_text(out, origin->how);
    gy_text_add(out, ",\"run\":");
    gy_json_text(out, origin->run);
    gy_text_add(out, ",\"command\":");
    gy_json_text(out, origin->command);
    gy_text_add(out, ",\"commit\":");
    gy_json_text(out, origin->commit);
    gy_text_add(out, ",\"subject\":");
    gy_json_text(out, origin->subject);
    gy_text_add(out, ",\"dirty\":%s,\"time_us\":%" PRId64 ",\"seconds\":",
                origin->is_dirty ? "true" : "false", origin->time_us);
    gy_text_json_number(out, origin->seconds);
    gy_text_add(out, ",\"added_us\":%" PRId64 ",\"added_by\":", origin->added_us);
    gy_json_text(out, origin->added_by);
    gy_text_add(out, ",\"added_after\":");
    gy_json_text(out, origin->added_after);
    add_json_or_null(out, "params", origin->params);
    add_json_or_null(out, "seeds", origin->seeds);
    add_json_or_null(out, "host", origin->host);
    add_json_or_null(out, "threads", origin->threads);
    add_json_or_null(out, "libraries", origin->libraries);
    add_json_or_null(out, "notes", origin->notes);
    gy_text_add(out, ",\"inputs\":[");
    for (size_t i = 0; i < origin->input_count; i++) {
        gy_text_add(out, i == 0 ? "" : ",");
        add_origin_json(out, &origin->inputs[i]);
    }
    gy_text_add(out, "]}");
}

static void add_line(gy_text *out, int indent, const char *what, const char *text)
{
    if (text != NULL)
        gy_text_add(out, "%*s%s: %s\n", indent, "", what, text);
}

static void add_origin_text(gy_text *out, const gy_origin *origin, int indent)
{
    gy_text_add(out, "%*s%s %.12s", indent, "",
                origin->path == NULL ? "what has the id" : origin->path,
                gy_id_text(&origin->id).text);
    if (origin->is_dataset && origin->commit != NULL)
        gy_text_add(out, ": data, version of commit %.10s of %s, '%s'", origin->commit,
                    gy_time_text(origin->time_us).text, origin->subject);
    else if (origin->is_dataset)
        gy_text_add(out, ": data, a version that is not committed");
    else if (origin->is_told && origin->stage != NULL)
        gy_text_add(out, ": made by stage '%s' (above)", origin->stage);
    else if (origin->stage != NULL)
        gy_text_add(out, ": made by stage '%s'", origin->stage);
    else if (origin->how != NULL)
        gy_text_add(out, ": %s", origin->how);
    gy_text_add(out, "\n");
    int inner = indent + 4;
    if (origin->added_us != 0)
        gy_text_add(out, "%*sadded %s%s%s%s%.12s\n", inner, "", gy_time_text(origin->added_us).text,
                    origin->added_by == NULL ? "" : " by ",
                    origin->added_by == NULL ? "" : origin->added_by,
                    origin->added_after == NULL ? "" : ", after version ",
                    origin->added_after == NULL ? "" : origin->added_after);
    if (origin->is_told || origin->is_dataset)
        return;
    if (origin->stage != NULL) {
        gy_text_add(out, "%*srun %s, %s, %.1f s%s\n", inner, "", origin->run,
                    gy_time_text(origin->time_us).text, origin->seconds,
                    origin->runs > 1 ? ", the newest of several with these bytes" : "");
        gy_text_add(out, "%*scommand: ", inner, "");
        for (size_t i = 0; i < COMMAND_BYTES_MAX && origin->command[i] != '\0'; i++)
            gy_text_add(out, origin->command[i] == '\n' ? "; " : "%c", origin->command[i]);
        gy_text_add(out, "\n");
    }
    if (origin->commit != NULL)
        gy_text_add(out, "%*scommit %.10s%s\n", inner, "", origin->commit,
                    origin->is_dirty ? ", with changes that were not committed" : "");
    add_line(out, inner, "parameters", origin->params);
    add_line(out, inner, "seeds", origin->seeds);
    for (size_t i = 0; i < origin->input_count; i++)
        add_origin_text(out, &origin->inputs[i], inner);
}

// ---- what is known beside: verdicts and numbers

typedef struct beside {
    const gy_cli *cli;
    gy_text *out;
    size_t count;
    size_t begin; // where their lines do
} beside;

static gy_status add_record(void *context, const gy_record *record, gy_error *err)
{
    beside *self = context;
    if (self->cli->json) {
        gy_text_add(self->out, self->count++ == 0 ? "" : ",");
        gy_record_json(self->out, record);
        return GY_OK;
    }
    char kind[40];
    snprintf(kind, sizeof(kind), "%.30s ", record->kind);
    return gy_record_line(self->out, self->begin, kind, record, self->cli->arena, err);
}

static gy_status add_records(beside *self, gy_lineage *lineage, const gy_id *id, gy_error *err)
{
    static const char *const kinds[] = {"finding", "label", "metric", "gate", "approval"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        GY_TRY(gy_ledger_find(gy_lineage_ledger(lineage),
                              &(gy_ledger_query){.kind = kinds[i], .id = id}, add_record, self,
                              err));
    return GY_OK;
}

// A gate by its name: the newest verdict, and the predictions that it is about.
typedef struct named {
    const char *name;
    gy_id id;
    bool found;
} named;

static gy_status take_gate(void *context, const gy_record *record, gy_error *err)
{
    named *self = context;
    char rule[300];
    (void)err;
    snprintf(rule, sizeof(rule), "\"rule\":\"%s\"", self->name);
    if (record->id_count > 0 && strstr(record->body, rule) != NULL) {
        self->id = record->ids[0];
        self->found = true;
    }
    return GY_OK;
}

// A bundle, by its folder. What its manifest says is told, not believed.
static bool find_bundle(gy_bundle *bundle, const char *thing, gy_arena *arena)
{
    char index[4096];
    int used = snprintf(index, sizeof(index), "%s/index.json", thing);
    return used > 0 && (size_t)used < sizeof(index) && access(index, F_OK) == 0 &&
           gy_bundle_peek(bundle, thing, arena, NULL) == GY_OK;
}

static void add_bundle(gy_text *out, const gy_bundle *bundle, bool json)
{
    const char *const members[][2] = {
        {"data", bundle->facts.data}, {"commit", bundle->facts.commit}, {"run", bundle->facts.run}};
    gy_text_add(out,
                json ? "\"bundle\":{\"manifest\":\"%s\",\"counter\":%" PRIu64
                     : "bundle %.12s, counter %" PRIu64 ", says of itself:\n",
                gy_id_text(&bundle->manifest).text, bundle->facts.counter);
    gy_text_add(out, json ? ",\"model\":\"%s\"" : "    model: %.12s\n",
                gy_id_text(&bundle->facts.model).text);
    for (size_t i = 0; i < 3; i++) {
        if (json) {
            gy_text_add(out, ",\"%s\":", members[i][0]);
            gy_json_text(out, members[i][1]);
        } else {
            add_line(out, 4, members[i][0], members[i][1]);
        }
    }
    gy_text_add(out, json ? "}," : "");
}

static gy_status find_thing(gy_id *id, const char **path, gy_lineage *lineage, const char *thing,
                            gy_error *err)
{
    bool is_path = false;
    named gate = {.name = thing};
    gy_error problem = {0};
    gy_status status = gy_lineage_resolve(id, &is_path, lineage, thing, &problem);
    *path = is_path ? thing : NULL;
    if (status == GY_OK)
        return GY_OK;
    if (status == GY_NOT_FOUND)
        GY_TRY(gy_ledger_find(gy_lineage_ledger(lineage), &(gy_ledger_query){.kind = "gate"},
                              take_gate, &gate, err));
    *id = gate.id;
    return gate.found ? GY_OK : gy_fail(err, status, "%s", problem.message);
}

// Of a bundle that was not made here: where its model comes from.
static gy_status find_origin(gy_origin **origin, gy_id *id, gy_lineage *lineage,
                             const gy_bundle *bundle, const gy_cli *cli, gy_error *err)
{
    const char *path = cli->args[0];
    if (bundle == NULL) {
        GY_TRY(find_thing(id, &path, lineage, cli->args[0], err));
        return gy_lineage_origin(origin, lineage, id, path, err);
    }
    *id = bundle->manifest;
    GY_TRY(gy_lineage_origin(origin, lineage, id, path, err));
    if ((*origin)->how != NULL)
        return GY_OK;
    *id = bundle->facts.model;
    return gy_lineage_origin(origin, lineage, id, bundle->files[0].name, err);
}

static gy_status why_run(gy_cli *cli, gy_error *err)
{
    gy_lineage *lineage;
    gy_origin *origin;
    gy_text out = {0};
    gy_id id;
    beside self = {.cli = cli, .out = &out};
    gy_bundle bundle = {0};
    GY_TRY(gy_options_parse(NULL, &gy_command_why, cli, err));
    GY_TRY(gy_lineage_open(&lineage, ".", err));
    bool is_bundle = find_bundle(&bundle, cli->args[0], cli->arena);
    gy_status status = find_origin(&origin, &id, lineage, is_bundle ? &bundle : NULL, cli, err);
    if (status == GY_OK && is_bundle && !cli->json)
        add_bundle(&out, &bundle, false);
    if (status == GY_OK && cli->json) {
        gy_text_add(&out, "{");
        if (is_bundle)
            add_bundle(&out, &bundle, true);
        gy_text_add(&out, "\"origin\":");
        add_origin_json(&out, origin);
        gy_text_add(&out, ",\"records\":[");
    } else if (status == GY_OK) {
        add_origin_text(&out, origin, 0);
    }
    size_t length = self.begin = out.length;
    if (status == GY_OK)
        status = add_records(&self, lineage, &id, err);
    if (cli->json)
        gy_text_add(&out, "]}\n");
    bool nothing = status == GY_OK && !is_bundle && origin->stage == NULL && origin->how == NULL &&
                   !origin->is_dataset && out.length == length + (cli->json ? 3 : 0);
    gy_lineage_close(lineage);
    if (nothing || status != GY_OK)
        gy_text_release(&out);
    if (nothing)
        return gy_fail(err, GY_NOT_FOUND,
                       "no run in the ledger made '%s' (%.12s); gyre run records what it makes",
                       cli->args[0], gy_id_text(&id).text);
    return status == GY_OK ? gy_print_text(cli, &out, err) : status;
}

const gy_command gy_command_why = {
    .name = "why",
    .usage = "gyre why THING",
    .summary = "what a file, a model, a gate or an id comes from",
    .group = "ledger",
    .details =
        "THING is a path (a compiled program and a bundle's folder are paths, too), an id or "
        "its first digits, or the name of a gate. From the run "
        "that made\n"
        "its bytes the answer goes over that run's inputs to data versions, parameters and "
        "commits.\n"
        "What was found, measured and decided about it comes after.",
    .examples = "  gyre why model.onnx\n  gyre why metrics.json --json\n  gyre why better",
    .operands_min = 1,
    .operands_max = 1,
    .run = why_run,
};
