// SPDX-License-Identifier: Apache-2.0
//
// Goal: a table goes to Arrow and comes from it with every value, null and id; what is handed out
// is released once. Method: arrays laid out by hand as the C Data interface defines them; what is
// exported is read back; every allocation fails.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "check.h"
#include "gyre/table.h"

static void no_release_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static void no_release_array(struct ArrowArray *array)
{
    array->release = NULL;
}

// A column laid out by hand, offered as Arrow.
typedef struct offered {
    struct ArrowSchema schema, words_schema, *fields[1];
    struct ArrowArray array, words, *children[1];
    const void *buffers[5], *words_buffers[5];
} offered;

static void offer(offered *of, const char *format, int64_t length, int64_t offset,
                  const void *validity, const void *values, const void *bytes)
{
    *of = (offered){.schema = {.format = format, .name = "c", .release = no_release_schema},
                    .array = {.length = length,
                              .offset = offset,
                              .null_count = validity == NULL ? 0 : -1,
                              .n_buffers = bytes == NULL ? 2 : 3,
                              .release = no_release_array}};
    of->buffers[0] = validity;
    of->buffers[1] = values;
    of->buffers[2] = bytes;
    of->array.buffers = of->buffers;
}

// The cells of the one column, spelled and separated by bars; "-" for a null.
static const char *imported(const offered *of, size_t batches, gy_error *err)
{
    static char out[512];
    gy_arena arena = GY_ARENA_INIT;
    gy_table table;
    const struct ArrowArray arrays[2] = {of->array, of->array};
    size_t used = 0;
    out[0] = '\0';
    if (gy_table_import_arrow(&table, &of->schema, arrays, batches, &arena, err) != GY_OK) {
        gy_arena_release(&arena);
        return NULL;
    }
    const gy_column *column = &table.columns[0];
    size_t nulls = 0;
    for (size_t row = 0; row < table.rows; row++) {
        const char *bar = row == 0 ? "" : "|";
        size_t length = 0, room = sizeof(out) - used;
        int added;
        nulls += !gy_column_has(column, row);
        if (!gy_column_has(column, row)) {
            added = snprintf(out + used, room, "%s-", bar);
        } else if (column->type == GY_COLUMN_TEXT) {
            const char *text = gy_column_text(column, row, &length);
            added = snprintf(out + used, room, "%s%.*s", bar, (int)length, text);
        } else if (column->type == GY_COLUMN_BOOL) {
            int bit = ((const uint8_t *)column->values)[row / 8] >> row % 8 & 1;
            added = snprintf(out + used, room, "%s%s", bar, bit ? "yes" : "no");
        } else if (column->type == GY_COLUMN_FLOAT || column->type == GY_COLUMN_DOUBLE) {
            double value = column->type == GY_COLUMN_FLOAT
                               ? (double)((const float *)column->values)[row]
                               : ((const double *)column->values)[row];
            added = snprintf(out + used, room, "%s%.17g", bar, value);
        } else if (column->type == GY_COLUMN_DATE) {
            added = snprintf(out + used, room, "%s%d", bar, ((const int32_t *)column->values)[row]);
        } else {
            added = snprintf(out + used, room, "%s%lld", bar,
                             (long long)((const int64_t *)column->values)[row]);
        }
        used += (size_t)added;
    }
    CHECK(nulls == column->null_count);
    gy_arena_release(&arena);
    return out;
}

static void expect(const offered *of, size_t batches, const char *wanted)
{
    gy_error err = {0};
    const char *got = imported(of, batches, &err);
    bool same = got != NULL && strcmp(got, wanted) == 0;
    CHECK(same);
    if (!same)
        printf("# %s: wanted %s, got %s\n", of->schema.format, wanted,
               got == NULL ? err.message : got);
}

// One case a type: three or more values, the second of them null, behind one that is cut off.
static void test_every_type_is_read_as_its_definition_says(void)
{
    static const uint8_t second_null[] = {0xfb}; // offset 1: bit 2
    static const int8_t small[] = {9, -1, 0, 127};
    static const uint16_t medium[] = {9, 65535, 0, 7};
    static const int32_t wide[] = {9, INT32_MIN, 0, 7};
    static const int64_t whole[] = {9, INT64_MIN, 0, INT64_MAX};
    static const uint64_t unsigned_small[] = {9, 8, UINT64_MAX, 7};
    static const uint64_t unsigned_large[] = {9, UINT64_MAX, 0, 7};
    static const uint16_t half[] = {0, 0x3e00, 0, 0x0001};
    static const float single[] = {9, 0.5f, 0, -2};
    static const double twice[] = {9, 0.1, 0, -2};
    static const uint8_t bits[] = {0x0a};
    static const int32_t days[] = {9, -1, 0, 19782};
    static const int64_t milliseconds[] = {9, -1, 0, 86400000};
    static const int64_t nanoseconds[] = {9, -1, 0, 1999};
    static const int64_t large_offsets[] = {0, 3, 4, 4, 7};
    static const int32_t offsets[] = {0, 3, 4, 4, 7};
    static const struct {
        const char *format;
        const void *values, *bytes;
        const char *wanted;
    } cases[] = {
        {"c", small, NULL, "-1|-|127"},
        {"S", medium, NULL, "65535|-|7"},
        {"i", wide, NULL, "-2147483648|-|7"},
        {"l", whole, NULL, "-9223372036854775808|-|9223372036854775807"},
        {"L", unsigned_small, NULL, "8|-|7"},
        {"L", unsigned_large, NULL, "18446744073709551615|-|7"},
        {"e", half, NULL, "1.5|-|5.9604644775390625e-08"},
        {"f", single, NULL, "0.5|-|-2"},
        {"g", twice, NULL, "0.10000000000000001|-|-2"},
        {"b", bits, NULL, "yes|-|yes"},
        {"tdD", days, NULL, "-1|-|19782"},
        {"tdm", milliseconds, NULL, "-1|-|1"},
        {"tss:", whole, NULL, NULL},
        {"tsm:UTC", milliseconds, NULL, "-1000|-|86400000000"},
        {"tsu:Europe/Berlin", whole, NULL, "-9223372036854775808|-|9223372036854775807"},
        {"tsn:", nanoseconds, NULL, "-1|-|1"},
        {"U", large_offsets, "abcdefg", "d|-|efg"},
        {"u", offsets, "abcdefg", "d|-|efg"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        offered of;
        offer(&of, cases[i].format, 3, 1, second_null, cases[i].values, cases[i].bytes);
        if (cases[i].wanted == NULL) {
            gy_error err = {0};
            CHECK(imported(&of, 1, &err) == NULL && err.status == GY_LIMIT);
            continue;
        }
        expect(&of, 1, cases[i].wanted);
        char twice_over[128];
        snprintf(twice_over, sizeof(twice_over), "%s|%s", cases[i].wanted, cases[i].wanted);
        expect(&of, 2, twice_over);
    }
}

static void test_decimals_are_numbers_where_these_are_exact(void)
{
    static const int64_t small[] = {150, 0, -205, 0}; // 128 bits each: low half, high half
    static const int64_t negative[] = {-150, -1, 7, 0};
    static const int32_t narrow[] = {-150, 7};
    // 10^19 + 1 hundredths: more digits than a double has
    static const uint64_t large[] = {10000000000000000001u, 0, 25, 0};
    offered of;
    offer(&of, "d:10,2", 1, 0, NULL, small, NULL);
    expect(&of, 1, "1.5");
    offer(&of, "d:10,2", 2, 0, NULL, negative, NULL);
    expect(&of, 1, "-1.5|0.070000000000000007");
    offer(&of, "d:9,1,32", 2, 0, NULL, narrow, NULL);
    expect(&of, 1, "-15|0.69999999999999996");
    offer(&of, "d:18,0", 2, 0, NULL, negative, NULL);
    expect(&of, 1, "-150|7");
    offer(&of, "d:38,2", 2, 0, NULL, negative, NULL);
    expect(&of, 1, "-1.5|0.070000000000000007");
    offer(&of, "d:38,0", 2, 0, NULL, large, NULL);
    expect(&of, 1, "10000000000000000001|25");
    offer(&of, "d:38,-2", 2, 0, NULL, negative, NULL);
    expect(&of, 1, "-15000|700");
}

static void test_views_lie_inside_or_in_any_buffer(void)
{
    static const char far[] = "somewhere farther than twelve bytes";
    uint8_t views[3][16] = {{0}};
    const int32_t lengths[3] = {12, 13, 0};
    int32_t place[2] = {1, 22};
    const int64_t sizes[2] = {3, sizeof(far) - 1};
    memcpy(views[0], &lengths[0], 4);
    memcpy(views[0] + 4, "twelve bytes", 12);
    memcpy(views[1], &lengths[1], 4);
    memcpy(views[1] + 4, far + 22, 4);
    memcpy(views[1] + 8, place, 8);
    offered of;
    offer(&of, "vu", 3, 0, NULL, views, "abc");
    of.buffers[3] = far;
    of.buffers[4] = sizes;
    of.array.n_buffers = 5;
    expect(&of, 1, "twelve bytes| twelve bytes|");
    for (place[0] = 0; place[0] < 3; place[0]++) { // too short, right, not there
        gy_error err = {0};
        place[1] = 22 + (place[0] == 1);
        memcpy(views[1] + 8, place, 8);
        CHECK(imported(&of, 1, &err) == NULL && err.status == GY_FORMAT);
    }
}

static void test_dictionaries_are_resolved(void)
{
    static const uint8_t word_null[] = {0x05}, row_null[] = {0x1d};
    static const int32_t offsets[] = {0, 1, 1, 3};
    static const int8_t indices[] = {2, 0, 0, 1, 2};
    static const int8_t beyond[] = {0, 3};
    offered of;
    offer(&of, "c", 5, 0, row_null, indices, NULL);
    of.schema.dictionary = &of.words_schema;
    of.words_schema = (struct ArrowSchema){.format = "u", .release = no_release_schema};
    of.array.dictionary = &of.words;
    of.words = (struct ArrowArray){.length = 3, .null_count = -1, .n_buffers = 3};
    of.words.buffers = of.words_buffers;
    of.words_buffers[0] = word_null;
    of.words_buffers[1] = offsets;
    of.words_buffers[2] = "abc";
    of.words.release = no_release_array;
    expect(&of, 1, "bc|-|a|-|bc");
    expect(&of, 2, "bc|-|a|-|bc|bc|-|a|-|bc");
    of.buffers[1] = beyond;
    of.array.length = 2;
    of.buffers[0] = NULL;
    gy_error err = {0};
    CHECK(imported(&of, 1, &err) == NULL && err.status == GY_FORMAT);
    CHECK(strstr(err.message, "entry 3 of 3") != NULL);
}

static void test_what_a_table_does_not_hold_names_column_and_type(void)
{
    static const char *const formats[] = {"z",   "Z",   "+l",         "+m",    "ttu",
                                          "tDu", "w:4", "d:76,2,256", "+ud:0", "x"};
    for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
        offered of;
        gy_error err = {0};
        offer(&of, formats[i], 1, 0, NULL, "        ", "");
        CHECK(imported(&of, 1, &err) == NULL);
        CHECK(err.status == GY_UNSUPPORTED);
        CHECK(strstr(err.message, "'c'") != NULL && strstr(err.message, formats[i]) != NULL);
    }
}

static void test_an_array_that_contradicts_itself_is_refused(void)
{
    static const int32_t backward[] = {4, 2}, negative[] = {-1, 2};
    gy_error err = {0};
    offered of;
    offer(&of, "u", 1, 0, NULL, backward, "abcd");
    CHECK(imported(&of, 1, &err) == NULL && err.status == GY_FORMAT);
    offer(&of, "u", 1, 0, NULL, negative, "abcd");
    CHECK(imported(&of, 1, &err) == NULL && err.status == GY_FORMAT);
    offer(&of, "l", 1, 0, NULL, NULL, NULL);
    CHECK(imported(&of, 1, &err) == NULL && err.status == GY_FORMAT);
    offer(&of, "l", -1, 0, NULL, backward, NULL);
    CHECK(imported(&of, 1, &err) == NULL && err.status == GY_FORMAT);
    offer(&of, "l", 1, 0, NULL, backward, NULL);
    of.array.release = NULL;
    CHECK(imported(&of, 1, &err) == NULL && err.status == GY_INVALID);
}

// ---- out and in again

static int done_count;

static void count_done(void *context)
{
    CHECK(context == &done_count);
    done_count++;
}

static const gy_id *ids_of(gy_table *table, gy_arena *arena)
{
    gy_marks marks;
    gy_error err = {0};
    bool good = gy_table_marks(&marks, table, NULL, arena, &err) == GY_OK &&
                gy_table_ids(table, &marks, arena, &err) == GY_OK;
    CHECK(good);
    return good ? table->ids : NULL;
}

// Every type of column, three rows, the second of them without values.
static gy_table make_table(void)
{
    static const uint8_t validity[] = {0x05}, bits[] = {0x04}, tensor_bits[] = {1, 0, 0, 1, 1, 0};
    static const int64_t whole[] = {1, 0, INT64_MAX}, offsets[] = {0, 1, 1, 4};
    static const float single[] = {0.1f, 0, 2}, tensor[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const double twice[] = {0.1, 0, -2};
    static const int32_t days[] = {-1, 0, 19782};
    static gy_column columns[] = {
        {.name = "none", .type = GY_COLUMN_NULL, .null_count = 3},
        {.name = "bool", .type = GY_COLUMN_BOOL, .values = bits},
        {.name = "int", .type = GY_COLUMN_INT64, .values = whole},
        {.name = "float", .type = GY_COLUMN_FLOAT, .values = single},
        {.name = "double", .type = GY_COLUMN_DOUBLE, .values = twice},
        {.name = "text", .type = GY_COLUMN_TEXT, .values = "xyes", .offsets = offsets},
        {.name = "date", .type = GY_COLUMN_DATE, .values = days},
        {.name = "time", .type = GY_COLUMN_TIME, .values = whole},
        {.name = "tensor",
         .type = GY_COLUMN_TENSOR,
         .values = tensor,
         .dtype = GY_FLOAT32,
         .rank = 2,
         .shape = {2, 2}},
        {.name = "mask",
         .type = GY_COLUMN_TENSOR,
         .values = tensor_bits,
         .dtype = GY_BOOL,
         .rank = 1,
         .shape = {2}},
    };
    for (size_t i = 1; i < 8; i++) {
        columns[i].validity = validity;
        columns[i].null_count = 1;
    }
    return (gy_table){.path = "made",
                      .folder = "",
                      .first_row = 1,
                      .columns = columns,
                      .column_count = sizeof(columns) / sizeof(*columns),
                      .rows = 3};
}

static void test_a_table_comes_back_with_its_ids_and_its_memory(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table table = make_table(), back;
    struct ArrowSchema schema;
    struct ArrowArray array;
    done_count = 0;
    CHECK(gy_table_export_arrow(&schema, &array, &table, count_done, &done_count, NULL) == GY_OK);
    CHECK(strcmp(schema.format, "+s") == 0 && schema.n_children == 10);
    CHECK(strcmp(schema.children[5]->format, "U") == 0);
    CHECK(strcmp(schema.children[8]->format, "+w:4") == 0);
    CHECK(array.children[2]->buffers[1] == table.columns[2].values);
    CHECK(gy_table_import_arrow(&back, &schema, &array, 1, &arena, NULL) == GY_OK);
    CHECK(back.rows == 3 && back.column_count == 10);
    for (size_t i = 1; i < 9; i++) { // not a value was copied
        CHECK(back.columns[i].values == table.columns[i].values);
        CHECK(back.columns[i].null_count == table.columns[i].null_count);
        CHECK(back.columns[i].type == table.columns[i].type);
    }
    CHECK(back.columns[8].rank == 2 && back.columns[8].shape[1] == 2);
    CHECK(memcmp(back.columns[9].values, table.columns[9].values, 6) == 0);
    const gy_id *wanted = ids_of(&table, &arena), *got = ids_of(&back, &arena);
    for (size_t row = 0; wanted != NULL && got != NULL && row < 3; row++)
        CHECK(gy_id_compare(&wanted[row], &got[row]) == 0);
    schema.release(&schema);
    CHECK(schema.release == NULL && done_count == 0);
    array.release(&array);
    CHECK(array.release == NULL && done_count == 1);
    gy_arena_release(&arena);
}

static void test_a_moved_child_keeps_the_table(void)
{
    gy_table table = make_table();
    struct ArrowSchema schema;
    struct ArrowArray array, child;
    done_count = 0;
    CHECK(gy_table_export_arrow(&schema, &array, &table, count_done, &done_count, NULL) == GY_OK);
    child = *array.children[8];
    array.children[8]->release = NULL;
    array.release(&array);
    CHECK(done_count == 0);
    CHECK(((const float *)child.children[0]->buffers[1])[11] == 12.0f);
    child.release(&child);
    CHECK(done_count == 1);
    schema.release(&schema);
}

static void test_a_stream_gives_one_batch(void)
{
    gy_table table = make_table();
    struct ArrowArrayStream stream;
    struct ArrowSchema schema, again;
    struct ArrowArray array, end;
    done_count = 0;
    CHECK(gy_table_stream_arrow(&stream, &table, count_done, &done_count, NULL) == GY_OK);
    CHECK(stream.get_schema(&stream, &schema) == 0 && stream.get_schema(&stream, &again) == 0);
    CHECK(stream.get_next(&stream, &array) == 0 && array.release != NULL && array.length == 3);
    CHECK(stream.get_next(&stream, &end) == 0 && end.release == NULL);
    CHECK(stream.get_last_error(&stream) == NULL);
    stream.release(&stream);
    CHECK(stream.release == NULL && done_count == 0);
    array.release(&array);
    CHECK(done_count == 1);
    schema.release(&schema);
    again.release(&again);

    CHECK(gy_table_stream_arrow(&stream, &table, count_done, &done_count, NULL) == GY_OK);
    stream.release(&stream); // never read
    CHECK(done_count == 2);
}

static void test_tables_of_no_rows_and_of_no_batch(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table table = make_table(), back;
    struct ArrowSchema schema;
    struct ArrowArray array;
    table.rows = 0;
    for (size_t i = 0; i < table.column_count; i++)
        table.columns[i].validity = NULL;
    CHECK(gy_table_export_arrow(&schema, &array, &table, NULL, NULL, NULL) == GY_OK);
    for (size_t batches = 0; batches < 2; batches++) {
        CHECK(gy_table_import_arrow(&back, &schema, &array, batches, &arena, NULL) == GY_OK);
        CHECK(back.rows == 0 && back.column_count == 10);
        CHECK(back.columns[5].type == GY_COLUMN_TEXT && back.columns[5].offsets[0] == 0);
        CHECK(back.columns[8].type == GY_COLUMN_TENSOR && back.columns[8].rank == 2);
    }
    schema.release(&schema);
    array.release(&array);
    gy_arena_release(&arena);
}

static void test_names_are_unique(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_error err = {0};
    gy_table table = make_table(), back;
    struct ArrowSchema schema;
    struct ArrowArray array;
    table.columns[4].name = "int";
    CHECK(gy_table_export_arrow(&schema, &array, &table, NULL, NULL, NULL) == GY_OK);
    CHECK(gy_table_import_arrow(&back, &schema, &array, 1, &arena, &err) == GY_INVALID);
    CHECK(strstr(err.message, "'int'") != NULL);
    schema.release(&schema);
    array.release(&array);
    table.columns[4].name = "double";
    gy_arena_release(&arena);
}

// Both ways, two batches; what was handed out before the failure is released as ever.
static gy_status there_and_back(gy_error *err)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_table table = make_table(), back;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema = {0};
    struct ArrowArray array = {0}, twice[2];
    gy_status status = gy_table_stream_arrow(&stream, &table, count_done, &done_count, err);
    if (status != GY_OK)
        return status;
    if (stream.get_schema(&stream, &schema) != 0 || stream.get_next(&stream, &array) != 0) {
        status = GY_NO_MEMORY;
        CHECK(stream.get_last_error(&stream) != NULL);
        snprintf(err->message, sizeof(err->message), "%s", stream.get_last_error(&stream));
    }
    twice[0] = twice[1] = array;
    if (status == GY_OK)
        status = gy_table_import_arrow(&back, &schema, twice, 2, &arena, err);
    if (schema.release != NULL)
        schema.release(&schema);
    if (array.release != NULL)
        array.release(&array);
    stream.release(&stream);
    gy_arena_release(&arena);
    return status;
}

static void test_every_allocation_may_fail(void)
{
    gy_status status = GY_NO_MEMORY;
    int runs = 0;
    for (size_t takes = 1; status == GY_NO_MEMORY && takes < 1000; takes++, runs++) {
        char fault[32];
        gy_error err = {0};
        snprintf(fault, sizeof(fault), "memory:%zu", takes);
        done_count = 0;
        gy_fault_set(fault);
        status = there_and_back(&err);
        gy_fault_set(NULL);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        CHECK(done_count == (takes > 3)); // by then there was a stream, and it gives the table back
    }
    CHECK(status == GY_OK && runs > 50);
}

int main(void)
{
    RUN(test_every_type_is_read_as_its_definition_says);
    RUN(test_decimals_are_numbers_where_these_are_exact);
    RUN(test_views_lie_inside_or_in_any_buffer);
    RUN(test_dictionaries_are_resolved);
    RUN(test_what_a_table_does_not_hold_names_column_and_type);
    RUN(test_an_array_that_contradicts_itself_is_refused);
    RUN(test_a_table_comes_back_with_its_ids_and_its_memory);
    RUN(test_a_moved_child_keeps_the_table);
    RUN(test_a_stream_gives_one_batch);
    RUN(test_tables_of_no_rows_and_of_no_batch);
    RUN(test_names_are_unique);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
