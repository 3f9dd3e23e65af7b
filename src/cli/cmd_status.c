// SPDX-License-Identifier: Apache-2.0
//
// gyre status: the work tree against its pointer files.

#include <string.h>

#include "cli/command.h"

enum { SHOWN_MAX = 20 };

static const char *const kinds[] = {"added", "removed", "modified"};
static const char *const states[] = {"clean", "changed", "absent"};

static void print_json(gy_text *out, const gy_dataset *dataset)
{
    gy_text_add(out, "{\"path\":");
    gy_text_json_string(out, dataset->path, strlen(dataset->path));
    gy_text_add(out, ",\"state\":\"%s\",\"root\":\"%s\",\"samples\":%llu,\"changes\":[",
                states[dataset->state], gy_id_text(&dataset->pointer.root).text,
                (unsigned long long)dataset->pointer.samples);
    for (size_t i = 0; i < dataset->change_count; i++) {
        const gy_change *change = &dataset->changes[i];
        gy_text_add(out, "%s{\"kind\":\"%s\",\"path\":", i > 0 ? "," : "", kinds[change->kind]);
        gy_text_json_string(out, change->path, strlen(change->path));
        gy_text_add(out, "}");
    }
    gy_text_add(out, "]}\n");
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

static gy_status status_run(gy_cli *cli, gy_error *err)
{
    gy_store *store;
    gy_dataset *datasets;
    size_t count = 0, clean = 0;
    GY_TRY(gy_options_parse(NULL, &gy_command_status, cli, err));
    GY_TRY(gy_store_open(&store, ".", err));
    gy_status status = gy_store_status(&datasets, &count, store, (const char *const *)cli->args,
                                       cli->operands, cli->arena, err);
    gy_store_close(store);
    GY_TRY(status);
    gy_text out = {0};
    for (size_t i = 0; i < count; i++) {
        clean += datasets[i].state == GY_DATASET_CLEAN;
        if (cli->json)
            print_json(&out, &datasets[i]);
        else
            print_dataset(&out, &datasets[i]);
    }
    if (!cli->json && count == 0)
        gy_text_add(&out, "no datasets (gyre add PATH makes one)\n");
    else if (!cli->json && clean == count)
        gy_text_add(&out, "%zu dataset%s, nothing changed\n", count, count == 1 ? "" : "s");
    return gy_print_text(cli, &out, err);
}

const gy_command gy_command_status = {
    .name = "status",
    .usage = "gyre status [PATH...]",
    .summary = "show which data differ from what their pointer files name",
    .group = "data",
    .details = "Files whose size, times and inode are as when they were stored are not read.",
    .operands_min = 0,
    .operands_max = 10000,
    .run = status_run,
};
