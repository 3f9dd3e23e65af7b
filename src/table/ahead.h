// SPDX-License-Identifier: Apache-2.0
//
// Chunks of a query read ahead on a thread of its own, so that what is done with one overlaps with
// the decoding of the next.
#ifndef GYRE_TABLE_AHEAD_H
#define GYRE_TABLE_AHEAD_H

#include "table/duckdb.h"

typedef struct gy_ahead gy_ahead;

/**
 * Read on with a scan, which from here on is the thread's alone until gy_ahead_close.
 * @return GY_OK; GY_NO_MEMORY; GY_UNSUPPORTED: no thread could be started, the scan is as it was.
 */
gy_status gy_ahead_open(gy_ahead **ahead, gy_duckdb_scan *scan, gy_error *err) GY_CHECKED;

/** The next chunk, in the scan's order, good until the next call; rows 0: the end. */
gy_status gy_ahead_next(gy_column **columns, size_t *rows, gy_ahead *ahead,
                        gy_error *err) GY_CHECKED;

/** Wait for the thread and forget what it read. NULL is fine. */
void gy_ahead_close(gy_ahead *ahead);

#endif
