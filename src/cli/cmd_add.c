// SPDX-License-Identifier: Apache-2.0
//
// gyre add: store files and folders as they are now.

#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/record.h"

// What the steps of one add share.
typedef struct adding {
    gy_cli *cli;
    gy_store *store;
} adding;

static void show_progress(void *context, const char *what, size_t done, size_t total)
{
    gy_progress(((const adding *)context)->cli, what, done, total);
}

// ---- a record of each new version

static gy_status make_body(const char **body, const gy_added *added, const char *author,
                           gy_arena *arena, gy_error *err)
{
    const gy_pointer *pointer = &added->pointer;
    gy_text out = {0};
    gy_text_add(&out, "{");
    gy_text_json_member(&out, "path", added->path);
    gy_text_add(&out, ",\"root\":\"%s\",\"kind\":\"%s\",\"samples\":%llu,\"bytes\":%llu",
                gy_id_text(&pointer->root).text, pointer->is_folder ? "folder" : "file",
                (unsigned long long)pointer->samples, (unsigned long long)pointer->bytes);
    if (added->has_before)
        gy_text_add(&out, ",\"before\":\"%s\"", gy_id_text(&added->before).text);
    if (author != NULL) {
        gy_text_json_member(&out, "by", author);
    }
    gy_text_add(&out, "}");
    *body = out.status == GY_OK ? gy_arena_copy(arena, out.bytes, out.length) : NULL;
    gy_text_release(&out);
    return *body != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a record");
}

static gy_status make_records(gy_record *records, size_t *record_count, const adding *work,
                              const gy_added *added, size_t count, gy_error *err)
{
    const char *author, *commit;
    gy_arena *arena = work->cli->arena;
    GY_TRY(gy_store_git_state(&author, &commit, work->store, arena, err));
    for (size_t i = 0; i < count; i++) {
        gy_record *record = &records[*record_count];
        if (!added[i].changed)
            continue;
        gy_id_hex root = gy_id_text(&added[i].pointer.root);
        *record = (gy_record){.kind = "version",
                              .ids = &added[i].pointer.root,
                              .id_count = 1,
                              .run = getenv("GYRE_RUN"),
                              .version = gy_arena_copy(arena, root.text, strlen(root.text)),
                              .commit = commit,
                              .writer = "gyre add"};
        if (record->version == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a record");
        GY_TRY(make_body(&record->body, &added[i], author, arena, err));
        ++*record_count;
    }
    return GY_OK;
}

static gy_status record_versions(void *context, const gy_added *added, size_t count, gy_error *err)
{
    const adding *work = context;
    gy_ledger *ledger;
    gy_error reason = {0};
    size_t record_count = 0;
    gy_record *records = GY_NEW(work->cli->arena, gy_record, count);
    if (records == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu records", count);
    gy_status status = gy_ledger_open(&ledger, gy_store_project(work->store), &reason);
    if (status == GY_UNSUPPORTED) // a machine without SQLite, or a newer ledger: data come first
        return GY_OK;
    if (status != GY_OK)
        return gy_fail(err, status, "%s", reason.message);
    status = make_records(records, &record_count, work, added, count, err);
    if (status == GY_OK)
        status = gy_ledger_append(ledger, records, record_count, err);
    gy_ledger_close(ledger);
    return status;
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
    gy_text_add(out, "{");
    gy_text_json_member(out, "path", added->path);
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
    adding work = {cli, store};
    gy_add_options options = {.progress = show_progress,
                              .context = &work,
                              .count = gy_table_count,
                              .stored = record_versions};
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
        "succeeds, the version is on the disk, whatever happens to the machine, and the ledger "
        "says\n"
        "who added it (see gyre why PATH). Files whose size and times have not changed are not "
        "read\n"
        "again.",
    .examples = "  gyre add images labels.csv && git commit -m 'first version'",
    .operands_min = 1,
    .operands_max = 10000,
    .run = add_run,
};
