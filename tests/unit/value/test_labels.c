// SPDX-License-Identifier: Apache-2.0
//
// Goal: noise is estimated as it is, and the posterior is Bayes' rule. Method: labels drawn from a
// known noise matrix; the closed form for two classes; a member that knows nothing.

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "check.h"
#include "value/labels.h"

enum { ROWS = 6000, CLASSES = 3 };

static gy_status infer_table(float *posterior, double *noise, const float *judged,
                             const int32_t *labels, size_t rows, size_t classes, gy_arena *scratch,
                             gy_error *err)
{
    return gy_labels_infer_table(posterior, noise, &judged, 1, labels, rows, classes, scratch, err);
}

// Of images and of tables.
static gy_status (*const inferences[])(float *, double *, const float *, const int32_t *, size_t,
                                       size_t, gy_arena *,
                                       gy_error *) = {gy_labels_infer, infer_table};

static const double truth[CLASSES][CLASSES] = {{0.8, 0.2, 0.0}, {0.0, 0.9, 0.1}, {0.3, 0.0, 0.7}};
static float judged[ROWS * CLASSES], guessed[ROWS * CLASSES];
static int32_t labels[ROWS], real[ROWS];

static void fill_samples(void)
{
    gy_random random;
    gy_random_init(&random, 4, 1);
    for (size_t row = 0; row < ROWS; row++) {
        real[row] = (int32_t)gy_random_below(&random, CLASSES);
        double drawn = gy_random_unit(&random), sure = 0.6 + 0.4 * gy_random_unit(&random);
        labels[row] = drawn < truth[real[row]][0]                         ? 0
                      : drawn < truth[real[row]][0] + truth[real[row]][1] ? 1
                                                                          : 2;
        for (size_t given = 0; given < CLASSES; given++) {
            double share = 0.0; // what a perfect learner of noisy labels would say
            for (size_t c = 0; c < CLASSES; c++)
                share += ((int32_t)c == real[row] ? sure : (1.0 - sure) / 2.0) * truth[c][given];
            judged[row * CLASSES + given] = (float)share;
            guessed[row * CLASSES + given] = 1.0f / CLASSES;
        }
    }
}

static void test_noise_is_the_one_that_was_drawn(void)
{
    double noise[CLASSES * CLASSES];
    static float posterior[ROWS * CLASSES];
    gy_arena scratch = GY_ARENA_INIT;
    CHECK(gy_labels_infer(posterior, noise, judged, labels, ROWS, CLASSES, &scratch, NULL) ==
          GY_OK);
    for (size_t c = 0; c < CLASSES; c++)
        for (size_t given = 0; given < CLASSES; given++)
            CHECK_NEAR(noise[c * CLASSES + given], truth[c][given], 0.07);
    gy_arena_release(&scratch);
}

static void check_mending(size_t i)
{
    double noise[CLASSES * CLASSES];
    static float posterior[ROWS * CLASSES];
    gy_arena scratch = GY_ARENA_INIT;
    CHECK(inferences[i](posterior, noise, judged, labels, ROWS, CLASSES, &scratch, NULL) == GY_OK);
    size_t right_before = 0, right_after = 0;
    for (size_t row = 0; row < ROWS; row++) {
        size_t best = 0;
        double whole = 0.0;
        for (size_t c = 0; c < CLASSES; c++) {
            whole += (double)posterior[row * CLASSES + c];
            best = posterior[row * CLASSES + c] > posterior[row * CLASSES + best] ? c : best;
        }
        CHECK_NEAR(whole, 1.0, 1e-5);
        right_before += labels[row] == real[row];
        right_after += (int32_t)best == real[row];
    }
    CHECK(right_before < ROWS * 82 / 100);
    CHECK(right_after > ROWS * 95 / 100);
    gy_arena_release(&scratch);
}

static void test_wrong_labels_are_found_and_mended(void)
{
    for (size_t i = 0; i < 2; i++)
        check_mending(i);
}

// With two classes the noise can be taken out by hand: p = (q - b) / (a - b), then Bayes.
static void test_posterior_of_two_classes_is_the_closed_form(void)
{
    const double a = 0.9, b = 0.2, noise[4] = {a, 1.0 - a, b, 1.0 - b};
    for (int i = 25; i <= 85; i += 5) {
        double q = 0.01 * i, p = (q - b) / (a - b);
        float seen[2] = {(float)q, (float)(1.0 - q)}, posterior[2];
        for (int32_t label = 0; label < 2; label++) {
            double first = p * noise[label], second = (1.0 - p) * noise[2 + label];
            gy_labels_take_out(posterior, seen, noise, 1, 2);
            gy_labels_posterior(posterior, posterior, noise, 1.0, &label, 1, 2);
            CHECK_NEAR((double)posterior[0], first / (first + second), 0.03);
        }
    }
}

// Judges that are right nineteen times in twenty but say so with two thirds (their shares to the
// power 1/4): what is left of a label is what it would be if they said what they know.
static void check_modest_judges(size_t i)
{
    enum { FEW = 300 };
    const double right = 0.95, kept = 0.85;
    const float modest = (float)(1.0 / (1.0 + pow((1.0 - right) / right, 0.25)));
    static float said[FEW * 2], posterior[FEW * 2];
    static int32_t given[FEW];
    gy_random random;
    gy_random_init(&random, 9, 1);
    size_t planted = 0, caught = 0, flagged = 0;
    bool is_wrong[FEW];
    for (size_t row = 0; row < FEW; row++) {
        int32_t said_class = (int32_t)(row % 2);
        int32_t true_class = gy_random_unit(&random) < right ? said_class : 1 - said_class;
        is_wrong[row] = gy_random_unit(&random) >= kept;
        given[row] = is_wrong[row] ? 1 - true_class : true_class;
        said[row * 2 + (size_t)said_class] = modest;
        said[row * 2 + 1 - (size_t)said_class] = 1.0f - modest;
    }
    double noise[4];
    gy_arena scratch = GY_ARENA_INIT;
    CHECK(inferences[i](posterior, noise, said, given, FEW, 2, &scratch, NULL) == GY_OK);
    for (size_t row = 0; row < FEW; row++) {
        bool is_flagged = posterior[row * 2 + (size_t)given[row]] < 0.5f;
        planted += is_wrong[row];
        flagged += is_flagged;
        caught += is_flagged && is_wrong[row];
    }
    // Of the labels at odds with the judges, .15 x .95 are wrong and .85 x .05 right.
    CHECK(caught * 100 >= planted * 85);
    CHECK(caught * 100 >= flagged * 65);
    gy_arena_release(&scratch);
}

static void test_judges_that_are_too_modest_are_taken_at_their_worth(void)
{
    for (size_t i = 0; i < 2; i++)
        check_modest_judges(i);
}

// Judges that hardly know more than chance, the one class as little as the other: their confusions
// must not be taken for noise that turns labels round.
static void test_judges_that_know_little_leave_labels_mostly_right(void)
{
    enum { FEW = 340 };
    static float said[FEW * 2], posterior[FEW * 2];
    static int32_t given[FEW];
    gy_random random;
    gy_random_init(&random, 11, 1);
    for (size_t row = 0; row < FEW; row++) {
        given[row] = (int32_t)(row % 2);
        double lean = 0.2 * gy_random_unit(&random) - 0.08; // to the given class: a little
        said[row * 2 + (size_t)given[row]] = (float)(0.5 + lean);
        said[row * 2 + 1 - (size_t)given[row]] = (float)(0.5 - lean);
    }
    double noise[4];
    gy_arena scratch = GY_ARENA_INIT;
    CHECK(infer_table(posterior, noise, said, given, FEW, 2, &scratch, NULL) == GY_OK);
    CHECK(noise[0] > 0.6 && noise[3] > 0.6);
    for (size_t row = 0; row < FEW; row++) // the order is the judges' own
        for (size_t other = row % 2; other < row; other += 2)
            CHECK((said[row * 2 + row % 2] < said[other * 2 + row % 2]) ==
                  (posterior[row * 2 + row % 2] < posterior[other * 2 + row % 2]));
    gy_arena_release(&scratch);
}

// Classes that overlap: each label is drawn as the judge says, so that none is wrong. As many would
// be at odds with a judge that took the likelier class for the true one.
static void test_classes_that_overlap_are_no_noise(void)
{
    static float said[ROWS * 2], posterior[ROWS * 2];
    static int32_t drawn[ROWS];
    for (double reach = 0.2; reach < 0.5; reach += 0.1) {
        gy_random random;
        gy_random_init(&random, 21, 1);
        size_t flagged = 0;
        for (size_t row = 0; row < ROWS; row++) {
            double first = 0.5 + reach * (2.0 * gy_random_unit(&random) - 1.0);
            said[row * 2] = (float)first;
            said[row * 2 + 1] = (float)(1.0 - first);
            drawn[row] = gy_random_unit(&random) >= first;
        }
        double noise[4];
        gy_arena scratch = GY_ARENA_INIT;
        CHECK(infer_table(posterior, noise, said, drawn, ROWS, 2, &scratch, NULL) == GY_OK);
        for (size_t row = 0; row < ROWS; row++)
            flagged += posterior[row * 2 + (size_t)drawn[row]] < 0.5f;
        CHECK(flagged * 100 < ROWS);
        gy_arena_release(&scratch);
    }
}

// One judge knows two thirds of the samples, the other the rest, each says of what it does not know
// that all classes are as likely: together they find more wrong labels than either.
static void test_judges_make_up_for_each_other(void)
{
    static float said[2][ROWS * CLASSES], posterior[ROWS * CLASSES];
    const float *members[2] = {said[0], said[1]};
    size_t right[3] = {0};
    double noise[CLASSES * CLASSES];
    for (size_t i = 0; i < ROWS * CLASSES; i++) {
        bool knows_first = i / CLASSES % 3 != 0;
        said[0][i] = knows_first ? judged[i] : 1.0f / CLASSES;
        said[1][i] = knows_first ? 1.0f / CLASSES : judged[i];
    }
    for (size_t asked = 0; asked < 3; asked++) { // the one, the other, both
        gy_arena scratch = GY_ARENA_INIT;
        CHECK(gy_labels_infer_table(posterior, noise, members + (asked == 1), asked == 2 ? 2 : 1,
                                    labels, ROWS, CLASSES, &scratch, NULL) == GY_OK);
        for (size_t row = 0; row < ROWS; row++) {
            const float *of = posterior + row * CLASSES;
            size_t best = of[1] > of[0] ? 1 : 0;
            right[asked] += (int32_t)(of[2] > of[best] ? 2 : best) == real[row];
        }
        gy_arena_release(&scratch);
    }
    CHECK(right[2] > right[0] + ROWS / 50 && right[2] > right[1] + ROWS / 50);
    CHECK(right[2] > ROWS * 93 / 100);
}

static void test_every_allocation_may_fail(void)
{
    static float posterior[ROWS * CLASSES];
    double noise[CLASSES * CLASSES];
    for (size_t i = 0; i < 2; i++) {
        gy_status status = GY_NO_MEMORY;
        for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
            gy_arena scratch = {.limit_bytes = SIZE_MAX, .takes_left = takes};
            gy_error err = {0};
            status = inferences[i](posterior, noise, judged, labels, ROWS, CLASSES, &scratch, &err);
            CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
            gy_arena_release(&scratch);
        }
        CHECK(status == GY_OK);
    }
}

static void test_a_member_that_knows_nothing_counts_less(void)
{
    const float *members[2] = {judged, guessed};
    double weights[2];
    gy_labels_weigh(weights, members, 2, labels, ROWS, CLASSES, 0.0);
    CHECK_NEAR(weights[0], 0.5, 1e-12);
    gy_labels_weigh(weights, members, 2, labels, ROWS, CLASSES, 0.5);
    CHECK_NEAR(weights[0] + weights[1], 1.0, 1e-12);
    CHECK(weights[0] > 0.7);
    gy_labels_weigh(weights, members, 2, labels, ROWS, CLASSES, 0.9);
    CHECK(weights[0] > 0.9);
}

static void test_a_sample_without_a_label_keeps_what_judges_say(void)
{
    const double noise[4] = {1.0, 0.0, 0.0, 1.0};
    float seen[2] = {0.3f, 0.7f}, posterior[2];
    int32_t none = -1;
    gy_labels_take_out(posterior, seen, noise, 1, 2);
    gy_labels_posterior(posterior, posterior, noise, 1.0, &none, 1, 2);
    CHECK_NEAR((double)posterior[1], 0.7, 1e-6);
}

int main(void)
{
    fill_samples();
    RUN(test_noise_is_the_one_that_was_drawn);
    RUN(test_wrong_labels_are_found_and_mended);
    RUN(test_posterior_of_two_classes_is_the_closed_form);
    RUN(test_judges_that_are_too_modest_are_taken_at_their_worth);
    RUN(test_judges_that_know_little_leave_labels_mostly_right);
    RUN(test_classes_that_overlap_are_no_noise);
    RUN(test_judges_make_up_for_each_other);
    RUN(test_every_allocation_may_fail);
    RUN(test_a_member_that_knows_nothing_counts_less);
    RUN(test_a_sample_without_a_label_keeps_what_judges_say);
    return check_done();
}
