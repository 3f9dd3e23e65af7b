// SPDX-License-Identifier: Apache-2.0
//
// Which reader a path gets, and what all readers share.

#define _GNU_SOURCE
#include "table/read.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "table/npy.h"
#include "table/parquet.h"

static bool ends_in(const char *text, size_t length, const char *ending)
{
    size_t size = strlen(ending);
    return length > size && strncasecmp(text + length - size, ending, size) == 0;
}

gy_table_format gy_table_format_of_name(const char *path)
{
    static const struct {
        const char *ending;
        gy_table_format format;
    } endings[] = {
        {".csv", GY_TABLE_CSV},         {".tsv", GY_TABLE_CSV},    {".jsonl", GY_TABLE_JSONL},
        {".ndjson", GY_TABLE_JSONL},    {".npy", GY_TABLE_ARRAYS}, {".npz", GY_TABLE_ARRAYS},
        {".parquet", GY_TABLE_PARQUET}, {".pq", GY_TABLE_PARQUET}, {"-ubyte", GY_TABLE_IDX},
        {".idx", GY_TABLE_IDX},
    };
    size_t length = strlen(path);
    if (ends_in(path, length, ".gz"))
        length -= 3;
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
        if (ends_in(path, length, endings[i].ending))
            return endings[i].format;
    return GY_TABLE_UNKNOWN;
}

bool gy_table_is_rows(const char *path)
{
    gy_table_format format = gy_table_format_of_name(path);
    return format == GY_TABLE_CSV || format == GY_TABLE_JSONL || format == GY_TABLE_PARQUET;
}

gy_status gy_table_format_of(gy_table_format *format, const char *path, gy_error *err)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return gy_fail(err, errno == ENOENT ? GY_NOT_FOUND : GY_IO, "cannot read '%s': %s", path,
                       strerror(errno));
    *format = S_ISDIR(about.st_mode) ? GY_TABLE_FOLDER : gy_table_format_of_name(path);
    if (*format == GY_TABLE_UNKNOWN || (*format != GY_TABLE_FOLDER && !S_ISREG(about.st_mode)))
        return gy_fail(
            err, GY_UNSUPPORTED,
            "cannot tell what '%s' is: tables end in .csv .tsv .jsonl .parquet .npy .npz "
            "-ubyte (IDX), or are folders of images",
            path);
    return GY_OK;
}

const gy_column *gy_table_column(const gy_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

// The folder of a file, with its final slash; of a folder, itself.
static char *folder_of(const char *path, bool is_folder, gy_arena *arena)
{
    size_t length = strlen(path);
    if (is_folder)
        return gy_arena_format(arena, "%s%s", path,
                               length > 0 && path[length - 1] == '/' ? "" : "/");
    const char *slash = strrchr(path, '/');
    return gy_arena_copy(arena, path, slash == NULL ? 0 : (size_t)(slash - path) + 1);
}

gy_status gy_table_read(gy_table *table, const char *path, const gy_table_options *options,
                        gy_arena *arena, gy_error *err)
{
    const gy_table_options defaults = {0};
    if (options == NULL)
        options = &defaults;
    gy_table_format format;
    GY_TRY(gy_table_format_of(&format, path, err));
    *table = (gy_table){.path = gy_arena_copy(arena, path, strlen(path)),
                        .folder = folder_of(path, format == GY_TABLE_FOLDER, arena),
                        .first_row = 1};
    if (table->path == NULL || table->folder == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", path);
    switch (format) {
    case GY_TABLE_CSV:
        return gy_csv_read(table, options, arena, err);
    case GY_TABLE_JSONL:
        return gy_jsonl_read(table, options, arena, err);
    case GY_TABLE_PARQUET:
        return gy_parquet_read(table, options, arena, err);
    case GY_TABLE_ARRAYS:
        return gy_array_table_read(table, options, arena, err);
    case GY_TABLE_IDX:
        return gy_idx_read(table, options, arena, err);
    case GY_TABLE_FOLDER:
        return gy_folder_read(table, options, arena, err);
    case GY_TABLE_UNKNOWN:
        break;
    }
    return gy_fail(err, GY_UNSUPPORTED, "'%s' is no table", path);
}

static gy_status count_by_reading(uint64_t *rows, const char *path, gy_error *err)
{
    gy_table table = {0};
    gy_arena *arena = gy_arena_new(0);
    if (arena == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", path);
    gy_status status = gy_table_read(&table, path, NULL, arena, err);
    *rows = table.rows;
    gy_arena_free(arena);
    return status;
}

gy_status gy_table_count(uint64_t *rows, const char *path, gy_error *err)
{
    switch (gy_table_format_of_name(path)) {
    case GY_TABLE_PARQUET:
        return gy_parquet_count(rows, path, err);
    case GY_TABLE_ARRAYS:
        return gy_arrays_count(rows, path, err);
    case GY_TABLE_IDX:
        return count_by_reading(rows, path, err);
    default:
        return gy_fail(err, GY_UNSUPPORTED, "'%s' is no Parquet, NPY, NPZ or IDX file", path);
    }
}
