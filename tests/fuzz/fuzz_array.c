// SPDX-License-Identifier: Apache-2.0
//
// An .npy, .npz or IDX file from anybody: read, or refused with a message. The first byte chooses
// the ending.

#define _GNU_SOURCE
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "gyre/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void read_table(const char *ending, const uint8_t *bytes, size_t size_bytes)
{
    char folder[] = "/tmp/gyre-fuzz-XXXXXX", path[64];
    gy_arena arena = GY_ARENA_INIT;
    arena.limit_bytes = 64 << 20;
    gy_table table;
    gy_error err = {0};
    if (mkdtemp(folder) == NULL)
        return;
    snprintf(path, sizeof(path), "%s/x%s", folder, ending);
    FILE *file = fopen(path, "wb");
    if (file != NULL) {
        fwrite(bytes, 1, size_bytes, file);
        fclose(file);
        gy_status status = gy_table_read(&table, path, NULL, &arena, &err);
        assert(status == GY_OK || err.message[0] != '\0');
        unlink(path);
    }
    rmdir(folder);
    gy_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static const char *const endings[] = {".npy", ".npz", "-ubyte", "-ubyte.gz"};
    if (size_bytes > 0)
        read_table(endings[bytes[0] % 4], bytes + 1, size_bytes - 1);
    return 0;
}
