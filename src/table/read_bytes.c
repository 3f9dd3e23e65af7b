// SPDX-License-Identifier: Apache-2.0
//
// The bytes of a table's file, inflated if they are compressed, and how many there may be.

#define _GNU_SOURCE
#include <string.h>

#include "base/file.h"
#include "table/read.h"
#include "table/zlib.h"

size_t gy_table_limit(const gy_table_options *options)
{
    return options->limit_bytes != 0 ? options->limit_bytes : (size_t)GY_TABLE_GIB_DEFAULT << 30;
}

static bool is_compressed(const char *path)
{
    size_t length = strlen(path);
    return length > 3 && strcasecmp(path + length - 3, ".gz") == 0;
}

gy_status gy_table_bytes_open(gy_table_bytes *bytes, const char *path, size_t limit_bytes,
                              gy_error *err)
{
    *bytes = (gy_table_bytes){0};
    gy_file_map map;
    GY_TRY(gy_file_map_open(&map, path, err));
    if (!is_compressed(path)) {
        bytes->map.bytes = map.bytes;
        bytes->map.size_bytes = map.size_bytes;
        bytes->bytes = (const char *)map.bytes;
        bytes->size_bytes = map.size_bytes;
        return GY_OK;
    }
    char *inflated = NULL;
    bytes->arena = gy_arena_new(0);
    gy_status status = bytes->arena == NULL
                           ? gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", path)
                           : gy_inflate_file(&inflated, &bytes->size_bytes, map.bytes,
                                             map.size_bytes, limit_bytes, path, bytes->arena, err);
    gy_file_map_close(&map);
    if (status != GY_OK)
        gy_arena_free(bytes->arena);
    bytes->bytes = inflated;
    return status;
}

void gy_table_bytes_close(gy_table_bytes *bytes)
{
    gy_file_map map = {bytes->map.bytes, bytes->map.size_bytes};
    if (bytes->arena == NULL)
        gy_file_map_close(&map);
    gy_arena_free(bytes->arena);
}
