// SPDX-License-Identifier: Apache-2.0
//
// Opening a ledger: a SQLite database in WAL mode; what gy_ledger_append has returned GY_OK for
// survives a power cut. The log stays when the database is closed, empty. Tables:
// docs/formats/ledger.md.

#include "ledger/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

const char *const gy_ledger_kinds[] = {
#define KIND(name) #name,
    GY_RECORD_KINDS(KIND)
#undef KIND
        NULL};

// "gyre" in ASCII: what a ledger has in its header, and another program's database has not.
#define APPLICATION_ID "1736012389"

#define TABLES                                                                                    \
    "CREATE TABLE self(origin BLOB NOT NULL, inode INTEGER NOT NULL);"                            \
    "CREATE TABLE chain(number INTEGER PRIMARY KEY, origin BLOB NOT NULL, writer TEXT NOT NULL, " \
    "UNIQUE(origin, writer));"                                                                    \
    "CREATE TABLE word(number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"                   \
    "CREATE TABLE record(sequence INTEGER PRIMARY KEY, chain INTEGER NOT NULL, "                  \
    "place INTEGER NOT NULL, kind TEXT NOT NULL, time_us INTEGER NOT NULL, run INTEGER, "         \
    "version INTEGER, git_commit INTEGER, ids BLOB, body TEXT, salt BLOB, digest BLOB, "          \
    "link BLOB NOT NULL);"                                                                        \
    "CREATE UNIQUE INDEX record_place ON record(chain, place);"                                   \
    "CREATE INDEX record_kind ON record(kind);"                                                   \
    "CREATE INDEX record_run ON record(run) WHERE run IS NOT NULL;"                               \
    "CREATE INDEX record_version ON record(version) WHERE version IS NOT NULL;"                   \
    "CREATE TABLE about(start INTEGER NOT NULL, sequence INTEGER NOT NULL, "                      \
    "PRIMARY KEY(start, sequence)) WITHOUT ROWID;"

static const char tables[] = TABLES "PRAGMA application_id = " APPLICATION_ID ";"
                                    "PRAGMA user_version = 1;";

_Static_assert(GY_LEDGER_FORMAT == 1, "the tables above say their format too");

static gy_status make_tables(gy_ledger *ledger, gy_error *err)
{
    // Two processes may meet at a new file: the second finds the tables made.
    GY_TRY(gy_database_begin(ledger->database, err));
    int64_t format = 0;
    gy_status status = gy_database_number(&format, ledger->database, "PRAGMA user_version", err);
    if (status == GY_OK && format == 0)
        status = gy_database_run(ledger->database, tables, err);
    if (status == GY_OK)
        status = gy_database_commit(ledger->database, err);
    if (status != GY_OK)
        gy_database_undo(ledger->database);
    return status;
}

// The database reads its tables by what they say they are: with a bit turned there, records would
// be missed without a word.
static gy_status check_tables(gy_ledger *ledger, gy_error *err)
{
    int64_t strange = 0;
    GY_TRY(gy_database_number(&strange, ledger->database,
                              "SELECT count(*) FROM sqlite_schema WHERE sql IS NOT NULL AND "
                              "instr('" TABLES "', sql || ';') = 0",
                              err));
    return strange == 0
               ? GY_OK
               : gy_fail(err, GY_FORMAT,
                         "'%s' is damaged: what it says of its tables is not of format %d; "
                         "put a copy in its place",
                         ledger->path, GY_LEDGER_FORMAT);
}

static gy_status check_format(gy_ledger *ledger, gy_error *err)
{
    int64_t format = 0, application = 0, objects = 0;
    GY_TRY(gy_database_number(&format, ledger->database, "PRAGMA user_version", err));
    GY_TRY(gy_database_number(&application, ledger->database, "PRAGMA application_id", err));
    GY_TRY(
        gy_database_number(&objects, ledger->database, "SELECT count(*) FROM sqlite_schema", err));
    if (objects == 0 && format == 0)
        return make_tables(ledger, err);
    if (application != INT64_C(1736012389))
        return gy_fail(err, GY_FORMAT,
                       "'%s' is a database, but not a ledger: set it aside to begin a new one",
                       ledger->path);
    if (format < 1)
        return gy_fail(err, GY_FORMAT,
                       "'%s' is damaged: it says format %" PRId64 ", the first is 1; put a copy in "
                       "its place",
                       ledger->path, format);
    if (format > GY_LEDGER_FORMAT)
        return gy_fail(err, GY_UNSUPPORTED,
                       "'%s' has format %" PRId64 ", this gyre reads up to %d: use a newer gyre",
                       ledger->path, format, GY_LEDGER_FORMAT);
    return check_tables(ledger, err);
}

static gy_status open_database(gy_ledger *ledger, gy_error *err)
{
    GY_TRY(gy_database_open(&ledger->database, ledger->path, err));
    GY_TRY(gy_database_run(ledger->database,
                           "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 0; "
                           "PRAGMA synchronous = FULL; "
                           "PRAGMA cache_size = -16384; PRAGMA trusted_schema = OFF; "
                           "PRAGMA cell_size_check = ON;",
                           err));
    return check_format(ledger, err);
}

gy_status gy_ledger_open(gy_ledger **opened, const char *project, gy_error *err)
{
    gy_arena *arena = gy_arena_new(0);
    gy_ledger *ledger = arena == NULL ? NULL : GY_NEW(arena, gy_ledger, 1);
    char *folder = ledger == NULL ? NULL : gy_arena_format(arena, "%s/.gyre", project);
    char *path = folder == NULL ? NULL : gy_arena_format(arena, "%s/ledger.db", folder);
    gy_status status = GY_OK;
    if (path == NULL)
        status = gy_fail(err, GY_NO_MEMORY, "no memory for a ledger");
    else if (!gy_file_exists(folder))
        status = gy_fail(err, GY_NOT_FOUND, "'%s' is no project: it has no .gyre (see gyre init)",
                         project);
    if (status == GY_OK) {
        ledger->arena = arena;
        ledger->path = path;
        status = open_database(ledger, err);
    }
    if (status != GY_OK) {
        if (ledger != NULL)
            gy_database_close(ledger->database);
        gy_arena_free(arena);
        return status;
    }
    *opened = ledger;
    return GY_OK;
}

void gy_ledger_close(gy_ledger *ledger)
{
    if (ledger == NULL)
        return;
    gy_database_close(ledger->database);
    gy_arena_free(ledger->arena);
}
