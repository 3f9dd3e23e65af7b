// SPDX-License-Identifier: Apache-2.0
//
// Goal: arrays come from .npy and .npz as numpy wrote them, and what we write reads back. Method:
// fixtures written by numpy (tests/data/table/make_arrays.py), whose values follow from their
// index; round trips; every prefix and every flipped byte of a fixture; every allocation fails.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/file.h"
#include "check.h"
#include "gyre/table.h"

static const gy_array *find(const gy_array *arrays, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(arrays[i].name, name) == 0)
            return &arrays[i];
    return NULL;
}

static double element(const gy_array *array, size_t i)
{
    switch (array->dtype) {
    case GY_FLOAT32:
        return (double)((const float *)array->data)[i];
    case GY_FLOAT64:
        return ((const double *)array->data)[i];
    case GY_INT8:
        return ((const int8_t *)array->data)[i];
    case GY_UINT8:
    case GY_BOOL:
        return ((const uint8_t *)array->data)[i];
    case GY_INT16:
        return ((const int16_t *)array->data)[i];
    case GY_UINT16:
        return ((const uint16_t *)array->data)[i];
    case GY_INT32:
        return ((const int32_t *)array->data)[i];
    case GY_UINT32:
        return ((const uint32_t *)array->data)[i];
    case GY_INT64:
        return (double)((const int64_t *)array->data)[i];
    case GY_UINT64:
        return (double)((const uint64_t *)array->data)[i];
    default:
        return -1e9;
    }
}

// Every numeric array of the fixtures holds i at flat index i (C order); bool holds i % 2.
static void check_fixture(const char *path)
{
    static const char *const names[] = {"float32", "float64", "int8",   "uint8", "int16",
                                        "uint16",  "int32",   "uint32", "int64", "uint64",
                                        "bool",    "big",     "fortran"};
    gy_arena arena = GY_ARENA_INIT;
    gy_array *arrays = NULL;
    size_t count = 0;
    gy_error err = {0};
    CHECK(gy_arrays_read(&arrays, &count, path, &arena, &err) == GY_OK);
    for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
        const gy_array *array = find(arrays, count, names[n]);
        CHECK(array != NULL && array->rank == 3 && array->count == 24 && array->shape[2] == 4);
        for (size_t i = 0; array != NULL && i < array->count; i++)
            CHECK(element(array, i) == (double)(array->dtype == GY_BOOL ? i % 2 : i));
    }
    const gy_array *text = find(arrays, count, "text");
    CHECK(text != NULL && text->dtype == GY_STRING && text->count == 3);
    if (text != NULL) {
        CHECK(strcmp(((const char **)text->data)[0], "a") == 0);
        CHECK(strcmp(((const char **)text->data)[1], "\xc3\xa4\xe2\x82\xac") == 0);
        CHECK(strcmp(((const char **)text->data)[2], "\xf0\x9f\x99\x82z") == 0);
    }
    const gy_array *scalar = find(arrays, count, "scalar");
    CHECK(scalar != NULL && scalar->rank == 0 && scalar->count == 1);
    const gy_array *empty = find(arrays, count, "empty");
    CHECK(empty != NULL && empty->rank == 2 && empty->count == 0);
    gy_arena_release(&arena);
}

static void test_arrays_of_numpy_are_read(void)
{
    check_fixture("tests/data/table/stored.npz");
    check_fixture("tests/data/table/deflated.npz");
}

static void test_what_is_written_reads_back(void)
{
    char path[] = "/tmp/gyre-array-XXXXXX.npz";
    int file = mkstemps(path, 4);
    CHECK(file >= 0);
    close(file);
    float x[6] = {0, -0.0f, 1e-45f, 3.5f, INFINITY, -1};
    int64_t y[1] = {INT64_MIN};
    const gy_array given[2] = {
        {.name = "x", .dtype = GY_FLOAT32, .rank = 2, .shape = {2, 3}, .count = 6, .data = x},
        {.name = "y/z", .dtype = GY_INT64, .rank = 0, .count = 1, .data = y},
    };
    gy_arena arena = GY_ARENA_INIT;
    gy_array *arrays;
    size_t count = 0;
    CHECK(gy_arrays_write(given, 2, path, NULL) == GY_OK);
    CHECK(gy_arrays_read(&arrays, &count, path, &arena, NULL) == GY_OK && count == 2);
    CHECK(strcmp(arrays[1].name, "y/z") == 0 && *(int64_t *)arrays[1].data == INT64_MIN);
    CHECK(arrays[0].shape[0] == 2 && arrays[0].shape[1] == 3);
    CHECK(memcmp(arrays[0].data, x, sizeof(x)) == 0);
    CHECK(gy_arrays_write(given, 0, path, NULL) == GY_OK);
    CHECK(gy_arrays_read(&arrays, &count, path, &arena, NULL) == GY_OK && count == 0);
    unlink(path);
    gy_arena_release(&arena);
}

// Bit 11 of a zip member's flags says that its name is UTF-8 (APPNOTE 4.4.4); numpy reads code page
// 437 else.
static void test_a_name_beyond_ascii_is_marked(void)
{
    char path[] = "/tmp/gyre-array-XXXXXX.npz";
    int file = mkstemps(path, 4);
    CHECK(file >= 0);
    close(file);
    int64_t value[1] = {1};
    gy_array given = {.dtype = GY_INT64, .rank = 0, .count = 1, .data = value};
    const char *const names[] = {"u", "\xc3\xbc"};
    for (size_t i = 0; i < 2; i++) {
        gy_arena arena = GY_ARENA_INIT;
        char *bytes = NULL;
        size_t size = 0;
        given.name = names[i];
        CHECK(gy_arrays_write(&given, 1, path, NULL) == GY_OK);
        CHECK(gy_file_read(&bytes, &size, path, SIZE_MAX, &arena, NULL) == GY_OK && size > 8);
        CHECK(bytes[6] == 0 && bytes[7] == (i == 0 ? 0 : 8));
        gy_arena_release(&arena);
    }
    unlink(path);
}

// Of every length that UTF-8 has, none at all, and bytes that are no text.
static void test_texts_read_back(void)
{
    const char *texts[] = {"", "a", "\xc3\xa4\xe2\x82\xac", "\xf0\x9f\x99\x82z", "\xff-\xc3"};
    const char *wanted[] = {texts[0], texts[1], texts[2], texts[3], "\xef\xbf\xbd-\xef\xbf\xbd"};
    const gy_array given = {
        .name = "t", .dtype = GY_STRING, .rank = 2, .shape = {5, 1}, .count = 5, .data = texts};
    char path[] = "/tmp/gyre-array-XXXXXX.npy";
    close(mkstemps(path, 4));
    gy_arena arena = GY_ARENA_INIT;
    gy_array *arrays;
    size_t count = 0;
    CHECK(gy_arrays_write(&given, 1, path, NULL) == GY_OK);
    CHECK(gy_arrays_read(&arrays, &count, path, &arena, NULL) == GY_OK && count == 1);
    CHECK(arrays[0].dtype == GY_STRING && arrays[0].rank == 2 && arrays[0].count == 5);
    for (size_t i = 0; i < 5; i++)
        CHECK(strcmp(((const char **)arrays[0].data)[i], wanted[i]) == 0);
    unlink(path);
    gy_arena_release(&arena);
}

// numpy writes texts of a table by columns where they lay so.
static void test_texts_by_columns_are_read(void)
{
    char file[10 + 118 + 6 + 1];
    memcpy(file, "\x93NUMPY\1\0v\0", 10);
    snprintf(file + 10, sizeof(file) - 10, "%-117s\nadbecf",
             "{'descr': '|S1', 'fortran_order': True, 'shape': (2, 3), }");
    char path[] = "/tmp/gyre-array-XXXXXX.npy";
    close(mkstemps(path, 4));
    CHECK(gy_file_replace(path, file, sizeof(file) - 1, NULL) == GY_OK);
    gy_arena arena = GY_ARENA_INIT;
    gy_array *arrays;
    size_t count = 0;
    gy_error err = {0};
    CHECK(gy_arrays_read(&arrays, &count, path, &arena, &err) == GY_OK && count == 1);
    for (size_t i = 0; count == 1 && i < 6; i++)
        CHECK(((const char **)arrays[0].data)[i][0] == (char)('a' + (int)i));
    unlink(path);
    gy_arena_release(&arena);
}

// Reading must end in a status, and not over the edge (valgrind, ASan), whatever the bytes.
static void test_broken_files_are_refused(void)
{
    gy_arena arena = GY_ARENA_INIT;
    char *bytes;
    size_t size;
    CHECK(gy_file_read(&bytes, &size, "tests/data/table/deflated.npz", SIZE_MAX, &arena, NULL) ==
          GY_OK);
    char path[] = "/tmp/gyre-array-XXXXXX.npz";
    close(mkstemps(path, 4));
    for (size_t cut = 0; cut < size; cut += 7) {
        gy_arena_mark mark = gy_arena_here(&arena);
        gy_array *arrays;
        size_t count;
        gy_error err = {0};
        CHECK(gy_file_replace(path, bytes, cut, NULL) == GY_OK);
        CHECK(gy_arrays_read(&arrays, &count, path, &arena, &err) == GY_FORMAT);
        CHECK(err.message[0] != '\0');
        gy_arena_rewind(&arena, mark);
    }
    size_t refused = 0, tried = 0;
    for (size_t at = 0; at < size; at += 5, tried++) {
        gy_arena_mark mark = gy_arena_here(&arena);
        gy_array *arrays;
        size_t count;
        bytes[at] = (char)(bytes[at] ^ 0x41);
        CHECK(gy_file_replace(path, bytes, size, NULL) == GY_OK);
        refused += gy_arrays_read(&arrays, &count, path, &arena, NULL) != GY_OK;
        bytes[at] = (char)(bytes[at] ^ 0x41);
        gy_arena_rewind(&arena, mark);
    }
    CHECK(refused > tried / 2); // names, dates and the like may change
    unlink(path);
    gy_arena_release(&arena);
}

static void test_pickles_are_never_read(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_array *arrays;
    size_t count;
    gy_error err = {0};
    CHECK(gy_arrays_read(&arrays, &count, "tests/data/table/pickle.npy", &arena, &err) ==
          GY_UNSUPPORTED);
    CHECK(strstr(err.message, "pickled") != NULL);
    gy_arena_release(&arena);
}

static void test_every_allocation_may_fail(void)
{
    gy_status status = GY_NO_MEMORY;
    for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
        gy_arena arena = GY_ARENA_INIT;
        arena.takes_left = takes;
        gy_array *arrays;
        size_t count;
        gy_error err = {0};
        status = gy_arrays_read(&arrays, &count, "tests/data/table/deflated.npz", &arena, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK);
}

static void test_every_write_may_fail(void)
{
    char path[] = "/tmp/gyre-array-XXXXXX.npz";
    close(mkstemps(path, 4));
    int32_t x[3] = {1, 2, 3};
    const gy_array given = {
        .name = "x", .dtype = GY_INT32, .rank = 1, .shape = {3}, .count = 3, .data = x};
    CHECK(gy_file_replace(path, "old", 3, NULL) == GY_OK);
    for (int kind = 0; kind < 2; kind++) {
        gy_status status = GY_IO;
        for (size_t n = 1; status != GY_OK && n < 50; n++) {
            char fault[32];
            snprintf(fault, sizeof(fault), "%s:%zu", kind == 0 ? "memory" : "io", n);
            gy_fault_set(fault);
            gy_error err = {0};
            status = gy_arrays_write(&given, 1, path, &err);
            gy_fault_set(NULL);
            CHECK(status == GY_OK || err.message[0] != '\0');
        }
        CHECK(status == GY_OK);
    }
    unlink(path);
}

int main(void)
{
    RUN(test_arrays_of_numpy_are_read);
    RUN(test_what_is_written_reads_back);
    RUN(test_a_name_beyond_ascii_is_marked);
    RUN(test_texts_read_back);
    RUN(test_texts_by_columns_are_read);
    RUN(test_broken_files_are_refused);
    RUN(test_pickles_are_never_read);
    RUN(test_every_allocation_may_fail);
    RUN(test_every_write_may_fail);
    return check_done();
}
