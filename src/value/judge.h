// SPDX-License-Identifier: Apache-2.0
//
// The judges: what each thinks of every sample, having learned from others only.
#ifndef GYRE_VALUE_JUDGE_H
#define GYRE_VALUE_JUDGE_H

#include "gyre/value.h"

enum { GY_JUDGES_MAX = 8 };

/** What the judges are given. */
typedef struct gy_judge_case {
    const gy_samples *samples;   // as they came
    const gy_samples *projected; // their principal components
    const gy_neighbor *nearest;  // [rows][neighbor_count], in projected
    size_t neighbor_count;
    const uint32_t *groups; // [rows]: near duplicates share a number, that of their first row
    const float *targets;   // [rows][classes]: shares to learn from; NULL: the labels
    uint64_t seed;
    size_t threads;
} gy_judge_case;

typedef struct gy_judgement {
    float *members[GY_JUDGES_MAX]; // [rows][classes] each
    const char *names[GY_JUDGES_MAX];
    size_t count;
} gy_judgement;

/** Let every judge that fits the samples judge them. */
gy_status gy_judge(gy_judgement *judgement, const gy_judge_case *matter, gy_arena *arena,
                   gy_error *err) GY_CHECKED;

/**
 * Deal samples to folds by group: each class and, within it, each group in an order that hangs on
 * seed and ids alone, so that classes are spread evenly and no group is cut.
 */
gy_status gy_judge_folds(uint8_t *fold_of, size_t folds, const gy_judge_case *matter,
                         gy_arena *scratch, gy_error *err) GY_CHECKED;

#endif
