// SPDX-License-Identifier: Apache-2.0
//
// What is done to whole ledgers: checking the chains, uniting two ledgers, erasing.

#include <inttypes.h>
#include <string.h>

#include "ledger/ledger.h"

// One pass over the chains: what the next row must follow.
typedef struct chain_walk {
    int64_t chain;
    uint64_t place;
    gy_id link;
} chain_walk;

static gy_status check_row(chain_walk *walk, const gy_ledger *ledger, const gy_ledger_row *row,
                           gy_error *err)
{
    if (walk->chain != row->chain)
        *walk = (chain_walk){.chain = row->chain};
    const gy_record *record = &row->record;
    if (row->place != walk->place + 1)
        return gy_fail(err, GY_REFUSED,
                       "'%s': record %" PRIu64 " of writer '%s' is missing before record %" PRIu64,
                       ledger->path, walk->place + 1, record->writer, record->sequence);
    gy_id link;
    gy_ledger_link(&link, &walk->link, row);
    if (gy_id_compare(&link, &row->link) != 0)
        return gy_fail(err, GY_REFUSED,
                       "'%s': record %" PRIu64 " (%s, number %" PRIu64
                       " of writer '%s') was changed after it was written",
                       ledger->path, record->sequence, record->kind, row->place, record->writer);
    walk->place = row->place;
    walk->link = row->link;
    return GY_OK;
}

// Every row, chain by chain in order, checked against the one before it and handed to visit.
static gy_status walk_chains(gy_ledger *ledger,
                             gy_status (*visit)(void *context, gy_ledger_row *row, gy_error *err),
                             void *context, gy_error *err)
{
    gy_statement *statement;
    GY_TRY(gy_statement_new(&statement, ledger->database,
                            GY_LEDGER_ROW_SELECT "ORDER BY record.chain, record.place", err));
    chain_walk walk = {0};
    gy_status status = GY_OK;
    while (status == GY_OK) {
        bool more = false;
        gy_ledger_row row;
        status = gy_statement_step(&more, statement, err);
        if (status != GY_OK || !more)
            break;
        status = gy_ledger_row_read(&row, ledger, statement, err);
        if (status == GY_OK)
            status = check_row(&walk, ledger, &row, err);
        if (status == GY_OK && visit != NULL)
            status = visit(context, &row, err);
    }
    gy_statement_free(statement);
    return status;
}

gy_status gy_ledger_verify(gy_ledger *ledger, gy_error *err)
{
    int64_t orphans = 0, missing = 0;
    GY_TRY(walk_chains(ledger, NULL, NULL, err));
    GY_TRY(gy_database_number(&orphans, ledger->database,
                              "SELECT count(*) FROM record WHERE chain NOT IN "
                              "(SELECT number FROM chain)",
                              err));
    GY_TRY(gy_database_number(&missing, ledger->database,
                              "SELECT count(*) FROM about WHERE sequence NOT IN "
                              "(SELECT sequence FROM record)",
                              err));
    if (orphans > 0 || missing > 0)
        return gy_fail(err, GY_REFUSED,
                       "'%s': %" PRId64 " records have no writer, %" PRId64
                       " entries of the index have no record",
                       ledger->path, orphans, missing);
    return GY_OK;
}

gy_status gy_ledger_heads(gy_ledger_head **heads, size_t *count, gy_ledger *ledger, gy_arena *arena,
                          gy_error *err)
{
    int64_t chains = 0;
    GY_TRY(gy_database_number(&chains, ledger->database, "SELECT count(*) FROM chain", err));
    *heads = GY_NEW(arena, gy_ledger_head, (size_t)chains);
    *count = 0;
    if (*heads == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %" PRId64 " chains", chains);
    gy_statement *statement;
    GY_TRY(gy_statement_new(&statement, ledger->database,
                            "SELECT chain.writer, max(record.place), record.link FROM chain "
                            "JOIN record ON record.chain = chain.number "
                            "GROUP BY chain.number ORDER BY chain.number",
                            err));
    gy_status status = GY_OK;
    while (status == GY_OK && *count < (size_t)chains) {
        bool more = false;
        size_t link_bytes;
        status = gy_statement_step(&more, statement, err);
        if (status != GY_OK || !more)
            break;
        const char *writer = gy_statement_text(statement, 0);
        const void *link = gy_statement_bytes(&link_bytes, statement, 2);
        gy_ledger_head *head = &(*heads)[(*count)++];
        head->writer = writer == NULL ? NULL : gy_arena_copy(arena, writer, strlen(writer));
        head->records = (uint64_t)gy_statement_number(statement, 1);
        if (head->writer == NULL)
            status = gy_fail(err, GY_NO_MEMORY, "no memory for %" PRId64 " chains", chains);
        else if (link_bytes != sizeof(head->link))
            status = gy_fail(err, GY_FORMAT, "'%s' is damaged: a record has no link", ledger->path);
        else
            memcpy(&head->link, link, sizeof(head->link));
    }
    gy_statement_free(statement);
    return status;
}

// ---- union

typedef struct ledger_merge {
    gy_ledger_writer *writer;
    gy_ledger *ledger, *other;
    gy_statement *at_place; // the link that this ledger has at a place of the chosen chain
    uint64_t added;
} ledger_merge;

// Whether our chain has the same link at the place of the other's row.
static gy_status check_same(ledger_merge *merge, const gy_ledger_row *row, gy_error *err)
{
    gy_statement_set_bytes(merge->at_place, 1, row->origin, GY_LEDGER_ORIGIN_BYTES);
    gy_statement_set_text(merge->at_place, 2, row->record.writer, strlen(row->record.writer));
    gy_statement_set_number(merge->at_place, 3, (int64_t)row->place);
    bool found = false;
    size_t size_bytes = 0;
    GY_TRY(gy_statement_step(&found, merge->at_place, err));
    const void *link = found ? gy_statement_bytes(&size_bytes, merge->at_place, 0) : NULL;
    bool same = size_bytes == sizeof(row->link) && memcmp(link, &row->link, size_bytes) == 0;
    gy_statement_reset(merge->at_place);
    if (same)
        return GY_OK;
    return gy_fail(err, GY_REFUSED,
                   "'%s' and '%s' differ from record %" PRIu64 " of writer '%s' on: one of them "
                   "was changed",
                   merge->ledger->path, merge->other->path, row->place, row->record.writer);
}

static gy_status take_over(void *context, gy_ledger_row *row, gy_error *err)
{
    ledger_merge *merge = context;
    GY_TRY(gy_ledger_writer_choose(merge->writer, row->origin, row->record.writer, err));
    if (row->place <= gy_ledger_writer_place(merge->writer))
        return check_same(merge, row, err);
    gy_id link = row->link;
    merge->added++;
    GY_TRY(gy_ledger_writer_add(merge->writer, row, err));
    if (gy_id_compare(&link, &row->link) == 0)
        return GY_OK;
    return gy_fail(err, GY_REFUSED, "'%s' does not go on where '%s' ends for writer '%s'",
                   merge->other->path, merge->ledger->path, row->record.writer);
}

gy_status gy_ledger_merge(uint64_t *added, gy_ledger *ledger, const char *other_project,
                          gy_error *err)
{
    ledger_merge merge = {.ledger = ledger};
    int64_t ids = 0;
    GY_TRY(gy_ledger_open(&merge.other, other_project, err));
    gy_status status = gy_database_number(&ids, merge.other->database,
                                          "SELECT sum(length(ids)) / 32 FROM record", err);
    if (status == GY_OK)
        status = gy_ledger_writer_begin(&merge.writer, ledger, (size_t)ids, err);
    if (status == GY_OK) {
        status = gy_statement_new(&merge.at_place, ledger->database,
                                  "SELECT record.link FROM chain JOIN record "
                                  "ON record.chain = chain.number WHERE chain.origin = ? "
                                  "AND chain.writer = ? AND record.place = ?",
                                  err);
        if (status == GY_OK)
            status = walk_chains(merge.other, take_over, &merge, err);
        gy_statement_free(merge.at_place);
        status = gy_ledger_writer_end(merge.writer, status, err);
    }
    gy_ledger_close(merge.other);
    if (status == GY_OK && added != NULL)
        *added = merge.added;
    return status;
}

// ---- erasing

// A record to be erased. The statement that finds it must be done before the table changes.
typedef struct doomed {
    struct doomed *next;
    uint64_t sequence;
    gy_id digest;
    const gy_id *ids;
    size_t id_count;
} doomed;

typedef struct doomed_list {
    doomed *first;
    gy_arena *arena;
} doomed_list;

static gy_status remember(void *context, const gy_record *record, gy_error *err)
{
    doomed_list *list = context;
    const gy_ledger_row *row = (const gy_ledger_row *)record; // its first member
    doomed *item = GY_NEW(list->arena, doomed, 1);
    gy_id *ids = GY_NEW(list->arena, gy_id, record->id_count);
    if (item == NULL || ids == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to erase records");
    memcpy(ids, record->ids, record->id_count * sizeof(*ids));
    *item = (doomed){list->first, record->sequence, row->digest, ids, record->id_count};
    list->first = item;
    return GY_OK;
}

static gy_status erase_rows(uint64_t *erased, gy_ledger *ledger, const doomed *first, gy_error *err)
{
    gy_statement *erase = NULL, *forget = NULL;
    gy_status status = gy_statement_new(&erase, ledger->database,
                                        "UPDATE record SET ids = NULL, body = NULL, salt = NULL, "
                                        "digest = ? WHERE sequence = ?",
                                        err);
    if (status == GY_OK)
        status = gy_statement_new(&forget, ledger->database,
                                  "DELETE FROM about WHERE start = ? AND sequence = ?", err);
    for (const doomed *item = first; status == GY_OK && item != NULL; item = item->next) {
        for (size_t i = 0; status == GY_OK && i < item->id_count; i++) {
            gy_statement_set_number(forget, 1, gy_ledger_start(&item->ids[i]));
            gy_statement_set_number(forget, 2, (int64_t)item->sequence);
            status = gy_statement_run(forget, err);
        }
        if (status != GY_OK)
            break;
        gy_statement_set_bytes(erase, 1, item->digest.bytes, sizeof(item->digest.bytes));
        gy_statement_set_number(erase, 2, (int64_t)item->sequence);
        status = gy_statement_run(erase, err);
        ++*erased;
    }
    gy_statement_free(erase);
    gy_statement_free(forget);
    return status;
}

gy_status gy_ledger_erase(uint64_t *erased, gy_ledger *ledger, const gy_id *id, gy_error *err)
{
    uint64_t count = 0;
    gy_arena_mark mark = gy_arena_here(ledger->arena);
    doomed_list list = {.arena = ledger->arena};
    // secure_delete overwrites freed bytes in the pages; the checkpoint takes the old pages out of
    // the log.
    GY_TRY(gy_database_run(ledger->database, "PRAGMA secure_delete = ON; BEGIN IMMEDIATE", err));
    gy_status status = gy_ledger_find(ledger, &(gy_ledger_query){.id = id}, remember, &list, err);
    if (status == GY_OK)
        status = erase_rows(&count, ledger, list.first, err);
    if (status == GY_OK)
        status = gy_database_run(ledger->database, "COMMIT", err);
    if (status != GY_OK)
        gy_database_undo(ledger->database);
    gy_arena_rewind(ledger->arena, mark);
    GY_TRY(status);
    if (erased != NULL)
        *erased = count;
    return gy_database_run(ledger->database, "PRAGMA wal_checkpoint(TRUNCATE)", err);
}
