// SPDX-License-Identifier: Apache-2.0
#include "base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "base/thread.h"

// ln(x) of a positive normal number. x = m * 2^e with m near 1; ln m by the series of atanh, whose
// 12th term is under 1e-18. libm's own differs between its versions.
static double natural_log(double x)
{
    int exponent;
    double m = frexp(x, &exponent);
    if (m < 0.70710678118654752) {
        m *= 2;
        exponent--;
    }
    double s = (m - 1) / (m + 1), square = s * s, sum = 0;
    for (int term = 23; term >= 3; term -= 2)
        sum = (sum + 1.0 / term) * square;
    // ln 2 in two parts: e times the first is exact.
    return exponent * 0x1.62e42fee00000p-1 +
           (2 * s + (2 * s * sum + exponent * 0x1.a39ef35793c76p-33));
}

static double ratio(const double *above, const double *below, size_t count, double x)
{
    double top = 0, bottom = 0;
    for (size_t i = count; i > 0; i--) {
        top = top * x + above[i - 1];
        bottom = bottom * x + below[i - 1];
    }
    return top / bottom;
}

double gy_stats_normal_quantile(double share)
{
    static const double a[] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                               1.9715909503065514427e+3, 1.3731693765509461125e+4,
                               4.5921953931549871457e+4, 6.7265770927008700853e+4,
                               3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static const double b[] = {1.0,
                               4.2313330701600911252e+1,
                               6.8718700749205790830e+2,
                               5.3941960214247511077e+3,
                               2.1213794301586595867e+4,
                               3.9307895800092710610e+4,
                               2.8729085735721942674e+4,
                               5.2264952788528545610e+3};
    static const double c[] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                               5.76949722146069140550e0,  3.64784832476320460504e0,
                               1.27045825245236838258e0,  2.41780725177450611770e-1,
                               2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double d[] = {1.0,
                               2.05319162663775882187e0,
                               1.67638483018380384940e0,
                               6.89767334985100004550e-1,
                               1.48103976427480074590e-1,
                               1.51986665636164571966e-2,
                               5.47593808499534494600e-4,
                               1.05075007164441684324e-9};
    static const double e[] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                               1.78482653991729133580e0,  2.96560571828504891230e-1,
                               2.65321895265761230930e-2, 1.24266094738807843860e-3,
                               2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double f[] = {1.0,
                               5.99832206555887937690e-1,
                               1.36929880922735805310e-1,
                               1.48753612908506148525e-2,
                               7.86869131145613259100e-4,
                               1.84631831751005468180e-5,
                               1.42151175831644588870e-7,
                               2.04426310338993978564e-15};

    if (!(share > 0 && share < 1))
        return (double)NAN;
    double q = share - 0.5;
    if (fabs(q) <= 0.425)
        return q * ratio(a, b, 8, 0.180625 - q * q);
    double r = sqrt(-natural_log(q < 0 ? share : 1 - share));
    double z = r <= 5 ? ratio(c, d, 8, r - 1.6) : ratio(e, f, 8, r - 5);
    return q < 0 ? -z : z;
}

gy_interval gy_stats_wilson(uint64_t successes, uint64_t trials, double confidence)
{
    if (trials == 0)
        return (gy_interval){0, 1};
    double n = (double)trials, share = (double)successes / n;
    double z = gy_stats_normal_quantile(0.5 + confidence / 2), square = z * z;
    double middle = share + square / (2 * n);
    double half = z * sqrt(share * (1 - share) / n + square / (4 * n * n));
    double scale = 1 + square / n;
    gy_interval interval = {(middle - half) / scale, (middle + half) / scale};
    // Rounding must not exclude what the count shows.
    if (successes == 0)
        interval.low = 0;
    if (successes == trials)
        interval.high = 1;
    return interval;
}

double gy_stats_binomial_tail(uint64_t successes, uint64_t trials, double probability)
{
    if (successes == 0)
        return 1;
    if (successes > trials || probability <= 0)
        return 0;
    if (probability >= 1)
        return 1;
    // All terms relative to the greatest, so that none overflows and no logarithm is needed. From
    // it they only fall: what has become 0 stays 0.
    double odds = probability / (1 - probability), n = (double)trials;
    uint64_t mode = (uint64_t)((n + 1) * probability);
    mode = mode > trials ? trials : mode;
    double all = 1, tail = mode >= successes ? 1 : 0, term = 1;
    for (uint64_t i = mode; i < trials && term > 0; i++) {
        term = term * ((double)(trials - i) / (double)(i + 1) * odds);
        all += term;
        tail += i + 1 >= successes ? term : 0;
    }
    term = 1;
    for (uint64_t i = mode; i > 0 && term > 0; i--) {
        term = term * ((double)i / ((double)(trials - i + 1) * odds));
        all += term;
        tail += i - 1 >= successes ? term : 0;
    }
    return tail / all;
}

double gy_stats_mcnemar(uint64_t only_first, uint64_t only_second)
{
    uint64_t most = only_first > only_second ? only_first : only_second;
    double both_sides = 2 * gy_stats_binomial_tail(most, only_first + only_second, 0.5);
    return both_sides > 1 ? 1 : both_sides;
}

// ---- bootstrap

typedef struct bootstrap {
    const double *differences;
    uint32_t count;
    uint64_t seed;
    double *means; // of each resample
} bootstrap;

static gy_status draw_resamples(void *context, size_t begin, size_t end, size_t worker,
                                gy_error *err)
{
    (void)worker;
    (void)err;
    const bootstrap *self = context;
    uint32_t count = self->count, floor = -count % count;
    for (size_t resample = begin; resample < end; resample++) {
        gy_random random;
        gy_random_init(&random, self->seed, resample);
        double sum = 0;
        for (uint32_t i = 0; i < count; i++) {
            // Uniform in [0, count) by a product (Lemire 2019): a division a draw would be most of
            // the time.
            uint64_t product;
            do
                product = (uint64_t)gy_random_next(&random) * count;
            while ((uint32_t)product < floor);
            sum += self->differences[product >> 32];
        }
        self->means[resample] = sum / count;
    }
    return GY_OK;
}

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static gy_status check_bootstrap(const double *differences, size_t count, size_t resamples,
                                 double confidence, gy_error *err)
{
    if (count == 0)
        return gy_fail(err, GY_INVALID, "no samples to compare");
    if (count > UINT32_MAX)
        return gy_fail(err, GY_LIMIT, "over %u samples to compare", UINT32_MAX);
    if (resamples > 100 * 1000 * 1000)
        return gy_fail(err, GY_LIMIT, "%zu resamples, at most 100000000", resamples);
    if (!(confidence > 0 && confidence < 1))
        return gy_fail(err, GY_INVALID, "the confidence is %g, must be over 0 and under 1",
                       confidence);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(differences[i]))
            return gy_fail(err, GY_INVALID, "the difference of sample %zu is not finite", i + 1);
    return GY_OK;
}

gy_status gy_stats_bootstrap(gy_bootstrap *result, const double *differences, size_t count,
                             const gy_bootstrap_options *options, gy_arena *scratch, gy_error *err)
{
    size_t resamples = options->resamples == 0 ? 10000 : options->resamples;
    double confidence = options->confidence == 0 ? 0.95 : options->confidence;
    GY_TRY(check_bootstrap(differences, count, resamples, confidence, err));
    bootstrap self = {differences, (uint32_t)count, options->seed,
                      GY_NEW(scratch, double, resamples)};
    if (self.means == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu resamples", resamples);
    GY_TRY(gy_thread_loop(resamples, 16, options->threads, draw_resamples, &self, err));

    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += differences[i];
    size_t not_above = 0;
    for (size_t i = 0; i < resamples; i++)
        not_above += self.means[i] <= 0;
    qsort(self.means, resamples, sizeof(double), compare_numbers);
    // As many resamples are left out on each side.
    size_t outside = (size_t)((1 - confidence) / 2 * (double)resamples);
    result->estimate = sum / (double)count;
    result->interval = (gy_interval){self.means[outside], self.means[resamples - 1 - outside]};
    result->share_not_above = (double)not_above / (double)resamples;
    return GY_OK;
}
