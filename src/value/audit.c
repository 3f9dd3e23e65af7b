// SPDX-License-Identifier: Apache-2.0
//
// The audit: components, neighbours, duplicates, outliers, judges, labels, in this order, each on
// what the ones before found.

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/thread.h"
#include "value/columns.h"
#include "value/duplicate.h"
#include "value/judge.h"
#include "value/labels.h"
#include "value/neighbors.h"
#include "value/outlier.h"

enum {
    COMPONENTS = 64,
    NEIGHBORS = 25,
    STEPS = 5,
    LABELS_MIN = 10,
    GROUPED_SHARE_MIN = 10, // in percent
    CELLS_MAX = 1 << 27     // samples x classes, of which there are some twelve matrices
};

// In a table one kind of judge may be far better than all others, and few rows suffice to see it.
static const double TRUST_IMAGES = 0.5, TRUST_TABLES = 0.9;

typedef struct work {
    gy_audit *audit;
    const gy_samples *samples;
    const gy_audit_options *options;
    size_t threads;
    gy_samples projected;
    float *residual;
    gy_neighbor *nearest;
    size_t neighbor_count;
    gy_duplicates duplicates;
    uint32_t *groups; // for the judges
    gy_arena *arena;
} work;

static void report(const work *job, const char *step, size_t done)
{
    if (job->options->progress != NULL)
        job->options->progress(job->options->context, step, done, STEPS);
}

static bool is_image(const gy_samples *samples)
{
    return samples->width > 4 && samples->height > 4;
}

static gy_status check_probabilities(const gy_samples *samples, const float *probabilities,
                                     gy_error *err)
{
    size_t classes = samples->class_count;
    for (size_t row = 0; probabilities != NULL && row < samples->rows; row++) {
        double whole = 0.0;
        bool is_share = true;
        for (size_t c = 0; c < classes; c++) {
            float p = probabilities[row * classes + c];
            is_share = is_share && p >= 0.0f && p <= 1.001f;
            whole += (double)p;
        }
        if (!is_share || !(fabs(whole - 1.0) < 0.01))
            return gy_fail(err, GY_INVALID,
                           "probabilities of sample %zu are not shares of 1 "
                           "(their sum is %g)",
                           row, whole);
    }
    return GY_OK;
}

static gy_status find_neighbors(work *job, gy_error *err)
{
    size_t rows = job->samples->rows;
    report(job, "neighbours", 0);
    job->projected = *job->samples;
    if (is_image(job->samples) || job->samples->cols > 4 * COMPONENTS)
        GY_TRY(gy_value_project(&job->projected, &job->residual, job->samples, COMPONENTS,
                                job->threads, job->arena, err));
    job->neighbor_count = rows - 1 < NEIGHBORS ? rows - 1 : NEIGHBORS;
    if (job->neighbor_count == 0)
        return GY_OK;
    job->nearest = GY_NEW(job->arena, gy_neighbor, rows * job->neighbor_count);
    if (job->nearest == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the neighbours of %zu samples", rows);
    return gy_value_neighbors(job->nearest, &job->projected, &job->projected, job->neighbor_count,
                              job->threads, job->arena, err);
}

static gy_status find_duplicates(work *job, gy_error *err)
{
    size_t rows = job->samples->rows, copies = 0;
    report(job, "duplicates", 1);
    GY_TRY(gy_duplicates_find(&job->duplicates, job->samples, job->nearest, job->neighbor_count,
                              job->threads, job->arena, err));
    uint8_t *is_duplicate = GY_NEW(job->arena, uint8_t, rows);
    job->groups = GY_NEW(job->arena, uint32_t, rows);
    if (is_duplicate == NULL || job->groups == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the duplicates of %zu samples", rows);
    for (size_t row = 0; row < rows; row++) {
        is_duplicate[row] = job->duplicates.groups[row] != row;
        copies += is_duplicate[row];
    }
    // Rows of a few coarse columns are equal by nature, not by copying: there each is a witness.
    bool are_copies = is_image(job->samples) || copies * 100 <= rows * GROUPED_SHARE_MIN;
    for (size_t row = 0; row < rows; row++)
        job->groups[row] = are_copies ? job->duplicates.groups[row] : (uint32_t)row;
    job->audit->is_duplicate = is_duplicate;
    job->audit->duplicate_score = job->duplicates.likeness;
    job->audit->partner = job->duplicates.partner;
    job->audit->original = job->duplicates.groups;
    job->audit->shift_x = job->duplicates.shift_x;
    job->audit->shift_y = job->duplicates.shift_y;
    return GY_OK;
}

static gy_status find_outliers(work *job, gy_error *err)
{
    size_t rows = job->samples->rows;
    report(job, "outliers", 2);
    gy_strangeness *strangeness = GY_NEW(job->arena, gy_strangeness, rows);
    float *scores = GY_NEW(job->arena, float, rows), *distance = GY_NEW(job->arena, float, rows);
    float *residual = GY_NEW(job->arena, float, rows);
    uint8_t *is_outlier = GY_NEW(job->arena, uint8_t, rows);
    if (strangeness == NULL || scores == NULL || distance == NULL || residual == NULL ||
        is_outlier == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the outliers of %zu samples", rows);
    bool is_table = !is_image(job->samples) && job->residual == NULL;
    gy_samples level = job->projected;
    gy_oddity *oddities = is_table ? GY_NEW(job->arena, gy_oddity, rows) : NULL;
    if (is_table && oddities == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the outliers of %zu samples", rows);
    if (is_table)
        GY_TRY(gy_columns_level(&level, job->samples, job->arena, err));
    GY_TRY(gy_outliers_find(strangeness, scores, oddities, &level, job->residual, is_table,
                            job->options->seed, job->threads, job->arena, err));
    for (size_t row = 0; row < rows; row++) {
        is_outlier[row] = scores[row] >= 0.5f;
        distance[row] = strangeness[row].distance;
        residual[row] = strangeness[row].residual;
    }
    job->audit->oddities = oddities;
    job->audit->outlier_score = scores;
    job->audit->is_outlier = is_outlier;
    job->audit->distance = distance;
    job->audit->residual = residual;
    return GY_OK;
}

// All members, the user's own among them, and their weighted mean: in a table in `spare`.
static gy_status ask_judges(float **judged, const float **members, size_t *member_count,
                            float *spare, work *job, gy_error *err)
{
    size_t rows = job->samples->rows, classes = job->samples->class_count;
    report(job, "judges", 3);
    gy_judge_case matter = {.samples = job->samples,
                            .projected = &job->projected,
                            .nearest = job->nearest,
                            .neighbor_count = job->neighbor_count,
                            .groups = job->groups,
                            .seed = job->options->seed,
                            .threads = job->threads};
    gy_judgement judgement;
    GY_TRY(gy_judge(&judgement, &matter, job->arena, err));
    size_t count = judgement.count;
    memcpy(members, judgement.members, sizeof(*members) * count);
    if (job->options->probabilities != NULL)
        members[count++] = job->options->probabilities;
    double weights[GY_JUDGES_MAX + 1];
    gy_labels_weigh(weights, members, count, job->samples->labels, rows, classes,
                    is_image(job->samples) ? TRUST_IMAGES : TRUST_TABLES);

    float *mean = is_image(job->samples) ? judgement.members[0] : spare; // not needed any more
    for (size_t i = 0; i < rows * classes; i++) {
        float sum = 0.0f;
        for (size_t m = 0; m < count; m++)
            sum += (float)weights[m] * members[m][i];
        mean[i] = sum;
    }
    *judged = mean;
    *member_count = count;
    return GY_OK;
}

static void fill_label_scores(const work *job, const float *posterior, int32_t *suggested,
                              float *scores, uint8_t *is_issue, float *votes)
{
    size_t classes = job->samples->class_count;
    for (size_t row = 0; row < job->samples->rows; row++) {
        const float *shares = posterior + row * classes;
        int32_t given = job->samples->labels[row];
        size_t best = 0, agree = 0;
        for (size_t c = 1; c < classes; c++)
            if (shares[c] > shares[best])
                best = c;
        suggested[row] = (int32_t)best;
        scores[row] = given >= 0 ? 1.0f - shares[given] : 0.0f;
        is_issue[row] = given >= 0 && (size_t)given != best;
        for (size_t i = 0; i < job->neighbor_count; i++)
            agree += job->samples->labels[job->nearest[row * job->neighbor_count + i].row] ==
                     (int32_t)best;
        votes[row] = (float)agree / (float)job->neighbor_count;
    }
}

// Why labels cannot be judged; NULL: they can.
static const char *find_obstacle(const gy_samples *samples)
{
    size_t labeled = 0;
    for (size_t row = 0; row < samples->rows; row++)
        labeled += samples->labels[row] >= 0;
    return samples->class_count == 0                      ? "no classes"
           : labeled < LABELS_MIN                         ? "fewer than 10 samples have one"
           : samples->class_count < 2                     ? "all are the same"
           : samples->class_count > GY_LABELS_CLASSES_MAX ? "over 4096 classes"
           : samples->rows > CELLS_MAX / samples->class_count
               ? "samples times classes are over 134,217,728: each judge would take half a gigabyte"
               : NULL;
}

static gy_status judge_labels(work *job, gy_error *err)
{
    size_t rows = job->samples->rows, classes = job->samples->class_count;
    job->audit->unjudged = find_obstacle(job->samples);
    size_t judged_classes = job->audit->unjudged != NULL ? 0 : classes;
    int32_t *suggested = GY_NEW(job->arena, int32_t, rows);
    float *scores = GY_NEW(job->arena, float, rows), *votes = GY_NEW(job->arena, float, rows);
    uint8_t *is_issue = GY_NEW(job->arena, uint8_t, rows);
    float *posterior = GY_NEW(job->arena, float, rows *judged_classes + 1);
    double *noise = GY_NEW(job->arena, double, judged_classes *judged_classes + 1);
    if (suggested == NULL || scores == NULL || votes == NULL || is_issue == NULL ||
        posterior == NULL || noise == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the labels of %zu samples", rows);
    job->audit->suggested = suggested;
    job->audit->label_score = scores;
    job->audit->is_label_issue = is_issue;
    job->audit->posterior = posterior;
    job->audit->noise = noise;
    job->audit->votes = votes;
    for (size_t row = 0; row < rows; row++)
        suggested[row] = -1;
    if (job->audit->unjudged != NULL)
        return GY_OK;

    float *judged = NULL;
    const float *members[GY_JUDGES_MAX + 1];
    size_t count = 0;
    GY_TRY(ask_judges(&judged, members, &count, posterior, job, err));
    report(job, "labels", 4);
    if (!gy_labels_are_foretold(judged, job->samples->labels, rows, classes)) {
        job->audit->unjudged = "nothing else in the samples foretells them";
        return GY_OK;
    }
    const int32_t *labels = job->samples->labels;
    if (is_image(job->samples))
        GY_TRY(gy_labels_infer(posterior, noise, judged, labels, rows, classes, job->arena, err));
    else
        GY_TRY(gy_labels_infer_table(posterior, noise, members, count, labels, rows, classes,
                                     job->arena, err));
    fill_label_scores(job, posterior, suggested, scores, is_issue, votes);
    return GY_OK;
}

gy_status gy_value_audit(gy_audit *audit, const gy_samples *samples,
                         const gy_audit_options *options, gy_arena *arena, gy_error *err)
{
    assert(audit != NULL && options != NULL && arena != NULL);
    GY_TRY(gy_samples_check(samples, "sample", err));
    GY_TRY(check_probabilities(samples, options->probabilities, err));
    *audit = (gy_audit){.rows = samples->rows, .class_count = samples->class_count};
    work job = {.audit = audit,
                .samples = samples,
                .options = options,
                .threads = options->threads == 0 ? gy_thread_count() : options->threads,
                .arena = arena};
    GY_TRY(find_neighbors(&job, err));
    GY_TRY(find_duplicates(&job, err));
    GY_TRY(find_outliers(&job, err));
    GY_TRY(judge_labels(&job, err));
    report(&job, "audit", STEPS);
    return GY_OK;
}
