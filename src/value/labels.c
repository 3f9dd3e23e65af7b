// SPDX-License-Identifier: Apache-2.0
//
// Wrong labels. Out-of-sample probabilities, an estimate of how labels go wrong, one of how sure
// the judges should be, and Bayes' rule. The score of a label is what is left of it afterwards, so
// that it needs no choice between kinds of noise: the estimate says which kind it is.

#include "value/labels.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rt/math.h"

enum {
    WEIGH_ROUNDS = 50,
    DECONVOLVE_ROUNDS = 20,
    DECONVOLVE_CLASSES_MAX = 64, // a round takes classes^2; with many, each is rarely confused
    SURE_ROWS_MIN = 60,
    NOISE_ROUNDS = 2,
    SHARPNESS_CELLS = 1 << 20, // rows x classes that are enough to estimate one number
    SHARPNESS_POWER = 8
};

static const double SURE_SHARE = 0.15;
static const double EVENNESS_MIN = 0.25, EVENNESS_MAX = 4096.0;
static const double RATE_ROWS = 10.0; // how many sure rows the rate of all classes is worth
static const double SHARPNESS_MIN = 0.25, SHARPNESS_MAX = 8.0;
static const double FORETOLD_ERRORS = 3.0; // luck alone: one table in 700

void gy_labels_weigh(double *weights, const float *const *members, size_t member_count,
                     const int32_t *labels, size_t rows, size_t classes, double trust)
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
        weights[m] = trust * weights[m] + (1.0 - trust) / (double)member_count;
}

bool gy_labels_are_foretold(const float *judged, const int32_t *labels, size_t rows, size_t classes)
{
    double counts[GY_LABELS_CLASSES_MAX] = {0}, labeled = 0.0, sum = 0.0, squares = 0.0;
    for (size_t row = 0; row < rows; row++)
        if (labels[row] >= 0) {
            counts[labels[row]] += 1.0;
            labeled += 1.0;
        }
    for (size_t row = 0; row < rows; row++) {
        if (labels[row] < 0)
            continue;
        double share = (double)judged[row * classes + (size_t)labels[row]];
        double usual = counts[labels[row]] / labeled;
        double gain = (double)gy_logf((float)((share > 1e-6 ? share : 1e-6) / usual));
        sum += gain;
        squares += gain * gain;
    }
    // sum > ERRORS x sqrt(labeled x variance)
    return sum > 0.0 &&
           sum * sum > FORETOLD_ERRORS * FORETOLD_ERRORS * (squares - sum * sum / labeled);
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

// The logarithm of start (start + 1) ... (start + count - 1); of a broken count's last factor, its
// part.
static double log_rising(double start, double count)
{
    double sum = 0.0, i = 0.0;
    for (; i + 1.0 <= count; i += 1.0)
        sum += (double)gy_logf((float)(start + i));
    return sum + (count - i) * (double)gy_logf((float)(start + i));
}

double gy_labels_evenness(double *likelihood, const double *counts, size_t classes)
{
    double best = EVENNESS_MIN;
    for (double evenness = EVENNESS_MIN; evenness <= EVENNESS_MAX; evenness *= 2.0) {
        double sum = 0.0, each = evenness / (double)(classes - 1);
        for (size_t c = 0; c < classes; c++) {
            sum -= log_rising(evenness, beside(counts + c * classes, classes, c));
            for (size_t given = 0; given < classes; given++)
                if (given != c)
                    sum += log_rising(each, counts[c * classes + given]);
        }
        if (evenness == EVENNESS_MIN || sum > *likelihood) {
            best = evenness;
            *likelihood = sum;
        }
    }
    return best;
}

// Counts become shares: how often a class is mislabelled leans on all classes where it has few sure
// rows, and which label it then gets on the evenness.
static void share_out(double *noise, size_t classes)
{
    double whole = 0.0, wrong = 0.0, likelihood = 0.0;
    double evenness = gy_labels_evenness(&likelihood, noise, classes);
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

static gy_status count_surest(double *noise, const float *judged, const int32_t *labels,
                              size_t rows, size_t classes, gy_arena *scratch, gy_error *err)
{
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

void gy_labels_take_out(float *logs, const float *judged, const double *noise, size_t rows,
                        size_t classes)
{
    double shares[GY_LABELS_CLASSES_MAX], turned[GY_LABELS_CLASSES_MAX];
    for (size_t row = 0; row < rows; row++) {
        float *out = logs + row * classes, largest = -INFINITY;
        deconvolve(shares, turned, judged + row * classes, noise, classes);
        for (size_t c = 0; c < classes; c++) {
            out[c] = gy_logf((float)(shares[c] > 1e-12 ? shares[c] : 1e-12));
            largest = out[c] > largest ? out[c] : largest;
        }
        for (size_t c = 0; c < classes; c++)
            out[c] -= largest;
    }
}

// What shares become when the judges are taken to be surer than they say (or less so, below 1).
static void sharpen(double *shares, const float *logs, double sharpness, size_t classes)
{
    double whole = 0.0;
    for (size_t c = 0; c < classes; c++) {
        shares[c] = (double)gy_expf((float)sharpness * logs[c]);
        whole += shares[c];
    }
    for (size_t c = 0; c < classes; c++)
        shares[c] /= whole;
}

typedef struct inference {
    const float *logs; // [rows][classes], as gy_labels_take_out leaves them
    const double *noise;
    const int32_t *labels;
    size_t rows, classes;
} inference;

static double likelihood_of(const inference *job, double sharpness)
{
    double shares[GY_LABELS_CLASSES_MAX], sum = 0.0;
    size_t classes = job->classes, most = SHARPNESS_CELLS / classes;
    size_t step = job->rows > most ? (job->rows + most - 1) / most : 1;
    for (size_t row = 0; row < job->rows; row += step) {
        if (job->labels[row] < 0)
            continue;
        double given = 1e-12;
        sharpen(shares, job->logs + row * classes, sharpness, classes);
        for (size_t c = 0; c < classes; c++)
            given += shares[c] * job->noise[c * classes + (size_t)job->labels[row]];
        sum += (double)gy_logf((float)given);
    }
    return sum;
}

// How sure the judges should be: the power of their shares under which the given labels are
// likeliest. A mean of several judges says .8 where it is right nineteen times in twenty, the more
// so the fewer samples each learned from, and Bayes' rule would then believe a label that nobody
// else does.
static double find_sharpness(const inference *job)
{
    double best = 1.0, best_likelihood = likelihood_of(job, 1.0);
    const double steps[] = {1.189207115002721, 1.0905077326652577, 1.0442737824274138};
    for (size_t i = 0; i < 3; i++) { // quarters, eighths, sixteenths of an octave
        double from = i == 0 ? SHARPNESS_MIN : best / steps[i];
        double to = i == 0 ? SHARPNESS_MAX : best * steps[i];
        for (double sharpness = from; sharpness <= to * 1.001; sharpness *= steps[i]) {
            double likelihood = likelihood_of(job, sharpness);
            if (likelihood > best_likelihood) {
                best = sharpness;
                best_likelihood = likelihood;
            }
        }
    }
    return best;
}

// What is true of one sample: Bayes' rule on its shares and its label, if it has one.
static void find_truth(double *truth, const double *shares, const double *noise, int32_t label,
                       size_t classes)
{
    double whole = 0.0;
    for (size_t c = 0; c < classes; c++) {
        truth[c] = shares[c] * (label >= 0 ? noise[c * classes + (size_t)label] : 1.0);
        whole += truth[c];
    }
    for (size_t c = 0; c < classes; c++)
        truth[c] = whole > 0.0 ? truth[c] / whole : 1.0 / (double)classes;
}

// Count the noise again, now over all samples, each as much as the judges are sure of it. (Counting
// all alike would take the judges' own confusions for noise.)
static void count_again(double *noise, const inference *job, double sharpness, double *counts)
{
    double shares[GY_LABELS_CLASSES_MAX], truth[GY_LABELS_CLASSES_MAX];
    size_t classes = job->classes;
    memset(counts, 0, sizeof(*counts) * classes * classes);
    for (size_t row = 0; row < job->rows; row++) {
        if (job->labels[row] < 0)
            continue;
        sharpen(shares, job->logs + row * classes, sharpness, classes);
        find_truth(truth, shares, job->noise, job->labels[row], classes);
        double weight = 0.0;
        for (size_t c = 0; c < classes; c++)
            weight = shares[c] > weight ? shares[c] : weight;
        for (size_t i = 1; i < SHARPNESS_POWER; i *= 2)
            weight *= weight;
        for (size_t c = 0; c < classes; c++)
            counts[c * classes + (size_t)job->labels[row]] += weight * truth[c];
    }
    memcpy(noise, counts, sizeof(*noise) * classes * classes);
    share_out(noise, classes);
}

void gy_labels_posterior(float *posterior, const float *logs, const double *noise, double sharpness,
                         const int32_t *labels, size_t rows, size_t classes)
{
    double shares[GY_LABELS_CLASSES_MAX], truth[GY_LABELS_CLASSES_MAX];
    for (size_t row = 0; row < rows; row++) {
        sharpen(shares, logs + row * classes, sharpness, classes);
        find_truth(truth, shares, noise, labels[row], classes);
        for (size_t c = 0; c < classes; c++)
            posterior[row * classes + c] = (float)truth[c];
    }
}

gy_status gy_labels_infer(float *posterior, double *noise, const float *judged,
                          const int32_t *labels, size_t rows, size_t classes, gy_arena *scratch,
                          gy_error *err)
{
    assert(classes >= 2 && classes <= GY_LABELS_CLASSES_MAX);
    gy_arena_mark mark = gy_arena_here(scratch);
    double *counts = GY_NEW(scratch, double, classes *classes);
    if (counts == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the noise of %zu classes", classes);
    GY_TRY(count_surest(noise, judged, labels, rows, classes, scratch, err));
    inference job = {posterior, noise, labels, rows, classes};
    for (size_t round = 0; round < NOISE_ROUNDS; round++) {
        gy_labels_take_out(posterior, judged, noise, rows, classes);
        count_again(noise, &job, find_sharpness(&job), counts);
    }
    gy_labels_take_out(posterior, judged, noise, rows, classes);
    double sharpness = find_sharpness(&job);
    gy_labels_posterior(posterior, posterior, noise, sharpness, labels, rows, classes);
    gy_arena_rewind(scratch, mark);
    return GY_OK;
}
