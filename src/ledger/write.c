// SPDX-License-Identifier: Apache-2.0
//
// Adding rows in one transaction. The ids of all rows are put into the index `about` at the end,
// sorted: ids are random numbers, and sorted insertions touch each page of the tree once.

#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "ledger/ledger.h"

typedef struct about {
    int64_t start, sequence;
} about;

enum { WORDS = 3 }; // run, version, commit

struct gy_ledger_writer {
    gy_ledger *ledger;
    gy_arena_mark mark;
    gy_statement *insert, *insert_about, *find_word, *add_word;
    uint8_t origin[GY_LEDGER_ORIGIN_BYTES]; // our own
    // The chosen chain.
    int64_t chain;
    uint64_t place;
    gy_id link;
    const char *name;
    uint8_t chain_origin[GY_LEDGER_ORIGIN_BYTES];
    // The newest word of each column and its number: rows of a batch share them.
    const char *words[WORDS];
    int64_t word_numbers[WORDS];
    about *abouts;
    size_t about_count, about_max;
};

static gy_status random_bytes(void *bytes, size_t size_bytes, gy_error *err)
{
    for (size_t at = 0; at < size_bytes;) {
        ssize_t got = getrandom((char *)bytes + at, size_bytes - at, 0);
        if (got <= 0)
            return gy_fail(err, GY_IO, "the system gives no random bytes");
        at += (size_t)got;
    }
    return GY_OK;
}

// Our own origin: 16 random bytes under which this file's chains stand. A copy of the file (its
// inode tells) takes a new one, so that the copies' chains can be united later.
static gy_status find_origin(gy_ledger_writer *writer, gy_error *err)
{
    gy_database *database = writer->ledger->database;
    struct stat found;
    if (stat(writer->ledger->path, &found) != 0)
        return gy_fail(err, GY_IO, "'%s' is gone while it is written", writer->ledger->path);

    gy_statement *statement;
    GY_TRY(gy_statement_new(&statement, database, "SELECT origin FROM self WHERE inode = ?", err));
    gy_statement_set_number(statement, 1, (int64_t)found.st_ino);
    bool row = false;
    gy_status status = gy_statement_step(&row, statement, err);
    size_t size_bytes = 0;
    const void *origin = row ? gy_statement_bytes(&size_bytes, statement, 0) : NULL;
    if (status == GY_OK && size_bytes == sizeof(writer->origin))
        memcpy(writer->origin, origin, sizeof(writer->origin));
    gy_statement_free(statement);
    if (status != GY_OK || size_bytes == sizeof(writer->origin))
        return status;

    GY_TRY(random_bytes(writer->origin, sizeof(writer->origin), err));
    GY_TRY(gy_database_run(database, "DELETE FROM self", err));
    GY_TRY(gy_statement_new(&statement, database, "INSERT INTO self VALUES(?, ?)", err));
    gy_statement_set_bytes(statement, 1, writer->origin, sizeof(writer->origin));
    gy_statement_set_number(statement, 2, (int64_t)found.st_ino);
    status = gy_statement_run(statement, err);
    gy_statement_free(statement);
    return status;
}

static gy_status prepare(gy_ledger_writer *writer, gy_error *err)
{
    gy_database *database = writer->ledger->database;
    GY_TRY(gy_statement_new(&writer->insert, database,
                            "INSERT INTO record(chain, place, kind, time_us, run, version, "
                            "git_commit, ids, body, salt, digest, link) "
                            "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            err));
    // A record may name an id twice.
    GY_TRY(gy_statement_new(&writer->insert_about, database,
                            "INSERT OR IGNORE INTO about VALUES(?, ?)", err));
    GY_TRY(gy_statement_new(&writer->find_word, database, "SELECT number FROM word WHERE text = ?",
                            err));
    return gy_statement_new(&writer->add_word, database, "INSERT INTO word(text) VALUES(?)", err);
}

gy_status gy_ledger_writer_begin(gy_ledger_writer **begun, gy_ledger *ledger, size_t ids,
                                 gy_error *err)
{
    gy_arena_mark mark = gy_arena_here(ledger->arena);
    gy_ledger_writer *writer = GY_NEW(ledger->arena, gy_ledger_writer, 1);
    about *abouts = GY_NEW(ledger->arena, about, ids);
    if (writer == NULL || abouts == NULL) {
        gy_arena_rewind(ledger->arena, mark);
        return gy_fail(err, GY_NO_MEMORY, "no memory to add to '%s'", ledger->path);
    }
    writer->ledger = ledger;
    writer->mark = mark;
    writer->abouts = abouts;
    writer->about_max = ids;
    // Chains are read and then written: no other writer may come in between.
    gy_status status = gy_database_begin(ledger->database, err);
    if (status == GY_OK)
        status = find_origin(writer, err);
    if (status == GY_OK)
        status = prepare(writer, err);
    if (status != GY_OK)
        return gy_ledger_writer_end(writer, status, err);
    *begun = writer;
    return GY_OK;
}

static gy_status read_head(gy_ledger_writer *writer, gy_error *err)
{
    gy_statement *statement;
    GY_TRY(gy_statement_new(&statement, writer->ledger->database,
                            "SELECT place, link FROM record WHERE chain = ? "
                            "ORDER BY place DESC LIMIT 1",
                            err));
    gy_statement_set_number(statement, 1, writer->chain);
    bool row = false;
    gy_status status = gy_statement_step(&row, statement, err);
    writer->place = 0;
    writer->link = (gy_id){{0}};
    if (status == GY_OK && row) {
        size_t size_bytes;
        const void *link = gy_statement_bytes(&size_bytes, statement, 1);
        writer->place = (uint64_t)gy_statement_number(statement, 0);
        if (size_bytes == sizeof(writer->link))
            memcpy(&writer->link, link, sizeof(writer->link));
        else
            status = gy_fail(err, GY_FORMAT, "'%s' is damaged: a record has no link",
                             writer->ledger->path);
    }
    gy_statement_free(statement);
    return status;
}

gy_status gy_ledger_writer_choose(gy_ledger_writer *writer, const uint8_t *origin, const char *name,
                                  gy_error *err)
{
    if (origin == NULL)
        origin = writer->origin;
    if (writer->name != NULL && strcmp(writer->name, name) == 0 &&
        memcmp(origin, writer->chain_origin, sizeof(writer->chain_origin)) == 0)
        return GY_OK;

    gy_statement *statement;
    // The update does nothing but make the row that is there already come back.
    GY_TRY(gy_statement_new(&statement, writer->ledger->database,
                            "INSERT INTO chain(origin, writer) VALUES(?, ?) "
                            "ON CONFLICT DO UPDATE SET writer = excluded.writer RETURNING number",
                            err));
    gy_statement_set_bytes(statement, 1, origin, GY_LEDGER_ORIGIN_BYTES);
    gy_statement_set_text(statement, 2, name, strlen(name));
    bool row = false;
    gy_status status = gy_statement_step(&row, statement, err);
    writer->chain = row ? gy_statement_number(statement, 0) : 0;
    gy_statement_free(statement);
    GY_TRY(status);
    writer->name = gy_arena_copy(writer->ledger->arena, name, strlen(name));
    if (writer->name == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to add to '%s'", writer->ledger->path);
    memcpy(writer->chain_origin, origin, sizeof(writer->chain_origin));
    return read_head(writer, err);
}

uint64_t gy_ledger_writer_place(const gy_ledger_writer *writer)
{
    return writer->place;
}

// Bind the number of a word to the insertion's parameter, adding the word if it is new.
static gy_status bind_word(gy_ledger_writer *writer, int parameter, size_t column, const char *word,
                           gy_error *err)
{
    if (word == NULL) {
        gy_statement_set_null(writer->insert, parameter);
        return GY_OK;
    }
    const char *newest = writer->words[column];
    if (newest == NULL || strcmp(newest, word) != 0) {
        bool row = false;
        gy_statement_set_text(writer->find_word, 1, word, strlen(word));
        GY_TRY(gy_statement_step(&row, writer->find_word, err));
        if (row) {
            writer->word_numbers[column] = gy_statement_number(writer->find_word, 0);
            gy_statement_reset(writer->find_word);
        } else {
            gy_statement_set_text(writer->add_word, 1, word, strlen(word));
            GY_TRY(gy_statement_run(writer->add_word, err));
            writer->word_numbers[column] = gy_database_last_rowid(writer->ledger->database);
        }
        writer->words[column] = gy_arena_copy(writer->ledger->arena, word, strlen(word));
        if (writer->words[column] == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory to add to '%s'", writer->ledger->path);
    }
    gy_statement_set_number(writer->insert, parameter, writer->word_numbers[column]);
    return GY_OK;
}

static void bind_payload(gy_statement *insert, const gy_ledger_row *row)
{
    const gy_record *record = &row->record;
    if (record->erased) {
        for (int parameter = 8; parameter <= 10; parameter++)
            gy_statement_set_null(insert, parameter);
        gy_statement_set_bytes(insert, 11, row->digest.bytes, sizeof(row->digest.bytes));
        return;
    }
    gy_statement_set_bytes(insert, 8, record->id_count == 0 ? (const void *)"" : record->ids,
                           record->id_count * sizeof(*record->ids));
    gy_statement_set_text(insert, 9, record->body, row->body_length);
    gy_statement_set_bytes(insert, 10, row->salt, GY_LEDGER_SALT_BYTES);
    gy_statement_set_null(insert, 11); // follows from the columns above
}

gy_status gy_ledger_writer_add(gy_ledger_writer *writer, gy_ledger_row *row, gy_error *err)
{
    gy_record *record = &row->record;
    row->place = writer->place + 1;
    row->origin = writer->chain_origin;
    record->writer = writer->name;
    if (!record->erased)
        gy_ledger_digest(&row->digest, row->salt, record->ids, record->id_count, record->body,
                         row->body_length);
    gy_ledger_link(&row->link, &writer->link, row);

    gy_statement_set_number(writer->insert, 1, writer->chain);
    gy_statement_set_number(writer->insert, 2, (int64_t)row->place);
    gy_statement_set_text(writer->insert, 3, record->kind, strlen(record->kind));
    gy_statement_set_number(writer->insert, 4, record->time_us);
    GY_TRY(bind_word(writer, 5, 0, record->run, err));
    GY_TRY(bind_word(writer, 6, 1, record->version, err));
    GY_TRY(bind_word(writer, 7, 2, record->commit, err));
    bind_payload(writer->insert, row);
    gy_statement_set_bytes(writer->insert, 12, row->link.bytes, sizeof(row->link.bytes));
    GY_TRY(gy_statement_run(writer->insert, err));

    int64_t sequence = gy_database_last_rowid(writer->ledger->database);
    record->sequence = (uint64_t)sequence;
    writer->place = row->place;
    writer->link = row->link;
    for (size_t i = 0; !record->erased && i < record->id_count; i++)
        if (writer->about_count < writer->about_max)
            writer->abouts[writer->about_count++] =
                (about){gy_ledger_start(&record->ids[i]), sequence};
    return GY_OK;
}

static int compare_abouts(const void *left, const void *right)
{
    const about *a = left, *b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

static gy_status insert_abouts(gy_ledger_writer *writer, gy_error *err)
{
    qsort(writer->abouts, writer->about_count, sizeof(about), compare_abouts);
    for (size_t i = 0; i < writer->about_count; i++) {
        gy_statement_set_number(writer->insert_about, 1, writer->abouts[i].start);
        gy_statement_set_number(writer->insert_about, 2, writer->abouts[i].sequence);
        GY_TRY(gy_statement_run(writer->insert_about, err));
    }
    return GY_OK;
}

gy_status gy_ledger_writer_end(gy_ledger_writer *writer, gy_status status, gy_error *err)
{
    if (status == GY_OK)
        status = insert_abouts(writer, err);
    gy_statement_free(writer->insert);
    gy_statement_free(writer->insert_about);
    gy_statement_free(writer->find_word);
    gy_statement_free(writer->add_word);
    if (status == GY_OK)
        status = gy_database_commit(writer->ledger->database, err);
    if (status != GY_OK)
        gy_database_undo(writer->ledger->database);
    gy_arena_rewind(writer->ledger->arena, writer->mark);
    return status;
}

// ---- gy_ledger_append

static gy_status check_text(const char *what, const char *text, gy_error *err)
{
    if (text != NULL && strlen(text) > GY_RECORD_TEXT_BYTES_MAX)
        return gy_fail(err, GY_LIMIT, "a record's %s has %zu bytes, over the limit of %d", what,
                       strlen(text), GY_RECORD_TEXT_BYTES_MAX);
    return GY_OK;
}

static gy_status check_record(const gy_record *record, size_t at, gy_error *err)
{
    size_t kind = 0, length = record->body == NULL ? 0 : strlen(record->body);
    while (gy_ledger_kinds[kind] != NULL &&
           (record->kind == NULL || strcmp(gy_ledger_kinds[kind], record->kind) != 0))
        kind++;
    if (gy_ledger_kinds[kind] == NULL)
        return gy_fail(err, GY_INVALID, "record %zu: '%s' is no kind of record", at + 1,
                       record->kind == NULL ? "" : record->kind);
    if (length < 2 || record->body[0] != '{' || record->body[length - 1] != '}')
        return gy_fail(err, GY_INVALID, "record %zu: the body is not a JSON object", at + 1);
    if (length > GY_RECORD_BODY_BYTES_MAX)
        return gy_fail(err, GY_LIMIT, "record %zu: the body has %zu bytes, over the limit of %d",
                       at + 1, length, GY_RECORD_BODY_BYTES_MAX);
    if (record->id_count > GY_RECORD_IDS_MAX)
        return gy_fail(err, GY_LIMIT, "record %zu: %zu ids, over the limit of %d", at + 1,
                       record->id_count, GY_RECORD_IDS_MAX);
    GY_TRY(check_text("run", record->run, err));
    GY_TRY(check_text("version", record->version, err));
    GY_TRY(check_text("commit", record->commit, err));
    return check_text("writer", record->writer, err);
}

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static gy_status add_record(gy_ledger_writer *writer, gy_record *record, const uint8_t *salt,
                            int64_t time_us, gy_error *err)
{
    GY_TRY(gy_ledger_writer_choose(writer, NULL, record->writer == NULL ? "gyre" : record->writer,
                                   err));
    if (record->time_us == 0)
        record->time_us = time_us;
    gy_ledger_row row = {.record = *record, .salt = salt, .body_length = strlen(record->body)};
    row.record.erased = false;
    GY_TRY(gy_ledger_writer_add(writer, &row, err));
    record->sequence = row.record.sequence;
    return GY_OK;
}

gy_status gy_ledger_append(gy_ledger *ledger, gy_record *records, size_t count, gy_error *err)
{
    size_t ids = 0;
    for (size_t i = 0; i < count; i++) {
        GY_TRY(check_record(&records[i], i, err));
        ids += records[i].id_count;
    }
    if (count == 0)
        return GY_OK;

    gy_ledger_writer *writer;
    GY_TRY(gy_ledger_writer_begin(&writer, ledger, ids, err));
    uint8_t *salts = gy_arena_take(ledger->arena, count, GY_LEDGER_SALT_BYTES);
    gy_status status = GY_OK;
    if (salts == NULL)
        status = gy_fail(err, GY_NO_MEMORY, "no memory to add to '%s'", ledger->path);
    if (status == GY_OK)
        status = random_bytes(salts, count * GY_LEDGER_SALT_BYTES, err);
    int64_t time_us = now_us();
    for (size_t i = 0; status == GY_OK && i < count; i++)
        status = add_record(writer, &records[i], salts + i * GY_LEDGER_SALT_BYTES, time_us, err);
    return gy_ledger_writer_end(writer, status, err);
}
