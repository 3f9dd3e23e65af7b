// SPDX-License-Identifier: Apache-2.0
//
// gyre value: how much each training sample helps or harms (exact KNN-Shapley).

#include <string.h>

#include "cli/findings.h"

typedef struct value_options {
    const char *label;
    size_t k, components;
} value_options;

// Train and test under one numbering of classes, and with the same features.
static gy_status join_classes(gy_samples *test, const gy_samples *train, gy_arena *arena,
                              gy_error *err)
{
    int32_t *labels = GY_NEW(arena, int32_t, test->rows + 1);
    if (labels == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu labels", test->rows);
    for (size_t row = 0; row < test->rows; row++) {
        labels[row] = -1;
        for (size_t c = 0; test->labels[row] >= 0 && c < train->class_count; c++)
            if (strcmp(train->classes[c], test->classes[test->labels[row]]) == 0)
                labels[row] = (int32_t)c;
    }
    test->labels = labels;
    return GY_OK;
}

static void print_values(const gy_cli *cli, const gy_samples *train, const double *values)
{
    for (size_t i = 0; i < train->rows; i++) {
        if (cli->json)
            fprintf(cli->out, "{\"id\":\"%s\",\"row\":%u,\"value\":%.9g}\n",
                    gy_id_text(&train->ids[i]).text, train->row_of[i] + 1, values[i]);
        else
            fprintf(cli->out, "%s\t%u\t%+.9f\n", gy_id_text(&train->ids[i]).text,
                    train->row_of[i] + 1, values[i]);
    }
}

static gy_status value_run(gy_cli *cli, gy_error *err)
{
    value_options chosen = {.k = 10, .components = 64};
    gy_subject subjects[2];
    gy_samples both[2];
    GY_TRY(gy_options_parse(&chosen, &gy_command_value, cli, err));
    for (size_t i = 0; i < 2; i++) {
        GY_TRY(gy_subject_read(&subjects[i], cli->args[i], chosen.label, cli, err));
        GY_TRY(gy_samples_read(&both[i], &subjects[i].table, &subjects[i].marks, cli->arena, err));
        if (!cli->quiet && both[i].note[0] != '\0')
            fprintf(stderr, "%s", both[i].note);
    }
    // Columns are standardised for each table alone: distances between two would mean nothing.
    if (both[0].width == 0 || both[1].width == 0)
        return gy_fail(err, GY_UNSUPPORTED, "only samples that are images are valued so far");
    GY_TRY(join_classes(&both[1], &both[0], cli->arena, err));
    gy_samples train, test;
    GY_TRY(gy_value_project_both(&train, &test, &both[0], &both[1], chosen.components, 0,
                                 cli->arena, err));
    double *values = GY_NEW(cli->arena, double, train.rows + 1);
    if (values == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu values", train.rows);
    GY_TRY(gy_value_knn_shapley(values, &train, &test, chosen.k, 0, cli->arena, err));
    print_values(cli, &both[0], values);
    return GY_OK;
}

static const gy_option options[] = {
    {GY_OPTION_SIZE, "k", 'k', "N", offsetof(value_options, k),
     "neighbours that vote (10 if not given)"},
    {GY_OPTION_SIZE, "components", 0, "N", offsetof(value_options, components),
     "principal components of the training samples to measure in (64 if not given)"},
    {GY_OPTION_TEXT, "label", 0, "COLUMN", offsetof(value_options, label), "the column of labels"},
    GY_OPTIONS_END};

const gy_command gy_command_value = {
    .name = "value",
    .usage = "gyre value [OPTION...] TRAIN TEST",
    .summary = "score how much each training sample helps or harms",
    .group = "value",
    .details =
        "Exact Shapley values of a k-nearest-neighbour vote: id, row and value, a line each. "
        "Below zero a sample does harm. Do not value on samples that you will judge the "
        "model by.",
    .examples = "gyre value train.csv validation.csv --k 5\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2,
    .run = value_run,
};
