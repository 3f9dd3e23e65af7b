// SPDX-License-Identifier: Apache-2.0
//
// What range of an activation is kept: all that was seen, all but a thousandth, or what makes the
// least squared error.

#include <stdlib.h>
#include <string.h>

#include "compress/work.h"

enum { SEEN_MAX = 65536, RANGE_TRIES = 24 };

const char *gy_observer_name(gy_observer observer)
{
    static const char *const names[] = {"min-max", "percentile", "squared error"};
    return names[observer];
}

gy_status gy_compress_observe(gy_compressor *work, const gy_part *part, gy_error *err)
{
    size_t capacity = (part->end - part->begin) * 131;
    capacity = capacity < SEEN_MAX ? capacity : SEEN_MAX;
    for (size_t i = 0; i < work->activation_count; i++) {
        gy_activation *activation = &work->activations[i];
        if (activation->seen == NULL && activation->root == i) {
            activation->seen = GY_NEW(work->arena, float, capacity);
            if (activation->seen == NULL)
                return gy_fail(err, GY_NO_MEMORY, "no memory for %zu values", capacity);
            activation->seen_capacity = capacity;
        }
        activation->seen_count = 0;
        activation->least = activation->greatest = 0;
    }
    for (size_t i = 0; i < work->layer_count; i++)
        if (work->layers[i].weights != NULL)
            memset(work->layers[i].power, 0, work->layers[i].fan_in * sizeof(double));
    gy_compressor_switch(work, false);
    work->observing = true;
    gy_status status = gy_compressor_run(NULL, work, part, err);
    work->observing = false;
    return status;
}

static int compare_floats(const void *a, const void *b)
{
    float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

static void set_percentile(gy_activation *activation)
{
    size_t count = activation->seen_count, cut = count / 2000;
    if (count == 0)
        return;
    qsort(activation->seen, count, sizeof(float), compare_floats);
    gy_activation_set(activation, activation->seen[cut], activation->seen[count - 1 - cut]);
}

static double range_error(const gy_activation *activation)
{
    double error = 0;
    for (size_t i = 0; i < activation->seen_count; i++) {
        float value = activation->seen[i];
        gy_round_values(&value, 1, activation);
        double off = (double)value - (double)activation->seen[i];
        error += off * off;
    }
    return error;
}

static void set_squared_error(gy_activation *activation)
{
    float least = activation->least, greatest = activation->greatest, best = 1;
    double best_error = 0;
    for (int i = 0; i < RANGE_TRIES; i++) {
        float share = 1 - (float)i / 32;
        gy_activation_set(activation, least * share, greatest * share);
        double error = range_error(activation);
        if (i == 0 || error < best_error) {
            best_error = error;
            best = share;
        }
    }
    gy_activation_set(activation, least * best, greatest * best);
}

void gy_compress_set_ranges(gy_compressor *work, gy_observer observer)
{
    for (size_t i = 0; i < work->activation_count; i++) {
        gy_activation *activation = &work->activations[i];
        if (activation->root != i)
            continue;
        gy_activation_set(activation, activation->least, activation->greatest);
        if (observer == GY_PERCENTILE)
            set_percentile(activation);
        else if (observer == GY_SQUARED_ERROR)
            set_squared_error(activation);
    }
}
