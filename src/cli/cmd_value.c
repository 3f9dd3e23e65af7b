// SPDX-License-Identifier: Apache-2.0
//
// gyre value: how much each training sample helps or harms (exact KNN-Shapley).

#include "cli/findings.h"

typedef struct value_options {
    const char *label;
    size_t k, components;
} value_options;

// Both tables are read as one, so that a column means the same in both; then they part again.
static gy_status read_both(gy_samples *train, gy_samples *test, const gy_cli *cli,
                           const value_options *chosen, gy_error *err)
{
    gy_subject subjects[2];
    gy_table table;
    gy_samples both;
    for (size_t i = 0; i < 2; i++)
        GY_TRY(gy_subject_read(&subjects[i], cli->args[i], chosen->label, cli, err));
    GY_TRY(gy_table_append(&table, &subjects[0].table, &subjects[1].table,
                           subjects[0].marks.file_column, cli->arena, err));
    GY_TRY(gy_samples_read(&both, &table, &subjects[0].marks, cli->arena, err));
    if (!cli->quiet && both.note[0] != '\0')
        fprintf(stderr, "%s", both.note);
    gy_samples projected = both;
    if (both.cols > chosen->components)
        GY_TRY(gy_value_project(&projected, NULL, &both, chosen->components, 0, cli->arena, err));
    size_t rows = 0;
    while (rows < both.rows && both.row_of[rows] < subjects[0].table.rows)
        rows++;
    *train = *test = projected;
    train->rows = rows;
    test->rows = both.rows - rows;
    test->features += rows * projected.cols;
    test->labels += rows;
    test->ids += rows;
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
    gy_samples train, test;
    GY_TRY(gy_options_parse(&chosen, &gy_command_value, cli, err));
    GY_TRY(read_both(&train, &test, cli, &chosen, err));
    double *values = GY_NEW(cli->arena, double, train.rows + 1);
    if (values == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu values", train.rows);
    GY_TRY(gy_value_knn_shapley(values, &train, &test, chosen.k, 0, cli->arena, err));
    print_values(cli, &train, values);
    return GY_OK;
}

static const gy_option options[] = {
    {GY_OPTION_SIZE, "k", 'k', "N", offsetof(value_options, k),
     "neighbours that vote (10 if not given)"},
    {GY_OPTION_SIZE, "components", 0, "N", offsetof(value_options, components),
     "principal components to measure in (64 if not given)"},
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
