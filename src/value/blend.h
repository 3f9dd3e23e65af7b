// SPDX-License-Identifier: Apache-2.0
//
// Judges blended: the shares of each to a power of its own, multiplied. Powers and noise are
// estimated together, from the given labels alone.
#ifndef GYRE_VALUE_BLEND_H
#define GYRE_VALUE_BLEND_H

#include "gyre/value.h"
#include "value/kernel.h"

enum { GY_BLEND_MEMBERS_MAX = 16 };

typedef struct gy_blend_work gy_blend_work;

typedef struct gy_blend {
    size_t rows, classes, members;
    const int32_t *labels;               // [rows]; below 0: none
    float *logs;                         // [rows][members][classes]: of shares
    double powers[GY_BLEND_MEMBERS_MAX]; // of the members' shares
    double *noise;                       // [classes][classes]: noise[true][given], rows sum to 1
    const gy_value_kernels *kernels;
    gy_blend_work *work;
} gy_blend;

/** Memory for a blend. The caller fills its logs. */
gy_status gy_blend_make(gy_blend *blend, const int32_t *labels, size_t rows, size_t classes,
                        size_t members, gy_arena *arena, gy_error *err) GY_CHECKED;

/**
 * Find the powers and the noise under which the given labels are likeliest when most are right
 * (expectation maximisation): even noise, or one between certain classes if the labels speak for
 * it. Then how likely they are with less and less of that noise. Classes that overlap look like
 * wrong labels, so that often all of these do, and no single one may be believed.
 */
void gy_blend_fit(gy_blend *blend);

/** The noise, the mean over all that gy_blend_fit looked at, each as much as it is likely. */
void gy_blend_noise(double *noise, gy_blend *blend);

/** What is true of every sample: the same mean of what Bayes' rule says with each. */
void gy_blend_posterior(float *posterior, gy_blend *blend);

#endif
