// SPDX-License-Identifier: Apache-2.0
//
// Nanoseconds to count one value in a sketch, and microseconds to merge 16 features.
// cc -O3 -ffp-contract=off -Isrc bench/rt_sketch.c src/rt/*.c -o build/rt_sketch && build/rt_sketch

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "rt/sketch.h"

enum { FEATURES = 16, ROWS = 1 << 16, ROUNDS = 15, MERGES = 10000 };

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void report(const char *what, double *times)
{
    qsort(times, ROUNDS, sizeof(*times), compare);
    printf("%s: min %.2f median %.2f\n", what, times[0], times[ROUNDS / 2]);
}

int main(void)
{
    float *rows = malloc(sizeof(float) * ROWS * FEATURES), sorted[1024];
    uint32_t seed = 1;
    for (size_t i = 0; rows != NULL && i < (size_t)ROWS * FEATURES; i++) {
        float sum = 0; // of 6: nearly normal, so that the branches of a search cannot be guessed
        for (int part = 0; part < 6; part++)
            sum += (float)((seed = seed * 1664525u + 1013904223u) >> 8) / 16777216.0f;
        rows[i] = sum;
    }
    for (size_t i = 0; i < 1024; i++)
        sorted[i] = (float)i * 6 / 1024;
    gy_sketch_edges edges[FEATURES];
    for (size_t i = 0; i < FEATURES; i++)
        gy_sketch_edges_set(&edges[i], sorted, 1024);

    const uint8_t id[32] = {1};
    gy_sketch sketch;
    gy_sketch_feature features[FEATURES];
    gy_sketch_sums sums[2][FEATURES];
    gy_sketch_total one, all;
    double add_ns[ROUNDS], merge_us[ROUNDS];
    for (int round = 0; rows != NULL && round < ROUNDS; round++) {
        gy_sketch_init(&sketch, features, edges, FEATURES, id, id, 1);
        double start = now_ns();
        for (size_t row = 0; row < ROWS; row++)
            if (!gy_sketch_add(&sketch, rows + row * FEATURES, NULL))
                return 1;
        add_ns[round] = (now_ns() - start) / ((double)ROWS * FEATURES);

        uint8_t bytes[4096];
        size_t size = gy_sketch_write(bytes, sizeof(bytes), &sketch);
        gy_sketch_total_init(&one, sums[0], FEATURES);
        gy_sketch_total_init(&all, sums[1], FEATURES);
        if (gy_sketch_read(&one, bytes, size) != GY_SKETCH_OK)
            return 1;
        start = now_ns();
        for (int i = 0; i < MERGES; i++)
            if (gy_sketch_merge(&all, &one) != GY_SKETCH_OK)
                return 1;
        merge_us[round] = (now_ns() - start) / MERGES / 1000;
        if (round == 0)
            printf("16 features: %zu bytes in memory, %zu as bytes\n",
                   sizeof(sketch) + sizeof(features), size);
    }
    report("count a value, ns", add_ns);
    report("merge 16 features, us", merge_us);
    free(rows);
    return 0;
}
