// SPDX-License-Identifier: Apache-2.0
//
// Wrong labels of a table. Its rows are few and its judges seldom sure, so that no seventh of a
// class is beyond doubt: what they confuse would be taken for noise. Here the noise and how much
// each judge is worth are estimated together, as what makes the given labels likeliest; twice, the
// second time with the noise of the first taken out of what each judge has learned.

#include <assert.h>
#include <string.h>

#include "value/blend.h"
#include "value/labels.h"

// A judge that rules a class out is believed so far.
static const float SHARE_FLOOR = 0.01f;

// Shares that a judge gives the true class; noise NULL: as it gives them to the given one.
static void fill_logs(gy_blend *blend, const float *const *members, const double *noise)
{
    size_t classes = blend->classes;
    float *logs = blend->logs;
    for (size_t row = 0; row < blend->rows; row++)
        for (size_t m = 0; m < blend->members; m++, logs += classes) {
            const float *shares = members[m] + row * classes;
            float sum = 0.0f;
            if (noise != NULL) {
                gy_labels_take_out(logs, shares, noise, 1, classes);
                blend->kernels->exps(logs, logs, 1.0f, classes);
            }
            for (size_t c = 0; c < classes; c++)
                logs[c] = (noise != NULL ? logs[c] : shares[c]) + SHARE_FLOOR;
            blend->kernels->logs(logs, logs, classes);
            for (size_t c = 0; c < classes; c++)
                sum += logs[c];
            for (size_t c = 0; c < classes; c++)
                logs[c] -= sum / (float)classes;
        }
}

gy_status gy_labels_infer_table(float *posterior, double *noise, const float *const *members,
                                size_t member_count, const int32_t *labels, size_t rows,
                                size_t classes, gy_arena *scratch, gy_error *err)
{
    assert(classes >= 2 && classes <= GY_LABELS_CLASSES_MAX);
    gy_arena_mark mark = gy_arena_here(scratch);
    gy_blend blend;
    GY_TRY(gy_blend_make(&blend, labels, rows, classes, member_count, scratch, err));
    fill_logs(&blend, members, NULL);
    gy_blend_fit(&blend);
    gy_blend_noise(noise, &blend);
    fill_logs(&blend, members, noise);
    gy_blend_fit(&blend);
    gy_blend_noise(noise, &blend);
    gy_blend_posterior(posterior, &blend);
    gy_arena_rewind(scratch, mark);
    return GY_OK;
}
