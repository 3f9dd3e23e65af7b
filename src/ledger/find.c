// SPDX-License-Identifier: Apache-2.0
//
// Looking up: rows by id, kind, run and version, and an id by its first digits. The index `about`
// holds 8 bytes of each id; the record's own ids decide.

#include <inttypes.h>
#include <string.h>

#include "ledger/ledger.h"

gy_status gy_ledger_row_read(gy_ledger_row *row, gy_ledger *ledger, gy_statement *statement,
                             gy_error *err)
{
    size_t ids_bytes, salt_bytes, digest_bytes, link_bytes, origin_bytes, body_bytes;
    const void *ids = gy_statement_bytes(&ids_bytes, statement, 7);
    const char *body = gy_statement_text(statement, 8);
    (void)gy_statement_bytes(&body_bytes, statement, 8);
    const void *salt = gy_statement_bytes(&salt_bytes, statement, 9);
    const void *digest = gy_statement_bytes(&digest_bytes, statement, 10);
    const void *link = gy_statement_bytes(&link_bytes, statement, 11);
    const void *origin = gy_statement_bytes(&origin_bytes, statement, 13);
    bool erased = salt == NULL;

    *row = (gy_ledger_row){
        .record = {.kind = gy_statement_text(statement, 2),
                   .ids = ids,
                   .id_count = ids_bytes / sizeof(gy_id),
                   .body = erased ? "{}" : body,
                   .run = gy_statement_text(statement, 4),
                   .version = gy_statement_text(statement, 5),
                   .commit = gy_statement_text(statement, 6),
                   .writer = gy_statement_text(statement, 12),
                   .time_us = gy_statement_number(statement, 3),
                   .sequence = (uint64_t)gy_statement_number(statement, 0),
                   .erased = erased},
        .place = (uint64_t)gy_statement_number(statement, 1),
        .chain = gy_statement_number(statement, 14),
        .origin = origin,
        .salt = salt,
        .body_length = erased ? 2 : body_bytes,
    };
    bool whole = row->record.kind != NULL && row->record.writer != NULL &&
                 link_bytes == sizeof(gy_id) && origin_bytes == GY_LEDGER_ORIGIN_BYTES &&
                 ids_bytes % sizeof(gy_id) == 0;
    if (erased)
        whole = whole && digest_bytes == sizeof(gy_id) && ids_bytes == 0;
    else
        whole = whole && body != NULL && salt_bytes == GY_LEDGER_SALT_BYTES;
    if (!whole)
        return gy_fail(err, GY_FORMAT, "'%s' is damaged: record %" PRIu64 " is not whole",
                       ledger->path, row->record.sequence);
    memcpy(&row->link, link, sizeof(row->link));
    if (erased)
        memcpy(&row->digest, digest, sizeof(row->digest));
    else
        gy_ledger_digest(&row->digest, salt, ids, row->record.id_count, body, body_bytes);
    return GY_OK;
}

static bool is_about(const gy_record *record, const gy_id *id)
{
    for (size_t i = 0; i < record->id_count; i++)
        if (gy_id_compare(&record->ids[i], id) == 0)
            return true;
    return false;
}

static void query_sql(gy_text *sql, const gy_ledger_query *query)
{
    gy_text_add(sql, "%s%s WHERE 1", GY_LEDGER_ROW_SELECT,
                query->id == NULL ? "" : "JOIN about ON about.sequence = record.sequence");
    if (query->id != NULL)
        gy_text_add(sql, " AND about.start = ?1");
    // A plus before the column: where the id is known its few records are the better way in.
    if (query->kind != NULL)
        gy_text_add(sql, " AND %srecord.kind = ?2", query->id == NULL ? "" : "+");
    if (query->run != NULL)
        gy_text_add(sql, " AND %srecord.run = (SELECT number FROM word WHERE text = ?3)",
                    query->id == NULL ? "" : "+");
    if (query->version != NULL)
        gy_text_add(sql, " AND %srecord.version = (SELECT number FROM word WHERE text = ?4)",
                    query->id == NULL && query->run == NULL ? "" : "+");
    gy_text_add(sql, " ORDER BY record.sequence%s", query->limit == 0 ? "" : " DESC");
}

static void set_query(gy_statement *statement, const gy_ledger_query *query)
{
    if (query->id != NULL)
        gy_statement_set_number(statement, 1, gy_ledger_start(query->id));
    if (query->kind != NULL)
        gy_statement_set_text(statement, 2, query->kind, strlen(query->kind));
    if (query->run != NULL)
        gy_statement_set_text(statement, 3, query->run, strlen(query->run));
    if (query->version != NULL)
        gy_statement_set_text(statement, 4, query->version, strlen(query->version));
}

gy_status gy_ledger_find(gy_ledger *ledger, const gy_ledger_query *query, gy_ledger_visit *visit,
                         void *context, gy_error *err)
{
    gy_text sql = {0};
    gy_statement *statement = NULL;
    query_sql(&sql, query);
    gy_status status = sql.status == GY_OK
                           ? gy_statement_new(&statement, ledger->database, sql.bytes, err)
                           : gy_fail(err, GY_NO_MEMORY, "no memory to look into a ledger");
    if (status == GY_OK)
        set_query(statement, query);
    size_t found = 0;
    while (status == GY_OK && (query->limit == 0 || found < query->limit)) {
        bool more = false;
        gy_ledger_row row;
        status = gy_statement_step(&more, statement, err);
        if (status != GY_OK || !more)
            break;
        status = gy_ledger_row_read(&row, ledger, statement, err);
        if (status != GY_OK || (query->id != NULL && !is_about(&row.record, query->id)))
            continue;
        found++;
        status = visit(context, &row.record, err);
    }
    gy_statement_free(statement);
    gy_text_release(&sql);
    return status;
}

// The ids that begin with the digits: from low to high, both included.
static gy_status read_prefix(gy_id *low, gy_id *high, const char *prefix, gy_error *err)
{
    size_t digits = strlen(prefix);
    if (digits < 4 || digits > 64 || strspn(prefix, "0123456789abcdefABCDEF") != digits)
        return gy_fail(err, GY_INVALID, "'%s' is not the start of an id: 4 to 64 hex digits",
                       prefix);
    char text[65];
    memset(text, '0', 64);
    text[64] = '\0';
    memcpy(text, prefix, digits);
    GY_TRY(gy_id_parse(low, text, err));
    memset(text + digits, 'f', 64 - digits);
    return gy_id_parse(high, text, err);
}

// What a prefix has met so far.
typedef struct prefix_match {
    const char *prefix;
    gy_id low, high, id;
    size_t found;
} prefix_match;

static gy_status match_ids(prefix_match *match, const gy_id *ids, size_t count, gy_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (gy_id_compare(&ids[i], &match->low) < 0 || gy_id_compare(&ids[i], &match->high) > 0)
            continue;
        if (match->found == 0)
            match->id = ids[i];
        else if (gy_id_compare(&match->id, &ids[i]) != 0)
            return gy_fail(err, GY_INVALID,
                           "'%s' is the start of several ids: %.16s, %.16s: give more digits",
                           match->prefix, gy_id_text(&match->id).text, gy_id_text(&ids[i]).text);
        match->found = 1;
    }
    return GY_OK;
}

gy_status gy_ledger_resolve(gy_id *id, gy_ledger *ledger, const char *prefix, gy_error *err)
{
    prefix_match match = {.prefix = prefix};
    GY_TRY(read_prefix(&match.low, &match.high, prefix, err));
    gy_statement *statement;
    GY_TRY(gy_statement_new(&statement, ledger->database,
                            "SELECT record.ids FROM about JOIN record USING(sequence) "
                            "WHERE about.start BETWEEN ? AND ? ORDER BY about.start",
                            err));
    gy_statement_set_number(statement, 1, gy_ledger_start(&match.low));
    gy_statement_set_number(statement, 2, gy_ledger_start(&match.high));
    gy_status status = GY_OK;
    bool more = true;
    while (status == GY_OK) {
        size_t size_bytes;
        status = gy_statement_step(&more, statement, err);
        if (status != GY_OK || !more)
            break;
        const void *ids = gy_statement_bytes(&size_bytes, statement, 0);
        status = match_ids(&match, ids, size_bytes / sizeof(gy_id), err);
    }
    gy_statement_free(statement);
    GY_TRY(status);
    if (match.found == 0)
        return gy_fail(err, GY_NOT_FOUND, "nothing is known of an id that starts with '%s'",
                       prefix);
    *id = match.id;
    return GY_OK;
}
