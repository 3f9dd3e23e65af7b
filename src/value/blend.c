// SPDX-License-Identifier: Apache-2.0

#include "value/blend.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "rt/math.h"
#include "value/labels.h"

enum {
    CELLS_MAX = 1 << 17, // rows x classes that are enough to estimate by
    ROUNDS = 30,         // of expectation maximisation
    ROUNDS_BEFORE = 3,   // of them the noise alone
    ROUNDS_AFTER = 6,    // with a given noise, from the powers found with a little more
    STEPS = 11           // from the likeliest noise to none, even and uneven
};

// Powers, to start with very sure judges and much noise, the sum of all; at most, each; and what a
// power of 1 has to win in likelihood.
static const double POWER_START = 5.6, POWER_MAX = 16.0, POWER_WORTH = 0.05;

// What is thought of a class before its labels are counted: most are right.
static const double RIGHT_ROWS = 4.0, WRONG_ROWS = 2.0;

// And of how many are wrong, r: as likely as r^2 exp(-(r / usual)^2).
static const double USUAL_RATE = 0.2;

static const double NOISE_LEAST = 1e-3;  // no class is without any
static const double WEIGHT_LEAST = 1e-3; // of a step that is worth its time

// What uneven noise has to win over even noise by, in likelihood: for the rate of each class, and
// for knowing beforehand, times this, which labels the wrong ones are.
static const double RATE_WORTH = 1.0, SPREAD_WORTH = 1.25;

typedef struct step {
    double weight, powers[GY_BLEND_MEMBERS_MAX];
} step;

struct gy_blend_work {
    step steps[2 * STEPS]; // even, then uneven noise
    double even_rate;      // of the first of those
    float *shares, *truth; // [classes] of one row
    float *likelihoods;    // [looked_at] of the given labels
    size_t looked_at;
    double *counts; // [classes][classes]
    double *uneven; // [classes][classes]: the noise of the first of these
    double slopes[GY_BLEND_MEMBERS_MAX];
    double bends[GY_BLEND_MEMBERS_MAX][GY_BLEND_MEMBERS_MAX]; // lower half
};

static size_t stride_of(const gy_blend *blend)
{
    size_t most = CELLS_MAX / blend->classes;
    return (blend->rows + most - 1) / most;
}

gy_status gy_blend_make(gy_blend *blend, const int32_t *labels, size_t rows, size_t classes,
                        size_t members, gy_arena *arena, gy_error *err)
{
    assert(members > 0 && members <= GY_BLEND_MEMBERS_MAX);
    *blend = (gy_blend){.rows = rows,
                        .classes = classes,
                        .members = members,
                        .labels = labels,
                        .kernels = gy_value_kernels_pick()};
    blend->logs = GY_NEW(arena, float, rows *members *classes);
    blend->noise = GY_NEW(arena, double, classes *classes);
    gy_blend_work *work = blend->work = GY_NEW(arena, gy_blend_work, 1);
    bool is_made = blend->logs != NULL && blend->noise != NULL && work != NULL;
    if (is_made) {
        work->shares = GY_NEW(arena, float, classes);
        work->truth = GY_NEW(arena, float, classes);
        work->likelihoods = GY_NEW(arena, float, rows / stride_of(blend) + 1);
        work->counts = GY_NEW(arena, double, classes *classes);
        work->uneven = GY_NEW(arena, double, classes *classes);
        is_made = work->shares != NULL && work->truth != NULL && work->likelihoods != NULL &&
                  work->counts != NULL && work->uneven != NULL;
    }
    return is_made ? GY_OK
                   : gy_fail(err, GY_NO_MEMORY, "no memory for the noise of %zu classes", classes);
}

// The logarithms of one row's blended shares, the largest 0.
static void join(float *joined, const gy_blend *blend, size_t row)
{
    size_t classes = blend->classes;
    const float *logs = blend->logs + row * blend->members * classes;
    float largest = -INFINITY;
    memset(joined, 0, sizeof(*joined) * classes);
    for (size_t m = 0; m < blend->members; m++, logs += classes)
        for (size_t c = 0; c < classes && blend->powers[m] > 0.0; c++)
            joined[c] += (float)blend->powers[m] * logs[c];
    for (size_t c = 0; c < classes; c++)
        largest = joined[c] > largest ? joined[c] : largest;
    for (size_t c = 0; c < classes; c++)
        joined[c] -= largest;
}

// Add how the likelihood of one row bends with the powers, while what is true of it is held.
static void add_slopes(gy_blend_work *work, const gy_blend *blend, size_t row)
{
    size_t classes = blend->classes;
    const float *logs = blend->logs + row * blend->members * classes;
    double means[GY_BLEND_MEMBERS_MAX];
    for (size_t m = 0; m < blend->members; m++) {
        const float *of = logs + m * classes;
        float mean = 0.0f, true_mean = 0.0f;
        for (size_t c = 0; c < classes; c++) {
            mean += work->shares[c] * of[c];
            true_mean += work->truth[c] * of[c];
        }
        means[m] = (double)mean;
        work->slopes[m] += (double)(true_mean - mean);
        for (size_t other = 0; other <= m; other++) {
            const float *beside = logs + other * classes;
            float both = 0.0f;
            for (size_t c = 0; c < classes; c++)
                both += work->shares[c] * of[c] * beside[c];
            work->bends[m][other] += (double)both - means[m] * means[other];
        }
    }
}

// What is true of one labeled row goes into the sums. Returns how likely its label is.
static float look_at(gy_blend *blend, size_t row)
{
    size_t classes = blend->classes, given = (size_t)blend->labels[row];
    gy_blend_work *work = blend->work;
    float whole = 0.0f, likelihood = 1e-30f;
    join(work->shares, blend, row);
    blend->kernels->exps(work->shares, work->shares, 1.0f, classes);
    for (size_t c = 0; c < classes; c++)
        whole += work->shares[c];
    for (size_t c = 0; c < classes; c++) {
        work->shares[c] /= whole;
        work->truth[c] = work->shares[c] * (float)blend->noise[c * classes + given];
        likelihood += work->truth[c];
    }
    for (size_t c = 0; c < classes; c++) {
        work->truth[c] /= likelihood;
        work->counts[c * classes + given] += (double)work->truth[c];
    }
    add_slopes(work, blend, row);
    return likelihood;
}

static void look(gy_blend *blend)
{
    gy_blend_work *work = blend->work;
    size_t stride = stride_of(blend);
    memset(work->slopes, 0, sizeof(work->slopes));
    memset(work->bends, 0, sizeof(work->bends));
    memset(work->counts, 0, sizeof(*work->counts) * blend->classes * blend->classes);
    work->looked_at = 0;
    for (size_t row = 0; row < blend->rows; row += stride)
        if (blend->labels[row] >= 0)
            work->likelihoods[work->looked_at++] = look_at(blend, row);
}

// The logarithm of how likely the labels were that were looked at last.
static double likelihood_seen(gy_blend *blend)
{
    gy_blend_work *work = blend->work;
    double likelihood = 0.0;
    blend->kernels->logs(work->likelihoods, work->likelihoods, work->looked_at);
    for (size_t i = 0; i < work->looked_at; i++)
        likelihood += (double)work->likelihoods[i];
    return likelihood;
}

// Every class as often wrong as any other, and then as any other: the simplest noise that there is.
static void set_even(gy_blend *blend, double rate)
{
    size_t classes = blend->classes;
    for (size_t c = 0; c < classes; c++)
        for (size_t given = 0; given < classes; given++)
            blend->noise[c * classes + given] =
                given == c ? 1.0 - rate : rate / (double)(classes - 1);
}

static void set_counted(gy_blend *blend, bool is_even)
{
    size_t classes = blend->classes;
    double rest = WRONG_ROWS / (double)(classes - 1), right = 0.0, all = 0.0;
    for (size_t c = 0; c < classes; c++) {
        double *counts = blend->work->counts + c * classes, whole = RIGHT_ROWS + WRONG_ROWS;
        for (size_t given = 0; given < classes; given++)
            whole += counts[given];
        for (size_t given = 0; given < classes; given++)
            blend->noise[c * classes + given] =
                (counts[given] + (given == c ? RIGHT_ROWS : rest)) / whole;
        right += counts[c] + RIGHT_ROWS;
        all += whole;
    }
    if (is_even)
        set_even(blend, 1.0 - right / all);
}

// Solve for Newton's step (Gauss; the matrix is positive definite).
static void solve(double matrix[][GY_BLEND_MEMBERS_MAX], double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t below = i + 1; below < count; below++) {
            double factor = matrix[below][i] / matrix[i][i];
            for (size_t j = i; j < count; j++)
                matrix[below][j] -= factor * matrix[i][j];
            values[below] -= factor * values[i];
        }
    for (size_t i = count; i-- > 0;) {
        for (size_t j = i + 1; j < count; j++)
            values[i] -= matrix[i][j] * values[j];
        values[i] /= matrix[i][i];
    }
}

// No power falls below 0; a member that has none and would want less is left out.
static void move_powers(gy_blend *blend)
{
    size_t members = blend->members;
    gy_blend_work *work = blend->work;
    double matrix[GY_BLEND_MEMBERS_MAX][GY_BLEND_MEMBERS_MAX], move[GY_BLEND_MEMBERS_MAX];
    bool is_out[GY_BLEND_MEMBERS_MAX];
    for (size_t m = 0; m < members; m++) {
        move[m] = work->slopes[m] - POWER_WORTH * blend->powers[m];
        is_out[m] = blend->powers[m] <= 0.0 && move[m] <= 0.0;
        move[m] = is_out[m] ? 0.0 : move[m];
        for (size_t other = 0; other <= m; other++)
            matrix[m][other] = matrix[other][m] =
                is_out[m] || is_out[other] ? 0.0 : work->bends[m][other];
        matrix[m][m] += POWER_WORTH;
    }
    solve(matrix, move, members);
    for (size_t m = 0; m < members; m++) {
        double power = blend->powers[m] + move[m];
        blend->powers[m] = power > POWER_MAX ? POWER_MAX : power > 0.0 ? power : 0.0;
    }
}

static void climb(gy_blend *blend, bool is_even)
{
    for (size_t m = 0; m < blend->members; m++)
        blend->powers[m] = POWER_START / (double)blend->members;
    set_even(blend, WRONG_ROWS / (RIGHT_ROWS + WRONG_ROWS));
    for (size_t round = 0; round < ROUNDS; round++) {
        look(blend);
        set_counted(blend, is_even);
        if (round >= ROUNDS_BEFORE)
            move_powers(blend);
    }
}

static void set_step(gy_blend *blend, size_t i)
{
    size_t cells = blend->classes * blend->classes;
    double less = (double)(i % STEPS) / (STEPS - 1);
    set_even(blend,
             i < STEPS ? less * NOISE_LEAST + (1.0 - less) * blend->work->even_rate : NOISE_LEAST);
    for (size_t j = 0; i >= STEPS && j < cells; j++)
        blend->noise[j] = less * blend->noise[j] + (1.0 - less) * blend->work->uneven[j];
    memcpy(blend->powers, blend->work->steps[i].powers, sizeof(blend->powers));
}

static double find_rate(const gy_blend *blend)
{
    double right = 0.0;
    for (size_t c = 0; c < blend->classes; c++)
        right += blend->noise[c * blend->classes + c];
    return 1.0 - right / (double)blend->classes;
}

static double expect_rate(const gy_blend *blend)
{
    double rate = find_rate(blend), share = rate / USUAL_RATE;
    return rate * rate * (double)gy_expf((float)(-share * share));
}

// Go from the noise and the powers that were found to none.
static void take_steps(gy_blend *blend, size_t first)
{
    for (size_t i = first; i < first + STEPS; i++) {
        step *at = &blend->work->steps[i];
        memcpy(at->powers, blend->powers, sizeof(at->powers));
        set_step(blend, i);
        for (size_t round = 0; round < ROUNDS_AFTER; round++) {
            look(blend);
            move_powers(blend);
        }
        memcpy(at->powers, blend->powers, sizeof(at->powers));
        at->weight = likelihood_seen(blend) + (double)gy_logf((float)expect_rate(blend));
    }
}

// Weights of the steps of one kind of noise, their sum 1. Returns the likelihood of the kind: that
// of its best step with at least half of the noise. (With less, what the judges confuse stands for
// the noise that is left out, be it even or not.)
static double weigh_steps(step *steps)
{
    double best = -INFINITY, of_kind = -INFINITY, whole = 0.0;
    for (size_t i = 0; i < STEPS; i++) {
        best = steps[i].weight > best ? steps[i].weight : best;
        of_kind = i <= STEPS / 2 ? best : of_kind;
    }
    for (size_t i = 0; i < STEPS; i++) {
        double weight = (double)gy_expf((float)(steps[i].weight - best));
        steps[i].weight = weight > WEIGHT_LEAST ? weight : 0.0;
        whole += steps[i].weight;
    }
    for (size_t i = 0; i < STEPS; i++)
        steps[i].weight /= whole;
    return of_kind;
}

static double price_uneven(const gy_blend *blend)
{
    size_t classes = blend->classes;
    double expected = 0.0, known = 0.0;
    gy_labels_evenness(&expected, blend->work->counts, classes);
    for (size_t c = 0; c < classes; c++) {
        const double *counts = blend->work->counts + c * classes;
        double wrong = 1e-9;
        for (size_t given = 0; given < classes; given++)
            wrong += given == c ? 0.0 : counts[given];
        for (size_t given = 0; given < classes; given++)
            if (given != c && counts[given] > 0.0)
                known += counts[given] * (double)gy_logf((float)(counts[given] / wrong));
    }
    return RATE_WORTH * (double)(classes - 1) + SPREAD_WORTH * (known - expected);
}

void gy_blend_fit(gy_blend *blend)
{
    gy_blend_work *work = blend->work;
    double powers[GY_BLEND_MEMBERS_MAX];
    climb(blend, true);
    work->even_rate = find_rate(blend);
    memcpy(powers, blend->powers, sizeof(powers));
    climb(blend, false);
    double worth = price_uneven(blend), rate = find_rate(blend);
    memcpy(work->uneven, blend->noise, sizeof(*blend->noise) * blend->classes * blend->classes);
    take_steps(blend, STEPS);
    // Kinds are compared where they are as much: a little of either says nothing of itself.
    work->even_rate = rate > work->even_rate ? rate : work->even_rate;
    memcpy(blend->powers, powers, sizeof(powers));
    take_steps(blend, 0);
    double odds = weigh_steps(work->steps + STEPS) - worth - weigh_steps(work->steps);
    float uneven = 1.0f / (1.0f + gy_expf((float)-odds));
    for (size_t i = 0; i < 2 * STEPS; i++)
        work->steps[i].weight *= (double)(i < STEPS ? 1.0f - uneven : uneven);
}

void gy_blend_noise(double *noise, gy_blend *blend)
{
    size_t cells = blend->classes * blend->classes;
    memset(noise, 0, sizeof(*noise) * cells);
    for (size_t i = 0; i < 2 * STEPS; i++) {
        set_step(blend, i);
        for (size_t j = 0; j < cells; j++)
            noise[j] += blend->work->steps[i].weight * blend->noise[j];
    }
}

void gy_blend_posterior(float *posterior, gy_blend *blend)
{
    size_t classes = blend->classes;
    gy_blend_work *work = blend->work;
    memset(posterior, 0, sizeof(*posterior) * blend->rows * classes);
    for (size_t i = 0; i < 2 * STEPS; i++) {
        if (work->steps[i].weight <= 0.0)
            continue;
        set_step(blend, i);
        for (size_t row = 0; row < blend->rows; row++) {
            join(work->shares, blend, row);
            gy_labels_posterior(work->truth, work->shares, blend->noise, 1.0, &blend->labels[row],
                                1, classes);
            for (size_t c = 0; c < classes; c++)
                posterior[row * classes + c] += (float)work->steps[i].weight * work->truth[c];
        }
    }
}
