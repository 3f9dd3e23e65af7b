// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_TABLE_READ_H
#define GYRE_TABLE_READ_H

#include "gyre/table.h"

/** What a path holds, by its ending and its first bytes. */
typedef enum gy_table_format {
    GY_TABLE_UNKNOWN,
    GY_TABLE_CSV,
    GY_TABLE_JSONL,
    GY_TABLE_PARQUET,
    GY_TABLE_ARRAYS, // .npy, .npz
    GY_TABLE_IDX,
    GY_TABLE_FOLDER
} gy_table_format;

/** @return GY_OK; GY_NOT_FOUND; GY_UNSUPPORTED: err lists what is known. */
gy_status gy_table_format_of(gy_table_format *format, const char *path, gy_error *err) GY_CHECKED;

/** By its ending alone. */
gy_table_format gy_table_format_of_name(const char *path);

/** A file's bytes: mapped, or inflated if its name ends in .gz. */
typedef struct gy_table_bytes {
    const char *bytes;
    size_t size_bytes;
    gy_arena *arena; // of its own, for what is inflated
    struct {
        const unsigned char *bytes;
        size_t size_bytes;
    } map;
} gy_table_bytes;
gy_status gy_table_bytes_open(gy_table_bytes *bytes, const char *path, size_t limit_bytes,
                              gy_error *err) GY_CHECKED;
void gy_table_bytes_close(gy_table_bytes *bytes);

enum { GY_TABLE_GIB_DEFAULT = 4 };

// One format each. table->path and folder are set already.
gy_status gy_csv_read(gy_table *table, const gy_table_options *options, gy_arena *arena,
                      gy_error *err) GY_CHECKED;
gy_status gy_jsonl_read(gy_table *table, const gy_table_options *options, gy_arena *arena,
                        gy_error *err) GY_CHECKED;
gy_status gy_parquet_read(gy_table *table, const gy_table_options *options, gy_arena *arena,
                          gy_error *err) GY_CHECKED;
gy_status gy_folder_read(gy_table *table, const gy_table_options *options, gy_arena *arena,
                         gy_error *err) GY_CHECKED;
gy_status gy_array_table_read(gy_table *table, const gy_table_options *options, gy_arena *arena,
                              gy_error *err) GY_CHECKED;
gy_status gy_idx_read(gy_table *table, const gy_table_options *options, gy_arena *arena,
                      gy_error *err) GY_CHECKED;

/** Of all columns together, in options: what one table may take. */
size_t gy_table_limit(const gy_table_options *options);

#endif
