// SPDX-License-Identifier: Apache-2.0
//
// What audit and clean share.

#include "cli/findings.h"

#include <string.h>

gy_status gy_subject_find_project(gy_subject *subject, const gy_cli *cli, gy_error *err)
{
    gy_store *store;
    const char *folder = subject->table.folder[0] != '\0' ? subject->table.folder : ".";
    gy_error why = {0};
    gy_status status = gy_store_open(&store, folder, &why);
    if (status == GY_NOT_FOUND) // no project is no failure
        return GY_OK;
    if (status != GY_OK)
        return gy_fail(err, status, "%s", why.message);
    const char *project = gy_store_project(store);
    subject->project = gy_arena_copy(cli->arena, project, strlen(project));
    gy_store_close(store);
    return subject->project != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a path");
}

bool gy_subject_is_plain(const gy_subject *subject)
{
    for (size_t i = 0; i < subject->table.column_count; i++)
        if (subject->table.columns[i].type == GY_COLUMN_TENSOR)
            return false;
    return subject->marks.file_column == NULL;
}

gy_status gy_subject_read(gy_subject *subject, const char *path, const char *label,
                          const gy_cli *cli, gy_error *err)
{
    *subject = (gy_subject){0};
    gy_table_options options = {.label = label, .tolerant = true};
    GY_TRY(gy_table_read(&subject->table, path, &options, cli->arena, err));
    GY_TRY(gy_table_marks(&subject->marks, &subject->table, &options, cli->arena, err));
    GY_TRY(gy_table_ids(&subject->table, &subject->marks, cli->arena, err));
    for (size_t i = 0; i < subject->table.fault_count && i < 3 && !cli->quiet; i++)
        fprintf(stderr, "'%s' line %zu: %s\n", path, subject->table.faults[i].line,
                subject->table.faults[i].message);

    return gy_subject_find_project(subject, cli, err);
}

gy_status gy_records_append(gy_record *records, size_t count, const char *project, gy_error *err)
{
    gy_ledger *ledger;
    if (count == 0)
        return GY_OK;
    GY_TRY(gy_ledger_open(&ledger, project, err));
    gy_status status = gy_ledger_append(ledger, records, count, err);
    gy_ledger_close(ledger);
    return status;
}

static void add_member(gy_text *out, const char *key, const char *text)
{
    if (text != NULL)
        gy_text_json_member(out, key, text);
}

static gy_status take_body(const char **body, gy_text *text, gy_arena *arena, gy_error *err)
{
    gy_text_add(text, "}");
    *body = text->status == GY_OK ? gy_arena_copy(arena, text->bytes, text->length) : NULL;
    gy_text_release(text);
    return *body != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a record");
}

static gy_status keep(const gy_finding *findings, size_t count, const gy_subject *subject,
                      gy_error *err)
{
    gy_text lines = {0};
    for (size_t i = 0; i < count; i++)
        gy_finding_add_json(&lines, &findings[i]);
    gy_status status =
        gy_findings_keep(NULL, &lines, "audit", subject->project, &subject->table, err);
    gy_text_release(&lines);
    return status;
}

gy_status gy_findings_record(const gy_finding *findings, size_t count, const gy_subject *subject,
                             const gy_cli *cli, gy_error *err)
{
    if (subject->project == NULL)
        return GY_OK;
    GY_TRY(keep(findings, count, subject, err));
    gy_record *records = GY_NEW(cli->arena, gy_record, count + 1);
    if (records == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu records", count);
    size_t made = 0;
    for (size_t i = 0; i < count; i++) {
        if (!findings[i].is_flagged || !findings[i].has_id)
            continue;
        gy_text body = {0};
        gy_text_add(&body, "{\"kind\":\"%s\",\"score\":", gy_finding_kind_name(findings[i].kind));
        gy_text_json_number(&body, findings[i].score);
        add_member(&body, "given", findings[i].given);
        add_member(&body, "suggested", findings[i].suggested);
        add_member(&body, "reason", findings[i].reason);
        records[made] = (gy_record){
            .kind = "finding", .ids = &findings[i].id, .id_count = 1, .writer = "gyre audit"};
        GY_TRY(take_body(&records[made++].body, &body, cli->arena, err));
    }
    return gy_records_append(records, made, subject->project, err);
}

gy_status gy_changes_record(const gy_cleaning *cleaning, const gy_subject *subject,
                            const gy_cli *cli, gy_error *err)
{
    if (subject->project == NULL)
        return GY_OK;
    gy_record *records = GY_NEW(cli->arena, gy_record, cleaning->change_count + 1);
    if (records == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu records", cleaning->change_count);
    for (size_t i = 0; i < cleaning->change_count; i++) {
        const gy_label_change *change = &cleaning->changes[i];
        gy_text body = {0};
        gy_text_add(&body, "{\"part\":\"class\"");
        add_member(&body, "old", change->old_label);
        add_member(&body, "new", change->new_label);
        add_member(&body, "by", "gyre clean");
        add_member(&body, "reason", change->reason);
        records[i] =
            (gy_record){.kind = "label", .ids = &change->id, .id_count = 1, .writer = "gyre clean"};
        GY_TRY(take_body(&records[i].body, &body, cli->arena, err));
    }
    return gy_records_append(records, cleaning->change_count, subject->project, err);
}

void gy_cleaning_tell(const gy_cleaning *cleaning, const char *path, FILE *out)
{
    fprintf(out,
            "%s: %zu labels changed, %zu soft labels; left out: %zu broken rows, %zu copies, %zu "
            "outliers, %zu wrong labels\n",
            path, cleaning->change_count, cleaning->soft, cleaning->dropped_broken,
            cleaning->dropped_duplicates, cleaning->dropped_outliers, cleaning->dropped_labels);
    if (cleaning->kept_outliers > 0)
        fprintf(out, "kept: %zu outliers (gyre clean --drop-outliers leaves them out)\n",
                cleaning->kept_outliers);
    for (size_t i = 0; i < cleaning->broken_count; i++)
        fprintf(out, "%s%s %zu%s", i == 0 ? "broken by: " : ", ", cleaning->broken[i].rule,
                cleaning->broken[i].rows, i + 1 == cleaning->broken_count ? "\n" : "");
}
