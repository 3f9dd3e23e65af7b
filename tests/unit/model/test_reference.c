// SPDX-License-Identifier: Apache-2.0
//
// Goal: the reference of a model's sketches has the features that docs/formats/bundle.md says.
// Method: samples whose median and deviation are known; what has no finite value; every allocation.

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "check.h"
#include "gyre/model.h"
#include "rt/sketch.h"

enum { ROWS = 101, WIDE = 20, NARROW = 3, OUTPUTS = 2 };
static float wide[ROWS][WIDE], narrow[ROWS][NARROW], outputs[ROWS][OUTPUTS];

static gy_array array_of(const char *name, float *data, size_t width)
{
    return (gy_array){.name = name,
                      .dtype = GY_FLOAT32,
                      .rank = 2,
                      .shape = {ROWS, width},
                      .count = ROWS * width,
                      .data = data};
}

static void fill(void)
{
    for (size_t row = 0; row < ROWS; row++) {
        for (size_t i = 0; i < WIDE; i++) // mean row, deviation 2
            wide[row][i] = (float)row + (i % 2 == 0 ? 2.0f : -2.0f);
        for (size_t i = 0; i < NARROW; i++)
            narrow[row][i] = (float)(row * (i + 1));
        outputs[row][0] = 1.0f;
        outputs[row][1] = row == 0 ? NAN : -(float)row;
    }
}

static size_t make(gy_sketch_edges edges[8], float *input, size_t width)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_text bytes = {0};
    size_t features = 8;
    gy_array in = array_of("x", input, width), out = array_of("y", outputs[0], OUTPUTS);
    CHECK(gy_reference_make(&bytes, &in, &out, &arena, NULL) == GY_OK);
    CHECK(gy_reference_read(edges, &features, (const uint8_t *)bytes.bytes, bytes.length) ==
          GY_SKETCH_OK);
    gy_text_release(&bytes);
    gy_arena_release(&arena);
    return features;
}

static void test_features_are_elements_or_mean_and_deviation(void)
{
    gy_sketch_edges edges[8];
    CHECK(make(edges, narrow[0], NARROW) == NARROW + OUTPUTS);
    CHECK(edges[0].center == 50.0f && edges[1].center == 100.0f && edges[2].center == 150.0f);
    CHECK(edges[3].center == 1.0f);
    CHECK(edges[4].edges[0] == -100.0f); // the NaN counts for nothing
    CHECK(make(edges, wide[0], WIDE) == 2 + OUTPUTS);
    CHECK(edges[0].center == 50.0f && edges[1].center == 2.0f);
}

static void test_what_has_no_value_is_refused(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_text bytes = {0};
    gy_error err = {0};
    static float none[ROWS][1];
    for (size_t row = 0; row < ROWS; row++)
        none[row][0] = INFINITY;
    gy_array in = array_of("x", none[0], 1), out = array_of("y", outputs[0], OUTPUTS);
    CHECK(gy_reference_make(&bytes, &in, &out, &arena, &err) == GY_INVALID);
    CHECK(strstr(err.message, "'x'") != NULL);
    in.dtype = GY_INT64;
    CHECK(gy_reference_make(&bytes, &in, &out, &arena, &err) == GY_UNSUPPORTED);
    CHECK(bytes.length == 0);
    gy_arena_release(&arena);
}

static void test_every_allocation_may_fail(void)
{
    gy_status status = GY_NO_MEMORY;
    for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
        gy_arena arena = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_text bytes = {0};
        gy_error err = {0};
        gy_array in = array_of("x", narrow[0], NARROW), out = array_of("y", outputs[0], OUTPUTS);
        status = gy_reference_make(&bytes, &in, &out, &arena, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_text_release(&bytes);
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK);
}

int main(void)
{
    fill();
    RUN(test_features_are_elements_or_mean_and_deviation);
    RUN(test_what_has_no_value_is_refused);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
