// SPDX-License-Identifier: Apache-2.0
//
// Wrong labels. Out-of-sample probabilities, an estimate of how labels go wrong from the samples
// that nobody doubts, and Bayes' rule. The score of a label is what is left of it afterwards, so
// that it needs no choice between kinds of noise: the estimate says which kind it is.

#include "value/labels.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "rt/math.h"

enum {
    WEIGH_ROUNDS = 50,
    DECONVOLVE_ROUNDS = 20,
    DECONVOLVE_CLASSES_MAX = 64, // a round takes classes^2; with many, each is rarely confused
    SURE_ROWS_MIN = 60
};

static const double SURE_SHARE = 0.15;
static const double EVENNESS_MIN = 0.25, EVENNESS_MAX = 4096.0;
static const double RATE_ROWS = 10.0; // how many sure rows the rate of all classes is worth

void gy_labels_weigh(double *weights, const float *const *members, size_t member_count,
                     const int32_t *labels, size_t rows, size_t classes)
{
    double sums[16];
    assert(member_count > 0 && member_count <= 16);
    for (size_t m = 0; m < member_count; m++)
        weights[m] = 1.0 / (double)member_count;
    for (size_t round = 0; round < WEIGH_ROUNDS; round++) {
        memset(sums, 0, sizeof(sums));
        size_t counted = 0;
        for (size_t row = 0; row < rows; row++) {
            if (labels[row] < 0)
                continue;
            double shares[16], whole = 1e-12;
            for (size_t m = 0; m < member_count; m++) {
                shares[m] = weights[m] * (double)members[m][row * classes + (size_t)labels[row]];
                whole += shares[m];
            }
            for (size_t m = 0; m < member_count; m++)
                sums[m] += shares[m] / whole;
            counted++;
        }
        double whole = 1e-300;
        for (size_t m = 0; m < member_count; m++)
            whole += sums[m];
        for (size_t m = 0; counted > 0 && m < member_count; m++)
            weights[m] = sums[m] / whole;
    }
    for (size_t m = 0; m < member_count; m++)
        weights[m] = 0.5 * weights[m] + 0.5 / (double)member_count;
}

typedef struct sure_row {
    float probability;
    uint32_t row;
} sure_row;

static int by_probability(const void *left, const void *right)
{
    const sure_row *a = left, *b = right;
    if (a->probability != b->probability)
        return a->probability > b->probability ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static size_t likeliest(const float *probabilities, size_t classes)
{
    size_t best = 0;
    for (size_t c = 1; c < classes; c++)
        if (probabilities[c] > probabilities[best])
            best = c;
    return best;
}

// Count the labels of the surest rows of one class into a line of the matrix.
static void count_sure(double *line, sure_row *sure, const float *judged, const int32_t *labels,
                       size_t rows, size_t classes, size_t true_class)
{
    size_t count = 0;
    for (size_t row = 0; row < rows; row++)
        if (labels[row] >= 0 && likeliest(judged + row * classes, classes) == true_class)
            sure[count++] = (sure_row){judged[row * classes + true_class], (uint32_t)row};
    qsort(sure, count, sizeof(*sure), by_probability);
    size_t taken = (size_t)((double)count * SURE_SHARE);
    if (taken < SURE_ROWS_MIN)
        taken = count < SURE_ROWS_MIN ? count : SURE_ROWS_MIN;
    for (size_t i = 0; i < taken; i++)
        line[labels[sure[i].row]] += 1.0;
}

static double beside(const double *line, size_t classes, size_t true_class)
{
    double sum = 0.0;
    for (size_t c = 0; c < classes; c++)
        sum += c != true_class ? line[c] : 0.0;
    return sum;
}

// The logarithm of start (start + 1) ... (start + count - 1).
static double log_rising(double start, double count)
{
    double sum = 0.0;
    for (double i = 0.0; i < count; i += 1.0)
        sum += (double)gy_logf((float)(start + i));
    return sum;
}

// How evenly wrong labels spread over the other classes: the evenness (in pseudo-samples of a
// symmetric Dirichlet prior) under which the counts are likeliest. Symmetric noise gets a large
// one, so that a pair that chance left out is not thought impossible; noise between certain classes
// a small one, so that the counts speak.
static double find_evenness(const double *counts, size_t classes)
{
    double best = EVENNESS_MIN, best_likelihood = 0.0;
    for (double evenness = EVENNESS_MIN; evenness <= EVENNESS_MAX; evenness *= 2.0) {
        double likelihood = 0.0, each = evenness / (double)(classes - 1);
        for (size_t c = 0; c < classes; c++) {
            likelihood -= log_rising(evenness, beside(counts + c * classes, classes, c));
            for (size_t given = 0; given < classes; given++)
                if (given != c)
                    likelihood += log_rising(each, counts[c * classes + given]);
        }
        if (evenness == EVENNESS_MIN || likelihood > best_likelihood) {
            best = evenness;
            best_likelihood = likelihood;
        }
    }
    return best;
}

// Counts become shares: how often a class is mislabelled leans on all classes where it has few sure
// rows, and which label it then gets on the evenness.
static void share_out(double *noise, size_t classes)
{
    double whole = 0.0, wrong = 0.0, evenness = find_evenness(noise, classes);
    for (size_t c = 0; c < classes; c++) {
        double missed = beside(noise + c * classes, classes, c);
        wrong += missed;
        whole += missed + noise[c * classes + c];
    }
    double usual = (wrong + 0.1) / (whole + 1.0);
    for (size_t c = 0; c < classes; c++) {
        double *line = noise + c * classes, missed = beside(line, classes, c);
        double rate = (missed + RATE_ROWS * usual) / (missed + line[c] + RATE_ROWS);
        for (size_t given = 0; given < classes; given++)
            line[given] = given == c ? 1.0 - rate
                                     : rate * (line[given] + evenness / (double)(classes - 1)) /
                                           (missed + evenness);
    }
}

gy_status gy_labels_noise(double *noise, const float *judged, const int32_t *labels, size_t rows,
                          size_t classes, gy_arena *scratch, gy_error *err)
{
    assert(classes >= 2);
    gy_arena_mark mark = gy_arena_here(scratch);
    sure_row *sure = GY_NEW(scratch, sure_row, rows);
    if (sure == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to rank %zu samples", rows);
    memset(noise, 0, sizeof(*noise) * classes * classes);
    for (size_t c = 0; c < classes; c++)
        count_sure(noise + c * classes, sure, judged, labels, rows, classes, c);
    share_out(noise, classes);
    gy_arena_rewind(scratch, mark);
    return GY_OK;
}

// Find the true shares that the noise turns into the judged ones (Richardson and Lucy: each round
// moves share to the classes that explain what is missing; nothing becomes negative).
static void deconvolve(double *shares, double *turned, const float *judged, const double *noise,
                       size_t classes)
{
    for (size_t c = 0; c < classes; c++)
        shares[c] = (double)judged[c];
    size_t rounds = classes <= DECONVOLVE_CLASSES_MAX ? DECONVOLVE_ROUNDS : 0;
    for (size_t round = 0; round < rounds; round++) {
        for (size_t given = 0; given < classes; given++)
            turned[given] = 1e-12;
        for (size_t c = 0; c < classes; c++)
            for (size_t given = 0; given < classes; given++)
                turned[given] += shares[c] * noise[c * classes + given];
        for (size_t given = 0; given < classes; given++)
            turned[given] = (double)judged[given] / turned[given];
        double whole = 1e-300;
        for (size_t c = 0; c < classes; c++) {
            double pull = 0.0;
            for (size_t given = 0; given < classes; given++)
                pull += turned[given] * noise[c * classes + given];
            shares[c] *= pull;
            whole += shares[c];
        }
        for (size_t c = 0; c < classes; c++)
            shares[c] /= whole;
    }
}

void gy_labels_posterior(float *posterior, const float *judged, const double *noise,
                         const int32_t *labels, size_t rows, size_t classes)
{
    enum { CLASSES_ON_STACK = 4096 };
    assert(classes <= CLASSES_ON_STACK);
    double shares[CLASSES_ON_STACK], turned[CLASSES_ON_STACK];
    for (size_t row = 0; row < rows; row++) {
        float *out = posterior + row * classes;
        deconvolve(shares, turned, judged + row * classes, noise, classes);
        double whole = 0.0;
        for (size_t c = 0; c < classes; c++) {
            if (labels[row] >= 0)
                shares[c] *= noise[c * classes + (size_t)labels[row]];
            whole += shares[c];
        }
        for (size_t c = 0; c < classes; c++)
            out[c] = whole > 0.0 ? (float)(shares[c] / whole) : 1.0f / (float)classes;
    }
}
