// SPDX-License-Identifier: Apache-2.0
//
// gyre add: store files and folders as they are now.

#include <string.h>

#include "cli/command.h"

static void show_progress(void *context, const char *what, size_t done, size_t total)
{
    gy_progress(context, what, done, total);
}

static void print_added(gy_text *out, const gy_added *added, bool json)
{
    const gy_pointer *pointer = &added->pointer;
    unsigned long long samples = pointer->samples, bytes = pointer->bytes;
    if (!json) {
        gy_text_add(out, "%s: %llu sample%s, %llu bytes, version %.12s%s\n", added->path, samples,
                    samples == 1 ? "" : "s", bytes, gy_id_text(&pointer->root).text,
                    added->changed ? "" : ", unchanged");
        return;
    }
    gy_text_add(out, "{\"path\":");
    gy_text_json_string(out, added->path, strlen(added->path));
    gy_text_add(out,
                ",\"root\":\"%s\",\"samples\":%llu,\"bytes\":%llu,\"kind\":\"%s\",\"changed\":%s,"
                "\"files_read\":%zu,\"bytes_added\":%llu}\n",
                gy_id_text(&pointer->root).text, samples, bytes,
                pointer->is_folder ? "folder" : "file", added->changed ? "true" : "false",
                added->files_read, (unsigned long long)added->bytes_added);
}

static gy_status add_run(gy_cli *cli, gy_error *err)
{
    gy_store *store;
    GY_TRY(gy_options_parse(NULL, &gy_command_add, cli, err));
    gy_added *added = GY_NEW(cli->arena, gy_added, cli->operands);
    if (added == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu paths", cli->operands);
    GY_TRY(gy_store_open(&store, ".", err));
    gy_add_options options = {.progress = show_progress, .context = cli, .count = gy_table_count};
    gy_status status = gy_store_add(added, store, (const char *const *)cli->args, cli->operands,
                                    &options, cli->arena, err);
    gy_text out = {0};
    for (size_t i = 0; status == GY_OK && i < cli->operands; i++)
        print_added(&out, &added[i], cli->json);
    gy_store_close(store);
    gy_status printed = gy_print_text(cli, &out, err);
    return status == GY_OK ? printed : status;
}

const gy_command gy_command_add = {
    .name = "add",
    .usage = "gyre add PATH...",
    .summary = "store files and folders as they are now",
    .group = "data",
    .details =
        "Each PATH gets a pointer file PATH.gyre, a few lines that name the version; it belongs\n"
        "into git, the data does not: .gitignore is extended, both are staged. When the command\n"
        "succeeds, the version is on the disk, whatever happens to the machine. Files whose size\n"
        "and times have not changed are not read again.",
    .examples = "  gyre add images labels.csv && git commit -m 'first version'",
    .operands_min = 1,
    .operands_max = 10000,
    .run = add_run,
};
