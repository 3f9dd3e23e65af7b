// SPDX-License-Identifier: Apache-2.0
//
// Goal: a gate says what its definition says. Method: each metric against sums done here, on tables
// of drawn labels and predictions; the verdict against an own bootstrap with another generator, far
// from the border; tables in other orders, formats and spellings; and tables that do not fit.

#include "project.h"

#include "base/random.h"

enum { ROWS = 400, CLASSES = 4 };

typedef struct drawn {
    int labels[ROWS], olds[ROWS], news[ROWS];
    gy_id ids[ROWS];
} drawn;

static drawn draw(uint64_t seed, uint32_t old_wrong, uint32_t new_wrong)
{
    drawn rows;
    gy_random random;
    gy_random_init(&random, seed, 7);
    for (size_t i = 0; i < ROWS; i++) {
        size_t sample = i == ROWS - 1 ? 0 : i; // the last sample equals the first
        gy_id_of_bytes(&rows.ids[i], &sample, sizeof(sample));
        rows.labels[i] = (int)(gy_random_below(&random, 10) % CLASSES); // not all as frequent
        rows.olds[i] = rows.news[i] = rows.labels[i];
        if (gy_random_below(&random, 100) < old_wrong)
            rows.olds[i] = (int)gy_random_below(&random, CLASSES);
        if (gy_random_below(&random, 100) < new_wrong)
            rows.news[i] = (int)gy_random_below(&random, CLASSES);
    }
    return rows;
}

static void write_csv(const test_project *project, const char *name, const drawn *rows,
                      const int *outputs, bool backwards, const char *spelling)
{
    gy_text text = {0};
    gy_text_add(&text, "loss,prediction,id,label\n");
    for (size_t at = 0; at < ROWS; at++) {
        size_t i = backwards && at > 0 && at < ROWS - 1 ? ROWS - 1 - at : at;
        gy_text_add(&text, "%g,", 0.25 * outputs[i] + 0.001 * (double)i);
        gy_text_add(&text, "%d%s,%s,%d\n", outputs[i], spelling, gy_id_text(&rows->ids[i]).text,
                    rows->labels[i]);
    }
    write_file(project, name, text.bytes);
    gy_text_release(&text);
}

static gy_status compare(gy_gate_result *result, const test_project *project, const char *newer,
                         const char *older, gy_gate_options options, gy_error *err)
{
    char paths[2][128];
    snprintf(paths[0], sizeof(paths[0]), "%s/%s", project->folder, newer);
    snprintf(paths[1], sizeof(paths[1]), "%s/%s", project->folder, older);
    gy_arena *arena = gy_arena_new(0);
    options.confidence = options.confidence == 0 ? 0.95 : options.confidence;
    gy_status status = gy_gate_compare(result, paths[0], paths[1], &options, arena, err);
    gy_gate_verdict verdict;
    if (status == GY_OK) // the same in words
        status = gy_gate_files(&verdict, paths[0], paths[1], &options, arena, err);
    if (status == GY_OK) {
        CHECK(verdict.passes == result->passes && verdict.compares && verdict.name == paths[0]);
        CHECK(memcmp(&verdict.result, result, offsetof(gy_gate_result, passes)) == 0);
        CHECK(strstr(verdict.words, result->passes ? ", above" : "not above") != NULL);
    }
    gy_arena_free(arena);
    return status;
}

static const gy_cost costs[] = {{"1", "2", 7.5}, {"0", "3", 0.25}, {"2", "2", -1}};

// The mean of a metric by its definition.
static double mean_of(const char *metric, const drawn *rows, const int *outputs)
{
    double sum = 0, counts[CLASSES] = {0}, rights[CLASSES] = {0};
    size_t present = 0;
    for (size_t i = 0; i < ROWS; i++) {
        int label = rows->labels[i], output = outputs[i];
        counts[label]++;
        rights[label] += label == output;
        if (strcmp(metric, "accuracy") == 0)
            sum += label == output;
        else if (strcmp(metric, "loss") == 0)
            sum += 0.25 * output + 0.001 * (double)i;
        else if (strcmp(metric, "absolute_error") == 0)
            sum += abs(label - output);
        else if (strcmp(metric, "squared_error") == 0)
            sum += (label - output) * (label - output);
        else if (strcmp(metric, "cost") == 0)
            sum += label == 1 && output == 2   ? 7.5
                   : label == 0 && output == 3 ? 0.25
                   : label == 2 && output == 2 ? -1
                                               : label != output;
    }
    if (strcmp(metric, "balanced_accuracy") != 0)
        return sum / ROWS;
    for (int c = 0; c < CLASSES; c++) {
        present += counts[c] > 0;
        sum += counts[c] > 0 ? rights[c] / counts[c] : 0;
    }
    return sum / (double)present;
}

static void test_each_metric_is_what_its_name_says(void)
{
    static const char *const names[] = {"accuracy", "balanced_accuracy", "loss",
                                        "cost",     "absolute_error",    "squared_error"};
    test_project project = project_new();
    drawn rows = draw(3, 30, 10);
    write_csv(&project, "old.csv", &rows, rows.olds, false, "");
    write_csv(&project, "new.csv", &rows, rows.news, false, "");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        gy_gate_result result;
        gy_error err = {0};
        gy_gate_options options = {.metric = names[i], .costs = costs, .cost_count = 3};
        CHECK(compare(&result, &project, "new.csv", "old.csv", options, &err) == GY_OK);
        double sign = i < 2 ? 1 : -1;
        double old_value = mean_of(names[i], &rows, rows.olds);
        double new_value = mean_of(names[i], &rows, rows.news);
        CHECK_NEAR(result.old_value, old_value, 1e-9);
        CHECK_NEAR(result.new_value, new_value, 1e-9);
        CHECK_NEAR(result.gain, sign * (new_value - old_value), 1e-9);
        CHECK(result.low <= result.gain && result.gain <= result.high && result.samples == ROWS);
    }
    project_free(&project);
}

// The interval of the mean accuracy gain by another program: another generator, sorted percentiles.
static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void test_the_interval_is_a_bootstrap_interval(void)
{
    enum { RESAMPLES = 4000 };
    static double means[RESAMPLES];
    test_project project = project_new();
    drawn rows = draw(5, 30, 20);
    gy_gate_result result;
    uint64_t state = 88172645463325252u; // xorshift
    write_csv(&project, "old.csv", &rows, rows.olds, false, "");
    write_csv(&project, "new.csv", &rows, rows.news, false, "");
    CHECK(compare(&result, &project, "new.csv", "old.csv", (gy_gate_options){0}, NULL) == GY_OK);
    for (size_t r = 0; r < RESAMPLES; r++) {
        double sum = 0;
        for (size_t k = 0; k < ROWS; k++) {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            size_t i = state % ROWS;
            sum += (rows.news[i] == rows.labels[i]) - (rows.olds[i] == rows.labels[i]);
        }
        means[r] = sum / ROWS;
    }
    qsort(means, RESAMPLES, sizeof(double), compare_doubles);
    CHECK_NEAR(result.low, means[RESAMPLES / 40], 0.006);
    CHECK_NEAR(result.high, means[RESAMPLES - RESAMPLES / 40], 0.006);
    project_free(&project);
}

static void test_the_verdict_follows_the_margin(void)
{
    test_project project = project_new();
    drawn rows = draw(9, 40, 10);
    gy_gate_result result;
    write_csv(&project, "old.csv", &rows, rows.olds, false, "");
    write_csv(&project, "new.csv", &rows, rows.news, false, "");
    CHECK(compare(&result, &project, "new.csv", "old.csv", (gy_gate_options){0}, NULL) == GY_OK);
    CHECK(result.passes && result.only_new > result.only_old);
    CHECK(compare(&result, &project, "new.csv", "old.csv", (gy_gate_options){.margin = 0.5},
                  NULL) == GY_OK);
    CHECK(!result.passes);
    CHECK(compare(&result, &project, "old.csv", "new.csv", (gy_gate_options){0}, NULL) == GY_OK);
    CHECK(!result.passes && result.gain < 0);
    CHECK(compare(&result, &project, "old.csv", "new.csv", (gy_gate_options){.margin = -0.5},
                  NULL) == GY_OK);
    CHECK(result.passes);
    CHECK(compare(&result, &project, "new.csv", "new.csv", (gy_gate_options){0}, NULL) == GY_OK);
    CHECK(!result.passes && result.gain == 0); // no better than itself
    CHECK(compare(&result, &project, "new.csv", "new.csv", (gy_gate_options){.margin = -0.01},
                  NULL) == GY_OK);
    CHECK(result.passes);
    project_free(&project);
}

static void test_order_format_and_spelling_do_not_matter(void)
{
    test_project project = project_new();
    drawn rows = draw(11, 30, 20);
    gy_gate_result first, second;
    write_csv(&project, "old.csv", &rows, rows.olds, false, "");
    write_csv(&project, "new.csv", &rows, rows.news, false, "");
    write_csv(&project, "turned.csv", &rows, rows.news, true, ".0");
    gy_text lines = {0};
    for (size_t i = 0; i < ROWS; i++)
        gy_text_add(&lines, "{\"id\":\"%s\",\"label\":%d,\"prediction\":%d}\n",
                    gy_id_text(&rows.ids[i]).text, rows.labels[i], rows.olds[i]);
    write_file(&project, "old.jsonl", lines.bytes);
    gy_text_release(&lines);
    CHECK(compare(&first, &project, "new.csv", "old.csv", (gy_gate_options){0}, NULL) == GY_OK);
    CHECK(compare(&second, &project, "turned.csv", "old.jsonl", (gy_gate_options){0}, NULL) ==
          GY_OK);
    CHECK(memcmp(&first, &second, sizeof(first)) == 0);
    project_free(&project);
}

static void test_tables_that_do_not_fit_are_refused(void)
{
    static const struct {
        const char *csv;
        gy_status status;
        const char *says;
    } cases[] = {
        {"id,label,prediction\n", GY_FORMAT, "0 rows"},
        {"id,label\nX,1\n", GY_FORMAT, "no column 'prediction'"},
        {"id,label,prediction\nabc,1,1\n", GY_FORMAT, "row 1: 'abc' is not an id"},
        {"id,label,prediction\nX,1,\nX,1,1\n", GY_FORMAT, "row 1 has no prediction"},
        {"id,label,prediction\nX,,1\n", GY_FORMAT, "has no label to be judged by"},
        {"id,label,prediction\nX,1,1\nX,1,1\n", GY_INVALID, "not of the same samples: 1 are in"},
        {"id,label,prediction\nY,1,1\n", GY_INVALID, "1 are in the first alone, 1 in the second"},
    };
    test_project project = project_new();
    const char *hex[2] = {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                          "abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gy_text text = {0};
        for (const char *at = cases[i].csv; *at != '\0'; at++)
            gy_text_add(&text, *at == 'X' || *at == 'Y' ? "%s" : "%.1s",
                        *at == 'X'   ? hex[0]
                        : *at == 'Y' ? hex[1]
                                     : at);
        write_file(&project, "new.csv", text.bytes);
        gy_text_release(&text);
        gy_text_add(&text, "id,label,prediction\n%s,1,2\n", hex[0]);
        write_file(&project, "old.csv", text.bytes);
        gy_text_release(&text);
        gy_gate_result result;
        gy_error err = {0};
        gy_status status =
            compare(&result, &project, "new.csv", "old.csv", (gy_gate_options){0}, &err);
        if (status != cases[i].status || strstr(err.message, cases[i].says) == NULL)
            printf("# %zu: %d: %s\n", i, (int)status, err.message);
        CHECK(status == cases[i].status && strstr(err.message, cases[i].says) != NULL);
    }
    gy_gate_result result;
    gy_error err = {0};
    CHECK(compare(&result, &project, "old.csv", "old.csv", (gy_gate_options){.metric = "loss"},
                  &err) == GY_FORMAT);
    CHECK(compare(&result, &project, "old.csv", "old.csv", (gy_gate_options){.metric = "f1"},
                  &err) == GY_INVALID);
    CHECK(compare(&result, &project, "old.csv", "old.csv", (gy_gate_options){.confidence = 2},
                  &err) == GY_INVALID);
    CHECK(compare(&result, &project, "absent.csv", "old.csv", (gy_gate_options){0}, &err) ==
          GY_NOT_FOUND);
    project_free(&project);
}

static void test_gates_of_gyre_yaml_that_say_too_little_are_refused(void)
{
    static const char *const gates[] = {"{metric: x}",
                                        "{min: 1, than: HEAD, predictions: p}",
                                        "{than: HEAD}",
                                        "{predictions: p.csv}",
                                        "{min: one}",
                                        "{metric: [x], min: 1}",
                                        "{min: 1, costs: 3}",
                                        "{min: 1, unknown: 2}",
                                        "{min: 1, resamples: -1}",
                                        "[1]"};
    for (size_t i = 0; i < sizeof(gates) / sizeof(gates[0]); i++) {
        test_project project = project_new();
        gy_pipeline *pipeline = NULL;
        gy_arena *arena = gy_arena_new(0);
        gy_gate_verdict *verdicts;
        size_t count;
        gy_error err = {0};
        char yaml[200];
        snprintf(yaml, sizeof(yaml), "gates:\n  g: %s\n", gates[i]);
        write_file(&project, "gyre.yaml", yaml);
        CHECK(gy_pipeline_open(&pipeline, project.folder, &err) == GY_OK);
        gy_status status =
            pipeline == NULL ? GY_OK
                             : gy_pipeline_gates(&verdicts, &count, pipeline, NULL, 0, arena, &err);
        CHECK(status == GY_FORMAT || status == GY_INVALID);
        CHECK(strstr(err.message, "gyre.yaml: line 2: ") != NULL);
        gy_pipeline_close(pipeline);
        gy_arena_free(arena);
        project_free(&project);
    }
}

int main(void)
{
    RUN(test_each_metric_is_what_its_name_says);
    RUN(test_the_interval_is_a_bootstrap_interval);
    RUN(test_the_verdict_follows_the_margin);
    RUN(test_order_format_and_spelling_do_not_matter);
    RUN(test_tables_that_do_not_fit_are_refused);
    RUN(test_gates_of_gyre_yaml_that_say_too_little_are_refused);
    return check_done();
}
