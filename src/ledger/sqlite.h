// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_LEDGER_SQLITE_H
#define GYRE_LEDGER_SQLITE_H

#include "gyre/base.h"

// The one door to SQLite: sqlite.c opens the library on first use, and no other file includes its
// header. Failures come back as statuses whose messages name the database's file.

typedef struct gy_database gy_database;
typedef struct gy_statement gy_statement;

/** How long a writer waits for another one. */
enum { GY_DATABASE_WAIT_MS_MAX = 30000 };

/**
 * Open a database file, made if missing.
 * @return GY_OK; GY_UNSUPPORTED: no SQLite here; GY_IO; GY_FORMAT: not a database.
 */
gy_status gy_database_open(gy_database **database, const char *path, gy_error *err) GY_CHECKED;
void gy_database_close(gy_database *database);

/** Run statements that return no rows. */
gy_status gy_database_run(gy_database *database, const char *sql, gy_error *err) GY_CHECKED;

/** The first column of the one row that a query returns; 0 where it returns none. */
gy_status gy_database_number(int64_t *number, gy_database *database, const char *sql,
                             gy_error *err) GY_CHECKED;

/**
 * Begin a transaction that keeps other writers out. End with gy_database_commit, which makes it
 * durable in at most 2 sync calls, or with gy_database_undo.
 *
 * Where the log is empty, as it is but for a reader, a writer or a kill in between, nothing of the
 * transaction needs a sync of its own: no older frames can be taken for new ones, and the
 * checkpoint right behind the commit syncs the log before it writes to the database. Else the
 * commit is synced, and the log stays.
 */
gy_status gy_database_begin(gy_database *database, gy_error *err) GY_CHECKED;
gy_status gy_database_commit(gy_database *database, gy_error *err) GY_CHECKED;

/** End a transaction that may have ended already; what it did is undone. */
void gy_database_undo(gy_database *database);

int64_t gy_database_last_rowid(const gy_database *database);

/** Compile one statement; end with gy_statement_free (NULL is fine). */
gy_status gy_statement_new(gy_statement **statement, gy_database *database, const char *sql,
                           gy_error *err) GY_CHECKED;
void gy_statement_free(gy_statement *statement);

// Set parameter `at` (from 1). Bytes and texts are the caller's until the statement is reset; NULL
// is SQL's null. A value that cannot be set is told by the next step.
void gy_statement_set_number(gy_statement *statement, int at, int64_t number);
void gy_statement_set_bytes(gy_statement *statement, int at, const void *bytes, size_t size_bytes);
void gy_statement_set_text(gy_statement *statement, int at, const char *text, size_t length);
void gy_statement_set_null(gy_statement *statement, int at);

/** Go to the next row. @param row [out] false: there is none, and the statement is reset. */
gy_status gy_statement_step(bool *row, gy_statement *statement, gy_error *err) GY_CHECKED;

/** Step a statement that returns no row, and reset it. */
gy_status gy_statement_run(gy_statement *statement, gy_error *err) GY_CHECKED;
void gy_statement_reset(gy_statement *statement);

// Column `at` (from 0) of the row; good until the next step.
int64_t gy_statement_number(gy_statement *statement, int at);
/** NULL and 0 for null and for no bytes. */
const void *gy_statement_bytes(size_t *size_bytes, gy_statement *statement, int at);
/** NUL-terminated; NULL for null. */
const char *gy_statement_text(gy_statement *statement, int at);

#endif
