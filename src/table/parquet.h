// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_TABLE_PARQUET_H
#define GYRE_TABLE_PARQUET_H

#include "table/duckdb.h"

/** Append `read_parquet('path')`. @return GY_OK; GY_UNSUPPORTED: a name that would be a pattern. */
gy_status gy_parquet_source(gy_text *sql, const char *path, gy_error *err) GY_CHECKED;

/** The rows of a file, from its metadata. */
gy_status gy_parquet_count(uint64_t *rows, const char *path, gy_error *err) GY_CHECKED;

#endif
