// SPDX-License-Identifier: Apache-2.0
//
// gyre status: the work tree against its pointer files and gyre.lock, and the stages against both.

#include <string.h>

#include "cli/command.h"

enum { SHOWN_MAX = 20 };

static const char *const kinds[] = {"added", "removed", "modified"};
static const char *const states[] = {"clean", "changed", "absent"};

static void print_json(gy_text *out, const gy_dataset *dataset)
{
    gy_text_add(out, "{");
    gy_text_json_member(out, "path", dataset->path);
    gy_text_add(out, ",\"state\":\"%s\",\"root\":\"%s\",\"samples\":%llu,\"changes\":[",
                states[dataset->state], gy_id_text(&dataset->pointer.root).text,
                (unsigned long long)dataset->pointer.samples);
    for (size_t i = 0; i < dataset->change_count; i++) {
        const gy_change *change = &dataset->changes[i];
        gy_text_add(out, "%s{\"kind\":\"%s\"", i > 0 ? "," : "", kinds[change->kind]);
        gy_text_json_member(out, "path", change->path);
        gy_text_add(out, "}");
    }
    gy_text_add(out, "]%s}\n", dataset->is_output ? ",\"output\":true" : "");
}

static void print_dataset(gy_text *out, const gy_dataset *dataset)
{
    size_t counts[3] = {0};
    for (size_t i = 0; i < dataset->change_count; i++)
        counts[dataset->changes[i].kind]++;
    if (dataset->state == GY_DATASET_CLEAN)
        return;
    if (dataset->state == GY_DATASET_ABSENT) {
        gy_text_add(out, "%s: absent (gyre checkout brings it)\n", dataset->path);
        return;
    }
    if (dataset->is_output) {
        gy_text_add(out,
                    "%s: not what its stage made (gyre run makes it again, gyre checkout --force "
                    "brings it back): %zu added, %zu removed, %zu modified\n",
                    dataset->path, counts[0], counts[1], counts[2]);
        return;
    }
    gy_text_add(out, "%s: changed (gyre add stores it): %zu added, %zu removed, %zu modified\n",
                dataset->path, counts[0], counts[1], counts[2]);
    for (size_t i = 0; i < dataset->change_count && i < SHOWN_MAX; i++) {
        const gy_change *change = &dataset->changes[i];
        if (change->path[0] != '\0')
            gy_text_add(out, "  %-8s  %s\n", kinds[change->kind], change->path);
    }
    if (dataset->change_count > SHOWN_MAX)
        gy_text_add(out, "  ... and %zu more\n", dataset->change_count - SHOWN_MAX);
}

static void print_datasets(gy_text *out, const gy_dataset *datasets, size_t count, bool json)
{
    size_t clean = 0, outputs = 0;
    for (size_t i = 0; i < count; i++) {
        clean += datasets[i].state == GY_DATASET_CLEAN;
        outputs += datasets[i].is_output;
        if (json)
            print_json(out, &datasets[i]);
        else
            print_dataset(out, &datasets[i]);
    }
    if (json || clean < count)
        return;
    size_t others = count - outputs;
    if (count == 0)
        gy_text_add(out, "no datasets (gyre add PATH makes one)\n");
    if (others > 0)
        gy_text_add(out, "%zu dataset%s, ", others, others == 1 ? "" : "s");
    if (outputs > 0)
        gy_text_add(out, "%zu output%s, ", outputs, outputs == 1 ? "" : "s");
    if (count > 0)
        gy_text_add(out, "nothing changed\n");
}

// What is told of stages.
typedef struct stage_status {
    gy_text *out;
    bool json;
} stage_status;

static void print_stage(void *context, const gy_stage_event *event)
{
    const stage_status *self = context;
    if (event->state != GY_STAGE_WOULD_RUN)
        return;
    if (!self->json) {
        gy_text_add(self->out, "stage %s: out of date: %s\n", event->stage, event->reason);
        return;
    }
    gy_text_add(self->out, "{");
    gy_text_json_member(self->out, "stage", event->stage);
    gy_text_add(self->out, ",\"state\":\"out of date\"");
    gy_text_json_member(self->out, "reason", event->reason);
    gy_text_add(self->out, "}\n");
}

// The stages of the gyre.yaml at or above this folder, where there is one.
static gy_status print_stages(gy_text *out, bool json, gy_error *err)
{
    gy_pipeline *pipeline;
    gy_error none = {0};
    stage_status self = {out, json};
    gy_status status = gy_pipeline_open(&pipeline, ".", &none);
    if (status == GY_NOT_FOUND)
        return GY_OK;
    if (status != GY_OK)
        return gy_fail(err, status, "%s", none.message);
    status = gy_pipeline_run(
        pipeline, &(gy_run_options){.dry_run = true, .report = print_stage, .context = &self}, err);
    gy_pipeline_close(pipeline);
    return status;
}

static gy_status status_run(gy_cli *cli, gy_error *err)
{
    gy_store *store;
    gy_dataset *datasets;
    size_t count = 0;
    GY_TRY(gy_options_parse(NULL, &gy_command_status, cli, err));
    GY_TRY(gy_store_open(&store, ".", err));
    gy_status status = gy_store_status(&datasets, &count, store, (const char *const *)cli->args,
                                       cli->operands, cli->arena, err);
    gy_store_close(store);
    GY_TRY(status);
    gy_text out = {0};
    print_datasets(&out, datasets, count, cli->json);
    if (cli->operands == 0)
        status = print_stages(&out, cli->json, err);
    gy_status printed = gy_print_text(cli, &out, status == GY_OK ? err : NULL);
    return status == GY_OK ? printed : status;
}

const gy_command gy_command_status = {
    .name = "status",
    .usage = "gyre status [PATH...]",
    .summary = "show which data and outputs differ from what is stored, and stages out of date",
    .group = "data",
    .details = "Data are compared with their pointer files, outputs of stages with gyre.lock. "
               "Files whose\n"
               "size, times and inode are as when they were stored are not read. Without PATH, the "
               "stages\n"
               "of gyre.yaml that gyre run would run follow, each with the reason.",
    .operands_min = 0,
    .operands_max = 10000,
    .run = status_run,
};
