// SPDX-License-Identifier: Apache-2.0
//
// gyre verify: is all there that versions need, and as it was stored.

#include <string.h>
#include <unistd.h>

#include "cli/command.h"

typedef struct verify_options {
    bool deep;
} verify_options;

static const gy_option options[] = {
    {GY_OPTION_FLAG, "deep", 0, NULL, offsetof(verify_options, deep),
     "read and hash all that is stored, and check the ledger's chains"},
    GY_OPTIONS_END,
};

static void show_progress(void *context, const char *what, size_t done, size_t total)
{
    gy_progress(context, what, done, total);
}

static bool is_pack(const gy_damage *damage)
{
    static const gy_id none;
    return gy_id_compare(&damage->id, &none) == 0;
}

static void print_damage(gy_text *out, const gy_damage *damage, bool json)
{
    gy_id_hex id = gy_id_text(&damage->id);
    if (is_pack(damage))
        id.text[0] = '\0';
    if (!json) {
        gy_text_add(out, "damaged: %s%s%s%s%s%s\n", id.text, id.text[0] == '\0' ? "" : ": ",
                    damage->what, damage->need[0] == '\0' ? "" : "; needed by ", damage->need,
                    damage->need[0] == '\0' && id.text[0] != '\0' ? "; nothing needs it" : "");
        return;
    }
    gy_text_add(out, "{\"damaged\":\"%s\"", id.text);
    gy_text_json_member(out, "what", damage->what);
    gy_text_json_member(out, "pack", damage->pack);
    gy_text_json_member(out, "need", damage->need);
    gy_text_add(out, "}\n");
}

static void print_verified(gy_text *out, const gy_verified *verified, const verify_options *chosen,
                           bool json)
{
    for (size_t i = 0; i < verified->damage_count; i++)
        print_damage(out, &verified->damage[i], json);
    if (json)
        gy_text_add(out,
                    "{\"packs\":%zu,\"objects\":%zu,\"bytes\":%llu,\"damaged\":%zu,\"deep\":%s}\n",
                    verified->packs, verified->objects, (unsigned long long)verified->bytes,
                    verified->damage_count, chosen->deep ? "true" : "false");
    else if (verified->damage_count == 0)
        gy_text_add(out, "%zu pack%s, %zu objects, %llu bytes: %s\n", verified->packs,
                    verified->packs == 1 ? "" : "s", verified->objects,
                    (unsigned long long)verified->bytes,
                    chosen->deep ? "all as it was stored" : "all there (--deep reads all of it)");
}

// The ledger's chains, where there is a ledger.
static gy_status verify_ledger(gy_text *out, const char *project, gy_cli *cli, gy_error *err)
{
    gy_ledger *ledger;
    char *path = gy_arena_format(cli->arena, "%s/.gyre/ledger.db", project);
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    if (access(path, F_OK) != 0)
        return GY_OK;
    GY_TRY(gy_ledger_open(&ledger, project, err));
    gy_status status = gy_ledger_verify(ledger, err);
    gy_ledger_close(ledger);
    if (status == GY_OK && !cli->json)
        gy_text_add(out, "ledger: every record as it was written\n");
    return status;
}

static gy_status verify_run(gy_cli *cli, gy_error *err)
{
    verify_options chosen = {0};
    gy_store *store;
    gy_verified verified = {0};
    GY_TRY(gy_options_parse(&chosen, &gy_command_verify, cli, err));
    GY_TRY(gy_store_open(&store, ".", err));
    gy_verify_options how = {.deep = chosen.deep, .progress = show_progress, .context = cli};
    gy_status status = gy_store_verify(&verified, store, &how, cli->arena, err);
    gy_text out = {0};
    if (status == GY_OK)
        print_verified(&out, &verified, &chosen, cli->json);
    if (status == GY_OK && chosen.deep)
        status = verify_ledger(&out, gy_store_project(store), cli, err);
    gy_store_close(store);
    GY_TRY(gy_print_text(cli, &out, err));
    if (status == GY_OK && verified.damage_count > 0)
        return gy_fail(err, GY_REFUSED, "%zu damaged (gyre add of the same files heals them)",
                       verified.damage_count);
    return status;
}

const gy_command gy_command_verify = {
    .name = "verify",
    .usage = "gyre verify [--deep]",
    .summary = "check that all stored versions are there and whole",
    .group = "data",
    .details =
        "Checks the packs' indexes, and that everything is there that the pointer files and\n"
        "gyre.lock of the work tree and of git's history name. With --deep every stored byte is "
        "read and\n"
        "hashed. Exit status 1: something is damaged; what, and what needs it, is listed.",
    .options = options,
    .operands_min = 0,
    .operands_max = 0,
    .run = verify_run,
};
