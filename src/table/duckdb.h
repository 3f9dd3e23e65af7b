// SPDX-License-Identifier: Apache-2.0
//
// The one door to DuckDB (MIT): a database in memory, queries, chunks of columns.
#ifndef GYRE_TABLE_DUCKDB_H
#define GYRE_TABLE_DUCKDB_H

#include "gyre/table.h"

/** A database in memory of one process. It never fetches an extension and never spills to disk. */
typedef struct gy_duckdb {
    void *database, *connection;
    gy_text select; // scratch of gy_duckdb_scan_open
} gy_duckdb;

/**
 * @param memory_bytes DuckDB's own limit; over it: GY_LIMIT.
 * @param threads 0: all.
 * @return GY_OK; GY_UNSUPPORTED: libduckdb.so is not there, err says how to get it.
 */
gy_status gy_duckdb_open(gy_duckdb *duckdb, size_t memory_bytes, size_t threads,
                         gy_error *err) GY_CHECKED;
void gy_duckdb_close(gy_duckdb *duckdb);

/** Run a statement for its effect. what: for the message, "write 'x.parquet'". */
gy_status gy_duckdb_run(gy_duckdb *duckdb, const char *sql, const char *what,
                        gy_error *err) GY_CHECKED;

/** From here on statements may read this one file and no other, and change no setting. */
gy_status gy_duckdb_confine(gy_duckdb *duckdb, const char *path, gy_error *err) GY_CHECKED;

/** Append a value as SQL: 'text' or "name". */
void gy_duckdb_quote(gy_text *sql, const char *text, char quote);

/** Rows of a query, in order, as they come. */
typedef struct gy_duckdb_scan {
    struct gy_duckdb_rows *rows;
    size_t column_count;
    gy_column *columns; // name and type; values are those of the last chunk
    bool *narrow;       // [column_count] text that stands for a number too wide for a column's type
    size_t row_count;   // of the last chunk
    const char *what;
    gy_arena *arena;
} gy_duckdb_scan;

/**
 * Start a query. Its columns come as our types: whatever has none as the text that spells it.
 * @param from what stands behind FROM.
 * @param columns NULL: all.
 */
gy_status gy_duckdb_scan_open(gy_duckdb_scan *scan, gy_duckdb *duckdb, const char *from,
                              const char *const *columns, size_t column_count, const char *what,
                              gy_error *err) GY_CHECKED;

/** The next chunk, good until the next call; row_count 0: the end. Texts and bits live in arena. */
gy_status gy_duckdb_scan_next(gy_duckdb_scan *scan, gy_arena *arena, gy_error *err) GY_CHECKED;
void gy_duckdb_scan_close(gy_duckdb_scan *scan);

/** A chunk that stands by itself: several of one scan may be held at once. */
typedef struct gy_duckdb_chunk {
    void *chunk;        // DuckDB's; NULL: none
    gy_column *columns; // the caller's, with names and types as the scan's
    size_t row_count;
} gy_duckdb_chunk;

/** As gy_duckdb_scan_next, into a chunk of the caller's; what it held is dropped. */
gy_status gy_duckdb_scan_take(gy_duckdb_chunk *into, gy_duckdb_scan *scan, gy_arena *arena,
                              gy_error *err) GY_CHECKED;
void gy_duckdb_chunk_drop(gy_duckdb_chunk *chunk);

/** Fill a new table of DuckDB's, `rows`, with ours. */
gy_status gy_duckdb_store(gy_duckdb *duckdb, const gy_table *table, gy_error *err) GY_CHECKED;

#endif
