// SPDX-License-Identifier: Apache-2.0
//
// gyre checkout: make the work tree hold what its pointer files and gyre.lock name.

#include <string.h>

#include "cli/command.h"

typedef struct checkout_options {
    bool force;
} checkout_options;

static const gy_option options[] = {
    {GY_OPTION_FLAG, "force", 'f', NULL, offsetof(checkout_options, force),
     "also over files that are not stored"},
    GY_OPTIONS_END,
};

static void show_progress(void *context, const char *what, size_t done, size_t total)
{
    gy_progress(context, what, done, total);
}

static void print_done(gy_text *out, const gy_checked_out *done, bool json)
{
    if (!json) {
        gy_text_add(out, "%s: %zu file%s written, %zu removed\n", done->path, done->written,
                    done->written == 1 ? "" : "s", done->removed);
        return;
    }
    gy_text_add(out, "{");
    gy_text_json_member(out, "path", done->path);
    gy_text_add(out, ",\"root\":\"%s\",\"written\":%zu,\"removed\":%zu}\n",
                gy_id_text(&done->pointer.root).text, done->written, done->removed);
}

static gy_status checkout_run(gy_cli *cli, gy_error *err)
{
    checkout_options chosen = {0};
    gy_store *store;
    gy_checked_out *done;
    size_t count = 0;
    GY_TRY(gy_options_parse(&chosen, &gy_command_checkout, cli, err));
    GY_TRY(gy_store_open(&store, ".", err));
    gy_checkout_options how = {.force = chosen.force, .progress = show_progress, .context = cli};
    gy_status status = gy_store_checkout(&done, &count, store, (const char *const *)cli->args,
                                         cli->operands, &how, cli->arena, err);
    gy_text out = {0};
    for (size_t i = 0; status == GY_OK && i < count; i++)
        print_done(&out, &done[i], cli->json);
    gy_store_close(store);
    gy_status printed = gy_print_text(cli, &out, err);
    return status == GY_OK ? printed : status;
}

const gy_command gy_command_checkout = {
    .name = "checkout",
    .usage = "gyre checkout [--force] [PATH...]",
    .summary = "make the work tree hold what its pointer files and gyre.lock name",
    .group = "data",
    .details =
        "Restores the data of the pointer files PATH.gyre and the outputs that gyre.lock says\n"
        "are stored, or all in the project. Every byte is verified before the first file is\n"
        "replaced: where a version is damaged, or something would be lost, nothing is. Files that\n"
        "are not stored are not touched: the command refuses and lists them, unless --force is\n"
        "given. git checkout changes the pointers and the lock, gyre checkout the data.",
    .examples = "  git checkout v1 && gyre checkout",
    .options = options,
    .operands_min = 0,
    .operands_max = 10000,
    .run = checkout_run,
};
