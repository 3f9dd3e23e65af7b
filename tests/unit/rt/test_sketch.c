// SPDX-License-Identifier: Apache-2.0
//
// Goal: sketches count what was there, merge to the same bytes in any order, and refuse bytes that
// are damaged or lie. Method: the definition, random merge trees, every bit flipped, every cut, and
// the file of version 1.

#include <stdio.h>
#include <stdlib.h>

#include "rt/bytes.h"
#include "rt/sketch.h"
#include "sketch_places.h"

enum { FEATURES = 3, SKETCHES = 1000, BYTES_MAX = 8192 };

static const uint8_t reference_id[32] = {7, 7, 7};
static gy_sketch_edges edges[FEATURES];

static void set_edges(void)
{
    float sorted[500];
    for (size_t feature = 0; feature < FEATURES; feature++) {
        for (size_t i = 0; i < 500; i++)
            sorted[i] = (float)i * 0.01f * (float)(feature + 1) - 1.0f;
        gy_sketch_edges_set(&edges[feature], sorted, 500);
    }
}

static void fill_row(float row[FEATURES], uint8_t *missing)
{
    *missing = (uint8_t)(next_number() % 11 == 0 ? next_number() % 8 : 0);
    for (size_t i = 0; i < FEATURES; i++) {
        uint32_t kind = next_number() % 37;
        row[i] = kind == 0 ? NAN : kind == 1 ? -INFINITY : next_value() * 0.4f;
    }
}

static void start(gy_sketch *sketch, gy_sketch_feature *features, uint64_t number)
{
    uint8_t source[GY_SKETCH_SOURCE_BYTES] = {1, (uint8_t)number, (uint8_t)(number >> 8)};
    gy_sketch_init(sketch, features, edges, FEATURES, reference_id, source, 99 + number);
}

static size_t write_example(uint8_t *bytes, size_t rows)
{
    gy_sketch sketch;
    gy_sketch_feature features[FEATURES];
    start(&sketch, features, 5);
    for (size_t i = 0; i < rows; i++) {
        float row[FEATURES];
        uint8_t missing;
        fill_row(row, &missing);
        CHECK(gy_sketch_add(&sketch, row, &missing));
    }
    return gy_sketch_write(bytes, BYTES_MAX, &sketch);
}

static void test_what_is_no_number_is_counted_apart(void)
{
    gy_sketch sketch;
    gy_sketch_feature features[FEATURES];
    start(&sketch, features, 1);
    const float rows[][FEATURES] = {
        {NAN, INFINITY, 1.0f}, {-INFINITY, -NAN, 2.0f}, {0.5f, 0.5f, NAN}};
    for (size_t i = 0; i < 3; i++)
        CHECK(gy_sketch_add(&sketch, rows[i], NULL));
    const uint8_t missing = 4;
    CHECK(gy_sketch_add(&sketch, rows[2], &missing));

    CHECK(sketch.rows == 4);
    CHECK(features[0].not_a_number == 1 && features[0].infinite == 1 && features[0].missing == 0);
    CHECK(features[1].not_a_number == 1 && features[1].infinite == 1);
    CHECK(features[2].not_a_number == 1 && features[2].missing == 1 && features[2].infinite == 0);
    for (size_t i = 0; i < FEATURES; i++) {
        uint32_t values = 0;
        for (size_t place = 0; place < GY_SKETCH_PLACES; place++)
            values += features[i].places[place];
        CHECK(values == 2);
        CHECK(features[i].least == (i == 2 ? 1.0f : 0.5f));
        CHECK(features[i].greatest == (i == 2 ? 2.0f : 0.5f));
    }
}

static void test_a_full_sketch_takes_no_row(void)
{
    gy_sketch sketch;
    gy_sketch_feature features[FEATURES];
    start(&sketch, features, 1);
    const float row[FEATURES] = {1, 2, 3};
    sketch.rows = UINT32_MAX - 1;
    CHECK(gy_sketch_add(&sketch, row, NULL));
    CHECK(!gy_sketch_add(&sketch, row, NULL));
    CHECK(sketch.rows == UINT32_MAX && features[0].sum_squares > 0);
    gy_sketch_next(&sketch);
    CHECK(sketch.rows == 0 && sketch.name.sequence == 1 && features[0].sum_squares == 0);
    CHECK(gy_sketch_add(&sketch, row, NULL));
}

static void test_16_features_fit_4_kb(void)
{
    CHECK(sizeof(gy_sketch) + 16 * sizeof(gy_sketch_feature) <= 4096);
    // The widest counts that a device can have.
    gy_sketch_feature features[16];
    gy_sketch_edges same[16];
    for (size_t i = 0; i < 16; i++)
        same[i] = edges[0];
    gy_sketch sketch;
    gy_sketch_init(&sketch, features, same, 16, reference_id, reference_id, 1);
    for (size_t i = 0; i < 16; i++)
        features[i].places[3] = UINT32_MAX;
    uint8_t bytes[4096];
    CHECK(gy_sketch_write(bytes, sizeof(bytes), &sketch) > 0);
}

static void test_bytes_read_back_to_the_same_bytes(void)
{
    for (size_t rows = 0; rows < 700; rows += 69) {
        uint8_t bytes[BYTES_MAX], again[BYTES_MAX];
        size_t size = write_example(bytes, rows);
        gy_sketch_sums sums[FEATURES];
        gy_sketch_total total;
        gy_sketch_total_init(&total, sums, FEATURES);
        CHECK(gy_sketch_read(&total, bytes, size) == GY_SKETCH_OK);
        CHECK(total.rows == rows && total.parts == 1);
        CHECK(gy_sketch_total_write(again, sizeof(again), &total) == size);
        CHECK(memcmp(bytes, again, size) == 0);
        for (size_t capacity = 0; capacity < size; capacity++)
            CHECK(gy_sketch_total_write(again, capacity, &total) == 0);
        gy_sketch_total_init(&total, sums, FEATURES - 1);
        CHECK(gy_sketch_read(&total, bytes, size) == GY_SKETCH_TOO_LARGE);
    }
}

static void test_every_flipped_bit_and_every_cut_is_refused(void)
{
    uint8_t bytes[BYTES_MAX];
    size_t size = write_example(bytes, 300);
    gy_sketch_sums sums[FEATURES];
    gy_sketch_total total;
    gy_sketch_total_init(&total, sums, FEATURES);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(gy_sketch_read(&total, bytes, size) != GY_SKETCH_OK);
        CHECK(total.feature_count == 0 && total.rows == 0);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < size; cut++)
        CHECK(gy_sketch_read(&total, bytes, cut) != GY_SKETCH_OK);
    CHECK(gy_sketch_read(&total, bytes, size) == GY_SKETCH_OK);
}

// Write a changed total with a right checksum and read it.
static gy_sketch_verdict read_changed(const gy_sketch_total *changed)
{
    uint8_t bytes[BYTES_MAX];
    gy_sketch_sums sums[FEATURES];
    gy_sketch_total total;
    gy_sketch_total_init(&total, sums, FEATURES);
    size_t size = gy_sketch_total_write(bytes, sizeof(bytes), changed);
    CHECK(size > 0);
    return gy_sketch_read(&total, bytes, size);
}

static void test_impossible_counts_are_refused(void)
{
    uint8_t bytes[BYTES_MAX];
    size_t size = write_example(bytes, 300);
    gy_sketch_sums sums[FEATURES];
    gy_sketch_total total;
    gy_sketch_total_init(&total, sums, FEATURES);
    CHECK(gy_sketch_read(&total, bytes, size) == GY_SKETCH_OK);
    CHECK(read_changed(&total) == GY_SKETCH_OK);

#define REFUSED(change, undo)                                \
    do {                                                     \
        change;                                              \
        CHECK(read_changed(&total) == GY_SKETCH_IMPOSSIBLE); \
        undo;                                                \
    } while (0)
    REFUSED(sums[1].places[4]++, sums[1].places[4]--);
    REFUSED(sums[2].missing++, sums[2].missing--);
    REFUSED(total.rows++, total.rows--);
    REFUSED(total.parts++, total.parts--);
    REFUSED(total.name.sequence++, total.name.sequence--);
    REFUSED(total.fingerprint[3]++, total.fingerprint[3]--);
    uint64_t values = 0, sum = sums[0].sum, squares = sums[0].sum_squares;
    for (size_t i = 0; i < GY_SKETCH_PLACES; i++)
        values += sums[0].places[i];
    uint64_t away = sum > values * 32768 ? sum - values * 32768 : values * 32768 - sum;
    REFUSED(sums[0].sum = values * 65535 + 1, sums[0].sum = sum);
    REFUSED(sums[0].sum = values - 1, sums[0].sum = sum);
    REFUSED(sums[0].sum_squares = away - 1, sums[0].sum_squares = squares);
    REFUSED(sums[0].sum_squares = values * 32767 * 32767 + 1, sums[0].sum_squares = squares);
    float least = sums[0].least;
    REFUSED(sums[0].least = sums[0].greatest + 1, sums[0].least = least);
    REFUSED(sums[0].least = -INFINITY, sums[0].least = least);
    REFUSED(sums[0].least = NAN, sums[0].least = least);
    REFUSED(sums[0].least = -0.0f, sums[0].least = least);
#undef REFUSED
    CHECK(read_changed(&total) == GY_SKETCH_OK);
}

typedef struct forest {
    gy_sketch_total totals[SKETCHES];
    gy_sketch_sums sums[SKETCHES][FEATURES];
} forest;

static void copy_forest(forest *to, const forest *from)
{
    *to = *from;
    for (size_t i = 0; i < SKETCHES; i++)
        to->totals[i].features = to->sums[i];
}

static void make_forest(forest *leaves, gy_sketch *all)
{
    for (size_t i = 0; i < SKETCHES; i++) {
        gy_sketch sketch;
        gy_sketch_feature features[FEATURES];
        start(&sketch, features, i);
        for (uint32_t row_count = next_number() % 20; row_count > 0; row_count--) {
            float row[FEATURES];
            uint8_t missing;
            fill_row(row, &missing);
            CHECK(gy_sketch_add(&sketch, row, &missing) && gy_sketch_add(all, row, &missing));
        }
        uint8_t bytes[BYTES_MAX];
        size_t size = gy_sketch_write(bytes, sizeof(bytes), &sketch);
        gy_sketch_total_init(&leaves->totals[i], leaves->sums[i], FEATURES);
        CHECK(gy_sketch_read(&leaves->totals[i], bytes, size) == GY_SKETCH_OK);
    }
}

static void test_any_merge_tree_of_1000_sketches_gives_the_same_bytes(void)
{
    forest *leaves = calloc(1, sizeof(*leaves)), *tree = calloc(1, sizeof(*tree));
    gy_sketch all;
    gy_sketch_feature all_features[FEATURES];
    start(&all, all_features, 5000);
    make_forest(leaves, &all);

    uint8_t first[BYTES_MAX], bytes[BYTES_MAX];
    size_t first_size = 0;
    for (int round = 0; round < 12; round++) {
        copy_forest(tree, leaves);
        // Two random trees become one, until one is left.
        for (uint32_t left = SKETCHES; left > 1; left--) {
            uint32_t into = next_number() % left, from = next_number() % (left - 1);
            from += from >= into;
            CHECK(gy_sketch_merge(&tree->totals[into], &tree->totals[from]) == GY_SKETCH_OK);
            gy_sketch_total moved = tree->totals[from];
            tree->totals[from] = tree->totals[left - 1];
            tree->totals[left - 1] = moved;
        }
        size_t size = gy_sketch_total_write(bytes, sizeof(bytes), &tree->totals[0]);
        CHECK(size > 0 && (round == 0 || size == first_size));
        CHECK(round == 0 || memcmp(bytes, first, size) == 0);
        first_size = size;
        memcpy(first, bytes, size);
    }
    // And the same numbers as one sketch over all the rows.
    size_t size = gy_sketch_write(bytes, sizeof(bytes), &all);
    CHECK(size == first_size && tree->totals[0].parts == SKETCHES);
    CHECK(memcmp(bytes + 80, first + 80, size - 84) == 0);
    free(leaves);
    free(tree);
}

static void test_counts_that_reach_their_end_merge_alike_in_any_order(void)
{
    static const size_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                        {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    uint8_t bytes[6][BYTES_MAX];
    size_t sizes[6];
    for (size_t i = 0; i < 6; i++) {
        gy_sketch_sums sums[4] = {0};
        gy_sketch_total totals[4];
        for (size_t part = 0; part < 4; part++)
            gy_sketch_total_init(&totals[part], &sums[part], 1);
        for (size_t part = 0; part < 3; part++) {
            uint64_t count = UINT64_MAX / 2 - 5 + 3 * part;
            sums[part] = (gy_sketch_sums){.sum = count, .sum_squares = 2 * count};
            sums[part].places[7] = count;
            totals[part].parts = 1;
            totals[part].rows = count;
            totals[part].feature_count = 1;
        }
        for (size_t part = 0; part < 3; part++)
            CHECK(gy_sketch_merge(&totals[3], &totals[orders[i][part]]) == GY_SKETCH_OK);
        CHECK(sums[3].places[7] == UINT64_MAX);
        sizes[i] = gy_sketch_total_write(bytes[i], BYTES_MAX, &totals[3]);
        CHECK(sizes[i] == sizes[0] && memcmp(bytes[i], bytes[0], sizes[0]) == 0);
    }
}

static void test_only_sketches_of_one_reference_merge(void)
{
    uint8_t bytes[BYTES_MAX];
    size_t size = write_example(bytes, 10);
    gy_sketch_sums sums[2][FEATURES];
    gy_sketch_total a, b;
    gy_sketch_total_init(&a, sums[0], FEATURES);
    gy_sketch_total_init(&b, sums[1], FEATURES);
    CHECK(gy_sketch_read(&a, bytes, size) == GY_SKETCH_OK);
    CHECK(gy_sketch_read(&b, bytes, size) == GY_SKETCH_OK);
    b.reference[31] ^= 1;
    CHECK(gy_sketch_merge(&a, &b) == GY_SKETCH_UNLIKE);
    CHECK(a.parts == 1 && a.rows == 10);
    b.reference[31] ^= 1;
    b.feature_count--;
    CHECK(gy_sketch_merge(&a, &b) == GY_SKETCH_UNLIKE);
}

static void test_a_sketch_is_merged_once(void)
{
    gy_sketch_window window = {0};
    uint8_t taken[400] = {0};
    uint64_t newest = 0;
    for (int i = 0; i < 5000; i++) {
        uint64_t base = (uint64_t)(i / 15);
        uint64_t sequence = base + next_number() % 70;
        gy_sketch_verdict verdict = gy_sketch_window_take(&window, sequence);
        if (newest > 0 && sequence + 64 < newest)
            CHECK(verdict == GY_SKETCH_LATE);
        else
            CHECK(verdict == (taken[sequence] ? GY_SKETCH_REPEATED : GY_SKETCH_OK));
        if (verdict == GY_SKETCH_OK) {
            taken[sequence] = 1;
            newest = sequence + 1 > newest ? sequence + 1 : newest;
        }
    }
    CHECK(gy_sketch_window_take(&window, UINT64_MAX) == GY_SKETCH_LATE);
    CHECK(gy_sketch_window_take(&window, UINT64_MAX - 1) == GY_SKETCH_OK);
    CHECK(gy_sketch_window_take(&window, UINT64_MAX - 1) == GY_SKETCH_REPEATED);
}

static void test_edges_share_the_reference_evenly(void)
{
    enum { COUNT = 3200 };
    static float sorted[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        sorted[i] = (float)i * (float)i;
    gy_sketch_edges own;
    gy_sketch_edges_set(&own, sorted, COUNT);
    gy_sketch_feature feature = {.least = INFINITY, .greatest = -INFINITY};
    for (size_t i = 0; i < COUNT; i++)
        gy_sketch_count(&feature, &own, sorted[i]);
    CHECK(feature.places[0] == 0 && feature.places[GY_SKETCH_PLACES - 1] == 0);
    for (size_t i = 1; i <= GY_SKETCH_BINS; i++)
        CHECK(feature.places[i] >= COUNT / GY_SKETCH_BINS - 1 &&
              feature.places[i] <= COUNT / GY_SKETCH_BINS + 1);

    for (size_t i = 0; i < COUNT; i++)
        sorted[i] = (float)(i / 100); // 32 distinct values: a bin each
    gy_sketch_edges_set(&own, sorted, COUNT);
    memset(&feature, 0, sizeof(feature));
    for (size_t i = 0; i < COUNT; i++)
        gy_sketch_count(&feature, &own, sorted[i]);
    for (size_t i = 1; i <= GY_SKETCH_BINS; i++)
        CHECK(feature.places[i] == 100);

    const float wide[3] = {-FLT_MAX, 0, FLT_MAX}, one[1] = {5}, tiny[2] = {0, FLT_MIN / 4};
    const float *const sets[] = {wide, one, tiny};
    const size_t counts[] = {3, 1, 2};
    for (size_t i = 0; i < 3; i++) {
        gy_sketch_edges_set(&own, sets[i], counts[i]);
        uint8_t bytes[GY_REFERENCE_BYTES(1)];
        gy_sketch_edges back;
        size_t features = 1, size = gy_reference_write(bytes, sizeof(bytes), &own, 1);
        CHECK(size == sizeof(bytes));
        CHECK(gy_reference_read(&back, &features, bytes, size) == GY_SKETCH_OK && features == 1);
        CHECK(memcmp(&back, &own, sizeof(own)) == 0);
    }
}

static void test_a_damaged_reference_is_refused(void)
{
    uint8_t bytes[GY_REFERENCE_BYTES(FEATURES)];
    gy_sketch_edges back[FEATURES];
    size_t size = gy_reference_write(bytes, sizeof(bytes), edges, FEATURES), features;
    CHECK(size == sizeof(bytes) && gy_reference_write(bytes, size - 1, edges, FEATURES) == 0);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        features = FEATURES;
        CHECK(gy_reference_read(back, &features, bytes, size) != GY_SKETCH_OK && features == 0);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    gy_sketch_edges bad[3] = {edges[0], edges[0], edges[0]};
    bad[0].edges[4] = NAN;
    bad[1].scale = 0;
    bad[2].edges[4] = bad[2].edges[3] - 1;
    for (size_t i = 0; i < 3; i++) {
        features = FEATURES;
        size = gy_reference_write(bytes, sizeof(bytes), &bad[i], 1);
        CHECK(gy_reference_read(back, &features, bytes, size) == GY_SKETCH_IMPOSSIBLE);
    }
}

static size_t read_fixture(uint8_t *bytes, const char *path)
{
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    if (file == NULL)
        return 0;
    size_t size = fread(bytes, 1, BYTES_MAX, file);
    (void)fclose(file);
    return size;
}

// The files of version 1 (made by tests/data/formats/make_sketch.py, which shares no code with us).
static void test_the_files_of_version_1_still_open(void)
{
    uint8_t bytes[BYTES_MAX], again[BYTES_MAX];
    gy_sketch_edges own[2];
    size_t features = 2, size = read_fixture(bytes, "tests/data/formats/reference-1.bin");
    CHECK(gy_reference_read(own, &features, bytes, size) == GY_SKETCH_OK && features == 2);
    CHECK(own[0].edges[0] == -16 && own[0].edges[32] == 16 && own[1].center == 0.5f);

    size = read_fixture(bytes, "tests/data/formats/sketch-1.bin");
    gy_sketch_sums sums[2];
    gy_sketch_total total;
    gy_sketch_total_init(&total, sums, 2);
    CHECK(gy_sketch_read(&total, bytes, size) == GY_SKETCH_OK && total.feature_count == 2);

    gy_sketch sketch;
    gy_sketch_feature counted[2];
    gy_sketch_init(&sketch, counted, own, 2, total.reference, total.name.source, total.name.nonce);
    gy_sketch_next(&sketch);
    for (int i = -40; i < 60; i++) {
        const float row[2] = {(float)i * 0.5f, i % 10 == 0 ? NAN : (float)i * 0.02f};
        const uint8_t missing = i == 7 ? 2 : 0;
        CHECK(gy_sketch_add(&sketch, row, &missing));
    }
    CHECK(gy_sketch_write(again, sizeof(again), &sketch) == size);
    CHECK(memcmp(bytes, again, size) == 0);
}

// The number is judged before anything else is: behind it, another version may have other sums.
static void test_another_version_is_told(void)
{
    static const uint16_t versions[] = {0, 2, UINT16_MAX};
    static const char *const paths[] = {"tests/data/formats/reference-1.bin",
                                        "tests/data/formats/sketch-1.bin"};
    for (size_t i = 0; i < 6; i++) {
        uint8_t bytes[BYTES_MAX];
        uint16_t version = versions[i / 2];
        size_t size = read_fixture(bytes, paths[i % 2]), features = 2;
        gy_sketch_verdict expected = version == 0 ? GY_SKETCH_FOREIGN : GY_SKETCH_NEWER;
        gy_put(bytes + 4, version, 2);
        gy_put(bytes + size - 4, gy_crc32(0, bytes, size - 4), 4);
        gy_sketch_edges own[2];
        gy_sketch_sums sums[2];
        gy_sketch_total total;
        gy_sketch_total_init(&total, sums, 2);
        if (i % 2 == 0)
            CHECK(gy_reference_read(own, &features, bytes, size) == expected && features == 0);
        else
            CHECK(gy_sketch_read(&total, bytes, size) == expected && total.feature_count == 0);
        CHECK(strstr(gy_sketch_verdict_text(expected), "version") != NULL || version == 0);
    }
}

int main(void)
{
    set_edges();
    RUN(test_every_value_is_counted_where_the_definition_says);
    RUN(test_what_is_no_number_is_counted_apart);
    RUN(test_a_full_sketch_takes_no_row);
    RUN(test_16_features_fit_4_kb);
    RUN(test_bytes_read_back_to_the_same_bytes);
    RUN(test_every_flipped_bit_and_every_cut_is_refused);
    RUN(test_impossible_counts_are_refused);
    RUN(test_any_merge_tree_of_1000_sketches_gives_the_same_bytes);
    RUN(test_counts_that_reach_their_end_merge_alike_in_any_order);
    RUN(test_only_sketches_of_one_reference_merge);
    RUN(test_a_sketch_is_merged_once);
    RUN(test_edges_share_the_reference_evenly);
    RUN(test_a_damaged_reference_is_refused);
    RUN(test_the_files_of_version_1_still_open);
    RUN(test_another_version_is_told);
    return check_done();
}
