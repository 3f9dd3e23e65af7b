// SPDX-License-Identifier: Apache-2.0
//
// Goal: what once broke a reader never does again, and no near relative of it does. Method: hand
// the fuzz target each file of a folder, then prefixes of it, then copies with a few bytes changed,
// by a seeded generator, so that every run is the same. Run it under ASan and UBSan for what it is
// worth.
//
// Usage: fuzz_NAME FOLDER | FILE    (a file alone: what libFuzzer found, as it is)

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/random.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

enum { PREFIXES = 64, CHANGED_COPIES = 128, CHANGES_MAX = 8 };

// In a heap block of its own size, so that ASan sees the first byte read behind it.
static void run(const uint8_t *bytes, size_t size_bytes)
{
    uint8_t *exact = malloc(size_bytes == 0 ? 1 : size_bytes);
    if (exact == NULL)
        abort();
    memcpy(exact, bytes, size_bytes);
    LLVMFuzzerTestOneInput(exact, size_bytes);
    free(exact);
}

static void run_changed(const uint8_t *bytes, size_t size_bytes, gy_random *random)
{
    uint8_t *copy = malloc(size_bytes + CHANGES_MAX);
    if (copy == NULL)
        abort();
    memcpy(copy, bytes, size_bytes);
    uint32_t changes = 1 + gy_random_below(random, CHANGES_MAX);
    for (uint32_t i = 0; i < changes && size_bytes > 0; i++) {
        static const uint8_t edges[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '"', '\\', '['};
        uint8_t *at = copy + gy_random_below(random, (uint32_t)size_bytes);
        switch (gy_random_below(random, 4)) {
        case 0:
            *at ^= (uint8_t)(1u << gy_random_below(random, 8));
            break;
        case 1:
            *at = edges[gy_random_below(random, sizeof(edges))];
            break;
        case 2:
            *at = (uint8_t)gy_random_below(random, 256);
            break;
        default:
            memmove(at, at + 1, (size_t)(copy + size_bytes - at - 1));
            size_bytes--;
        }
    }
    run(copy, size_bytes);
    free(copy);
}

static uint8_t *read_file(const char *path, size_t *size_bytes)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    uint8_t *bytes = NULL;
    size_t used = 0, got = 0;
    do {
        bytes = realloc(bytes, used + 65536);
        if (bytes == NULL)
            abort();
        got = fread(bytes + used, 1, 65536, file);
        used += got;
    } while (got > 0);
    fclose(file);
    *size_bytes = used;
    return bytes;
}

static void replay(const uint8_t *bytes, size_t size_bytes)
{
    gy_random random;
    gy_random_init(&random, size_bytes, 1);
    run(bytes, size_bytes);
    for (size_t i = 0; i < PREFIXES && i < size_bytes; i++)
        run(bytes, size_bytes < PREFIXES ? i : size_bytes * i / PREFIXES);
    for (size_t i = 0; i < CHANGED_COPIES && size_bytes <= UINT32_MAX; i++)
        run_changed(bytes, size_bytes, &random);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    size_t size_bytes;
    struct stat found;
    if (stat(argv[1], &found) == 0 && S_ISREG(found.st_mode)) {
        uint8_t *bytes = read_file(argv[1], &size_bytes);
        if (bytes == NULL)
            return 2;
        run(bytes, size_bytes);
        free(bytes);
        return 0;
    }
    struct dirent **entries = NULL;
    int count = scandir(argv[1], &entries, NULL, alphasort), tests = 0;
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", argv[1], entries[i]->d_name);
        uint8_t *bytes = entries[i]->d_name[0] == '.' ? NULL : read_file(path, &size_bytes);
        if (bytes != NULL) {
            printf("# %s\n", entries[i]->d_name);
            fflush(stdout);
            replay(bytes, size_bytes);
            printf("ok %d - %s\n", ++tests, entries[i]->d_name);
        }
        free(bytes);
        free(entries[i]);
    }
    free(entries);
    if (tests == 0)
        printf("not ok %d - no corpus in %s\n", ++tests, argv[1]);
    printf("1..%d\n", tests);
    return count <= 0;
}
