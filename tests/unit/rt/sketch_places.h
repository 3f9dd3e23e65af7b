// SPDX-License-Identifier: Apache-2.0
//
// Counting against its definition, for both ways of finding a bin (see test_sketch_search.c).

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "check.h"
#include "rt/sketch.h"

static uint32_t places_seed = 1;

static uint32_t next_number(void)
{
    places_seed = places_seed * 1664525u + 1013904223u;
    return places_seed >> 8;
}

// Few distinct values, so that edges repeat and values meet them.
static float next_value(void)
{
    return ldexpf((float)(next_number() % 41) - 20.0f, (int)(next_number() % 3) - 1);
}

static size_t place_by_definition(const gy_sketch_edges *edges, float value)
{
    if (value < edges->edges[0])
        return 0;
    if (value > edges->edges[GY_SKETCH_BINS])
        return GY_SKETCH_BINS + 1;
    for (size_t bin = GY_SKETCH_BINS - 1;; bin--)
        if (edges->edges[bin] <= value)
            return bin + 1;
}

static void test_every_value_is_counted_where_the_definition_says(void)
{
    for (int round = 0; round < 200; round++) {
        gy_sketch_edges edges = {.center = next_value(), .scale = fabsf(next_value()) + 0.3f};
        edges.edges[0] = next_value();
        for (size_t i = 1; i < GY_SKETCH_EDGES; i++)
            edges.edges[i] = edges.edges[i - 1] + (float)(next_number() % 3) * 0.5f;

        uint64_t places[GY_SKETCH_PLACES] = {0}, sum = 0, squares = 0;
        gy_sketch_feature feature = {.least = INFINITY, .greatest = -INFINITY};
        float least = FLT_MAX, greatest = -FLT_MAX;
        for (int i = 0; i < 300; i++) {
            float value = i == 0 ? FLT_MAX : i == 1 ? -FLT_MAX : next_value();
            gy_sketch_count(&feature, &edges, value);
            places[place_by_definition(&edges, value)]++;
            double steps = rint((double)((value - edges.center) * edges.scale));
            steps = fmax(fmin(steps, GY_SKETCH_STEPS_MAX), -GY_SKETCH_STEPS_MAX);
            sum += (uint64_t)(steps + GY_SKETCH_STEPS_OFFSET);
            squares += (uint64_t)(steps * steps);
            least = fminf(least, value);
            greatest = fmaxf(greatest, value);
        }
        for (size_t i = 0; i < GY_SKETCH_PLACES; i++)
            CHECK(feature.places[i] == places[i]);
        CHECK(feature.sum == sum);
        CHECK(feature.sum_squares == squares);
        CHECK(feature.least == least && (least != 0 || !signbit(feature.least)));
        CHECK(feature.greatest == greatest && (greatest != 0 || !signbit(feature.greatest)));
    }
}
