// SPDX-License-Identifier: Apache-2.0
//
// Wrong labels of a table. Its rows are few and its judges seldom sure, so that no seventh of a
// class is beyond doubt: what they confuse would be taken for noise. Here the noise and how sure
// the judges should be are estimated together, as what makes the given labels likeliest.

#include <assert.h>
#include <math.h>
#include <string.h>

#include "rt/math.h"
#include "value/kernel.h"
#include "value/labels.h"

enum {
    CELLS_MAX = 1 << 20, // rows x classes that are enough to estimate by
    ROUNDS = 30          // of expectation maximisation at one sharpness
};

static const double SHARPNESS_MIN = 0.5, SHARPNESS_MAX = 8.01;
static const double SHARPNESS_STEP = 1.189207115002721; // a quarter octave

// What is thought of a class before its labels are counted: most are right.
static const double RIGHT_ROWS = 4.0, WRONG_ROWS = 2.0;

typedef struct mixture {
    const float *logs; // [rows][classes], the largest of a row 0
    const int32_t *labels;
    size_t rows, step, classes; // every step-th row is counted
    float *shares;              // [rows / step][classes]
    double *truth;              // [classes] of one row
    double *noise, *counts;     // [classes given][classes true]
    float *wholes, *words;      // [rows / step], [classes][classes]: what logarithms are taken of
    const gy_value_kernels *kernels;
} mixture;

static double expected(size_t true_class, size_t given, size_t classes)
{
    return true_class == given ? RIGHT_ROWS : WRONG_ROWS / (double)(classes - 1);
}

static void fill_shares(mixture *job, double sharpness)
{
    float *shares = job->shares;
    for (size_t row = 0; row < job->rows; row += job->step, shares += job->classes) {
        float whole = 0.0f;
        job->kernels->exps(shares, job->logs + row * job->classes, (float)sharpness, job->classes);
        for (size_t c = 0; c < job->classes; c++)
            whole += shares[c];
        for (size_t c = 0; c < job->classes; c++)
            shares[c] /= whole;
    }
}

// How likely the noise is, by what is thought of it before; counts start from there.
static double expect_noise(mixture *job)
{
    size_t classes = job->classes;
    double likelihood = 0.0;
    for (size_t i = 0; i < classes * classes; i++)
        job->words[i] = (float)job->noise[i];
    job->kernels->logs(job->words, job->words, classes * classes);
    for (size_t c = 0; c < classes; c++)
        for (size_t given = 0; given < classes; given++) {
            double before = expected(c, given, classes);
            job->counts[given * classes + c] = before;
            likelihood += before * (double)job->words[given * classes + c];
        }
    return likelihood;
}

// One round: how likely labels and noise are, and the noise that makes them likelier.
static double improve(mixture *job)
{
    size_t classes = job->classes, counted = 0;
    const float *shares = job->shares;
    double likelihood = expect_noise(job), *truth = job->truth;
    for (size_t row = 0; row < job->rows; row += job->step, shares += classes) {
        if (job->labels[row] < 0)
            continue;
        const double *noise = job->noise + (size_t)job->labels[row] * classes;
        double *counts = job->counts + (size_t)job->labels[row] * classes, whole = 1e-30;
        for (size_t c = 0; c < classes; c++)
            truth[c] = (double)shares[c] * noise[c];
        for (size_t c = 0; c < classes; c++)
            whole += truth[c];
        job->wholes[counted++] = (float)whole;
        for (size_t c = 0; c < classes; c++)
            counts[c] += truth[c] / whole;
    }
    job->kernels->logs(job->wholes, job->wholes, counted);
    for (size_t i = 0; i < counted; i++)
        likelihood += (double)job->wholes[i];
    for (size_t c = 0; c < classes; c++) {
        double whole = 0.0;
        for (size_t given = 0; given < classes; given++)
            whole += job->counts[given * classes + c];
        for (size_t given = 0; given < classes; given++)
            job->noise[given * classes + c] = job->counts[given * classes + c] / whole;
    }
    return likelihood;
}

static double climb(mixture *job, double sharpness)
{
    size_t classes = job->classes;
    double whole = RIGHT_ROWS + WRONG_ROWS, likelihood = 0.0;
    for (size_t c = 0; c < classes; c++)
        for (size_t given = 0; given < classes; given++)
            job->noise[given * classes + c] = expected(c, given, classes) / whole;
    fill_shares(job, sharpness);
    for (size_t round = 0; round < ROUNDS; round++)
        likelihood = improve(job);
    return likelihood;
}

static gy_status make_mixture(mixture *job, gy_arena *scratch, gy_error *err)
{
    size_t classes = job->classes, most = CELLS_MAX / classes;
    job->step = job->rows > most ? (job->rows + most - 1) / most : 1;
    size_t counted = job->rows / job->step + 1;
    job->kernels = gy_value_kernels_pick();
    job->shares = GY_NEW(scratch, float, counted *classes);
    job->wholes = GY_NEW(scratch, float, counted);
    job->words = GY_NEW(scratch, float, classes *classes);
    job->truth = GY_NEW(scratch, double, classes);
    job->noise = GY_NEW(scratch, double, classes *classes);
    job->counts = GY_NEW(scratch, double, classes *classes);
    if (job->shares == NULL || job->wholes == NULL || job->words == NULL || job->truth == NULL ||
        job->noise == NULL || job->counts == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the noise of %zu classes", classes);
    return GY_OK;
}

static void take_logs(float *logs, const float *judged, size_t rows, size_t classes)
{
    for (size_t row = 0; row < rows; row++, logs += classes, judged += classes) {
        float largest = -INFINITY;
        for (size_t c = 0; c < classes; c++) {
            logs[c] = gy_logf(judged[c] > 1e-9f ? judged[c] : 1e-9f);
            largest = logs[c] > largest ? logs[c] : largest;
        }
        for (size_t c = 0; c < classes; c++)
            logs[c] -= largest;
    }
}

gy_status gy_labels_infer_table(float *posterior, double *noise, const float *judged,
                                const int32_t *labels, size_t rows, size_t classes,
                                gy_arena *scratch, gy_error *err)
{
    assert(classes >= 2 && classes <= GY_LABELS_CLASSES_MAX);
    gy_arena_mark mark = gy_arena_here(scratch);
    mixture job = {.logs = posterior, .labels = labels, .rows = rows, .classes = classes};
    GY_TRY(make_mixture(&job, scratch, err));
    take_logs(posterior, judged, rows, classes);
    double best = 1.0, best_likelihood = -INFINITY;
    for (double sharpness = SHARPNESS_MIN; sharpness <= SHARPNESS_MAX;
         sharpness *= SHARPNESS_STEP) {
        double likelihood = climb(&job, sharpness);
        if (likelihood <= best_likelihood)
            continue;
        best = sharpness;
        best_likelihood = likelihood;
        for (size_t c = 0; c < classes; c++)
            for (size_t given = 0; given < classes; given++)
                noise[c * classes + given] = job.noise[given * classes + c];
    }
    gy_labels_posterior(posterior, posterior, noise, best, labels, rows, classes);
    gy_arena_rewind(scratch, mark);
    return GY_OK;
}
