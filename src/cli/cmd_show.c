// SPDX-License-Identifier: Apache-2.0
//
// gyre show: all that is known of one sample.

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/record.h"

// What is being told, to whom.
typedef struct teller {
    const gy_cli *cli;
    gy_lineage *lineage;
    const gy_id *id;
    gy_text *out;
    size_t told;  // of the section
    size_t begin; // where its lines do
    const char *heading;
} teller;

// In text a section begins with its heading, if there is anything in it; in JSON entries are parted
// by commas.
static void begin_entry(teller *self)
{
    if (self->cli->json)
        gy_text_add(self->out, "%s", self->told == 0 ? "" : ",");
    else if (self->told == 0)
        gy_text_add(self->out, "\n%s\n", self->heading);
    if (self->told++ == 0)
        self->begin = self->out->length;
}

static void begin_section(teller *self, const char *heading, const char *key)
{
    self->told = 0;
    self->heading = heading;
    if (self->cli->json)
        gy_text_add(self->out, ",\"%s\":[", key);
}

static void end_section(const teller *self)
{
    if (self->cli->json)
        gy_text_add(self->out, "]");
}

static gy_status tell_record(void *context, const gy_record *record, gy_error *err)
{
    teller *self = context;
    begin_entry(self);
    if (self->cli->json) {
        gy_record_json(self->out, record);
        return GY_OK;
    }
    return gy_record_line(self->out, self->begin, "", record, self->cli->arena, err);
}

static gy_status tell_kind(teller *self, const char *kind, const char *heading, const char *key,
                           gy_error *err)
{
    begin_section(self, heading, key);
    gy_status status =
        gy_ledger_find(gy_lineage_ledger(self->lineage),
                       &(gy_ledger_query){.kind = kind, .id = self->id}, tell_record, self, err);
    end_section(self);
    return status;
}

static void tell_version(teller *self, const gy_sample_version *version)
{
    gy_text *out = self->out;
    begin_entry(self);
    if (self->cli->json) {
        gy_text_add(out, "{\"dataset\":");
        gy_json_text(out, version->dataset);
        gy_text_add(out, ",\"version\":\"%s\",\"commit\":", gy_id_text(&version->root).text);
        gy_json_text(out, version->commit);
        gy_text_add(out, ",\"subject\":");
        gy_json_text(out, version->subject);
        gy_text_add(out, ",\"author\":");
        gy_json_text(out, version->author);
        gy_text_add(out, ",\"time\":%" PRId64, version->time_s);
        gy_text_add(out, ",\"path\":");
        gy_json_text(out, version->path);
        gy_text_add(out, ",\"row\":%zu,\"label\":", version->row);
        gy_json_text(out, version->label);
        gy_text_add(out, ",\"current\":%s}", version->is_current ? "true" : "false");
        return;
    }
    gy_text_add(out, "  %s", version->dataset);
    if (version->path != NULL && version->path[0] != '\0')
        gy_text_add(out, "/%s", version->path);
    if (version->row > 0)
        gy_text_add(out, ", row %zu", version->row);
    if (version->label != NULL)
        gy_text_add(out, ": %s", version->label);
    gy_text_add(out, "   version %.12s, ", gy_id_text(&version->root).text);
    if (version->commit != NULL)
        gy_text_add(out, "commit %.10s of %s, '%s'", version->commit,
                    gy_time_text(version->time_s * 1000000).text, version->subject);
    else
        gy_text_add(out, "not committed");
    if (version->commit == NULL && version->time_s != 0)
        gy_text_add(out, ", added %s%s%s", gy_time_text(version->time_s * 1000000).text,
                    version->author == NULL ? "" : " by ",
                    version->author == NULL ? "" : version->author);
    gy_text_add(out, "%s\n", version->is_current ? ", current" : "");
}

static gy_status tell_versions(teller *self, gy_error *err)
{
    gy_sample_version *versions;
    size_t count;
    GY_TRY(gy_lineage_versions(&versions, &count, self->lineage, self->id, err));
    begin_section(self, "versions that hold it", "versions");
    for (size_t i = 0; i < count; i++)
        tell_version(self, &versions[i]);
    end_section(self);
    return GY_OK;
}

static gy_status tell_models(teller *self, gy_error *err)
{
    gy_sample_model *models;
    size_t count;
    GY_TRY(gy_lineage_models(&models, &count, self->lineage, self->id, err));
    begin_section(self, "models trained with it", "models");
    for (size_t i = 0; i < count; i++) {
        const gy_sample_model *model = &models[i];
        begin_entry(self);
        if (self->cli->json) {
            gy_text_add(self->out, "{\"model\":\"%s\",\"path\":", gy_id_text(&model->model).text);
            gy_json_text(self->out, model->path);
            gy_text_add(self->out, ",\"run\":");
            gy_json_text(self->out, model->run);
            gy_text_add(self->out, ",\"exact\":%s,\"left_out\":%s,\"time_us\":%" PRId64 "}",
                        model->is_exact ? "true" : "false", model->is_left_out ? "true" : "false",
                        model->time_us);
        } else {
            gy_text_add(self->out, "  %s %.12s, %s%s%s%s\n",
                        model->path == NULL ? "model" : model->path, gy_id_text(&model->model).text,
                        gy_time_text(model->time_us).text, model->run == NULL ? "" : ", run ",
                        model->run == NULL ? "" : model->run,
                        model->is_exact      ? ""
                        : model->is_left_out ? " (made from a version that holds it, but "
                                               "not among the samples that its training named)"
                                             : " (made from a version that holds it)");
        }
    }
    end_section(self);
    return GY_OK;
}

static gy_status tell_all(teller *self, gy_error *err)
{
    if (self->cli->json)
        gy_text_add(self->out, "{\"id\":\"%s\"", gy_id_text(self->id).text);
    else
        gy_text_add(self->out, "%s\n", gy_id_text(self->id).text);
    size_t headed = self->out->length;
    GY_TRY(tell_versions(self, err));
    GY_TRY(tell_kind(self, "version", "added as a version", "added", err));
    GY_TRY(tell_kind(self, "finding", "findings", "findings", err));
    GY_TRY(tell_kind(self, "label", "labels given", "labels", err));
    GY_TRY(tell_models(self, err));
    GY_TRY(tell_kind(self, "prediction", "predictions of it", "predictions", err));
    GY_TRY(tell_kind(self, "metric", "metrics", "metrics", err));
    GY_TRY(tell_kind(self, "gate", "gates", "gates", err));
    GY_TRY(tell_kind(self, "approval", "approvals", "approvals", err));
    if (self->cli->json)
        gy_text_add(self->out, "}\n");
    else if (self->out->length == headed)
        gy_text_add(self->out, "nothing else is known of it\n");
    return GY_OK;
}

static gy_status show_run(gy_cli *cli, gy_error *err)
{
    gy_lineage *lineage;
    gy_text out = {0};
    gy_id id;
    GY_TRY(gy_options_parse(NULL, &gy_command_show, cli, err));
    GY_TRY(gy_lineage_open(&lineage, ".", err));
    gy_status status = gy_lineage_resolve(&id, NULL, lineage, cli->args[0], err);
    if (status == GY_OK) {
        teller self = {.cli = cli, .lineage = lineage, .id = &id, .out = &out};
        status = tell_all(&self, err);
    }
    gy_lineage_close(lineage);
    if (status != GY_OK)
        gy_text_release(&out);
    return status == GY_OK ? gy_print_text(cli, &out, err) : status;
}

const gy_command gy_command_show = {
    .name = "show",
    .usage = "gyre show ID|PATH",
    .summary = "all that is known of one sample: versions, findings, labels, models, predictions",
    .group = "ledger",
    .details =
        "An id, its first digits (4 on), or the path of the sample's file. Versions are those in\n"
        "git's history and those that were added and not committed; a table's row counts by its id "
        "(see gyre id --rows).\n"
        "A model is listed when its training named the sample, or when its run read a version "
        "that\n"
        "holds it.",
    .examples = "  gyre show 4f1c9a\n  gyre show images/3/00017.png --json",
    .operands_min = 1,
    .operands_max = 1,
    .run = show_run,
};
