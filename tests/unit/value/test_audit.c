// SPDX-License-Identifier: Apache-2.0
//
// Goal: an audit finds what was planted and little else. Method: tables and images with known wrong
// labels, copies and strangers; the same bits for any threads and processor; every allocation.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "check.h"
#include "gyre/value.h"

enum { ROWS = 400, SIDE = 12, PIXELS = SIDE * SIDE, CLASSES = 3, WRONG = 10, COPIES = 30 };

static float cells[ROWS * 4], pixels[ROWS * PIXELS];
static int32_t labels[ROWS], real[ROWS];
static gy_id ids[ROWS];
static const char *classes[CLASSES] = {"ant", "bee", "cat"};
static const gy_samples table = {.ids = ids,
                                 .features = cells,
                                 .labels = labels,
                                 .rows = ROWS,
                                 .cols = 4,
                                 .classes = classes,
                                 .class_count = CLASSES};
static const gy_samples images = {.ids = ids,
                                  .features = pixels,
                                  .labels = labels,
                                  .rows = ROWS,
                                  .cols = PIXELS,
                                  .width = SIDE,
                                  .height = SIDE,
                                  .channels = 1,
                                  .classes = classes,
                                  .class_count = CLASSES};

// A bump on a plain ground, where it lies says the class; its shape is the sample's own.
static void draw(float *to, size_t row, gy_random *random)
{
    double at_x = 3.0 + 2.5 * real[row] + gy_random_unit(random),
           at_y = 5.0 + 2.0 * gy_random_unit(random);
    double wide = 1.0 + 2.0 * gy_random_unit(random), high = 0.5 + 0.5 * gy_random_unit(random);
    for (size_t i = 0; i < PIXELS; i++) {
        double x = ((double)(i % SIDE) - at_x) / wide, y = (double)(i / SIDE) - at_y;
        double bump = high / (1.0 + x * x + y * y) + 0.1 * gy_random_unit(random);
        to[i] = (float)(bump > 1.0 ? 1.0 : bump);
    }
}

static void fill_samples(void)
{
    gy_random random;
    gy_random_init(&random, 6, 1);
    for (size_t row = 0; row < ROWS; row++) {
        gy_id_of_bytes(&ids[row], &row, sizeof(row));
        real[row] = (int32_t)(row % CLASSES);
        labels[row] = row % WRONG == 1 ? (real[row] + 1) % CLASSES : real[row];
        for (size_t col = 0; col < 4; col++)
            cells[row * 4 + col] = (float)(gy_random_unit(&random) + gy_random_unit(&random) +
                                           (real[row] == (int32_t)col ? 2.0 : 0.0));
        draw(pixels + row * PIXELS, row, &random);
    }
    for (size_t i = 0; i < COPIES; i++) { // the last rows are the first, one pixel to the right
        float *to = pixels + (ROWS - 1 - i) * PIXELS;
        const float *from = pixels + i * PIXELS;
        for (size_t at = 0; at < PIXELS; at++)
            to[at] = at % SIDE > 0 ? from[at - 1] : from[at];
    }
}

static void audit(gy_audit *found, const gy_samples *samples, size_t threads, gy_arena *arena)
{
    gy_audit_options options = {.seed = 1, .threads = threads};
    gy_error err = {0};
    CHECK(gy_value_audit(found, samples, &options, arena, &err) == GY_OK);
    if (err.message[0] != '\0')
        printf("# %s\n", err.message);
}

static void check_labels(const gy_samples *samples, size_t limit)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_audit found;
    audit(&found, samples, 2, &arena);
    size_t planted = 0, caught = 0, flagged = 0, mended = 0;
    for (size_t row = 0; row < limit; row++) {
        bool is_wrong = labels[row] != real[row];
        planted += is_wrong;
        flagged += found.is_label_issue[row];
        caught += is_wrong && found.is_label_issue[row];
        mended += is_wrong && found.suggested[row] == real[row];
    }
    CHECK(caught * 100 >= planted * 85);
    CHECK(caught * 100 >= flagged * 85);
    CHECK(mended * 100 >= planted * 85);
    gy_arena_release(&arena);
}

static void test_wrong_labels_of_a_table_are_found(void)
{
    check_labels(&table, ROWS);
}

static void test_wrong_labels_of_images_are_found(void)
{
    check_labels(&images, ROWS - COPIES);
}

// Labels that are drawn by lot: nothing can be said of them, least of all that half are wrong. Of
// luck's three standard errors none comes up in these draws.
static void test_labels_by_lot_are_not_judged(void)
{
    static int32_t lots[ROWS];
    gy_random random;
    gy_random_init(&random, 9, 1);
    gy_samples drawn = table;
    drawn.labels = lots;
    for (size_t i = 0; i < 4; i++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_audit found;
        for (size_t row = 0; row < ROWS; row++)
            lots[row] = (int32_t)(gy_random_unit(&random) * CLASSES);
        audit(&found, &drawn, 2, &arena);
        size_t flagged = 0;
        for (size_t row = 0; row < ROWS; row++)
            flagged += found.is_label_issue[row] || found.suggested[row] >= 0;
        CHECK(found.unjudged != NULL);
        CHECK(flagged == 0);
        gy_arena_release(&arena);
    }
    gy_arena arena = GY_ARENA_INIT;
    gy_audit found;
    audit(&found, &table, 2, &arena);
    CHECK(found.unjudged == NULL);
    gy_arena_release(&arena);
}

static void test_shifted_copies_are_found(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_audit found;
    audit(&found, &images, 1, &arena);
    size_t copies = 0, others = 0;
    for (size_t row = 0; row < ROWS; row++) {
        if (row >= ROWS - COPIES)
            copies += found.is_duplicate[row] && found.original[row] == ROWS - 1 - row;
        else
            others += found.is_duplicate[row];
    }
    CHECK(copies == COPIES);
    CHECK(others == 0);
    CHECK(abs(found.shift_x[ROWS - 1]) == 1 && found.shift_y[ROWS - 1] == 0);
    gy_arena_release(&arena);
}

static void test_strangers_hide_behind_each_other_in_vain(void)
{
    static float features[ROWS * 4];
    gy_random random;
    gy_random_init(&random, 2, 1);
    gy_samples crowd = table;
    crowd.features = features;
    for (size_t i = 0; i < ROWS * 4; i++) { // the last 12 rows are a small crowd of their own
        double spread = gy_random_unit(&random) + gy_random_unit(&random) + gy_random_unit(&random);
        features[i] = (float)(i / 4 < ROWS - 12 ? spread : spread * 0.1 + 9.0);
    }
    gy_arena arena = GY_ARENA_INIT;
    gy_audit found;
    audit(&found, &crowd, 1, &arena);
    size_t strangers = 0, others = 0;
    for (size_t row = 0; row < ROWS; row++)
        *(row >= ROWS - 12 ? &strangers : &others) += found.is_outlier[row];
    CHECK(strangers == 12);
    CHECK(others <= 4);
    gy_arena_release(&arena);
}

// A row with one value that no other has: its reason names that column, its value and the range
// that the others keep to, each as the table spells it.
static void test_reason_of_an_outlier_names_its_columns(void)
{
    enum { COUNT = 200, COLUMNS = 3 };
    static float features[COUNT * COLUMNS], values[COLUMNS][COUNT];
    static gy_id own[COUNT];
    static int32_t none[COUNT];
    static const char *const names[COLUMNS] = {"age", "height", "weight"};
    gy_column columns[COLUMNS];
    gy_source sources[COLUMNS];
    gy_random random;
    gy_random_init(&random, 21, 1);
    for (size_t row = 0; row < COUNT; row++) {
        none[row] = -1;
        own[row].bytes[0] = (uint8_t)row;
        for (size_t col = 0; col < COLUMNS; col++)
            values[col][row] = (float)(20 + gy_random_below(&random, 61));
    }
    values[1][77] = 4000.0f;
    for (size_t col = 0; col < COLUMNS; col++) {
        columns[col] =
            (gy_column){.name = names[col], .type = GY_COLUMN_FLOAT, .values = values[col]};
        sources[col] = (gy_source){names[col], &columns[col]};
        for (size_t row = 0; row < COUNT; row++)
            features[row * COLUMNS + col] = (values[col][row] - 50.0f) / 17.0f;
    }
    gy_samples samples = {.ids = own,
                          .features = features,
                          .labels = none,
                          .rows = COUNT,
                          .cols = COLUMNS,
                          .sources = sources};
    for (size_t takes = 0, status = GY_NO_MEMORY; status != GY_OK; takes++) {
        gy_arena arena = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_audit audit;
        gy_finding *findings = NULL;
        size_t count = 0;
        status = gy_value_audit(&audit, &samples, &(gy_audit_options){.threads = 1}, &arena, NULL);
        if (status == GY_OK)
            status = gy_audit_findings(&findings, &count, &audit, &samples, false, &arena, NULL);
        CHECK(status == GY_OK || status == GY_NO_MEMORY);
        if (status == GY_OK) {
            CHECK(count > 0 && findings[0].kind == GY_FINDING_OUTLIER && findings[0].row == 77);
            CHECK(strstr(findings[0].reason, ": height 4000 (usual 21 to 80)") != NULL);
            CHECK(strstr(findings[0].reason, "age") == NULL);
        }
        gy_arena_release(&arena);
        if (status != GY_OK && status != GY_NO_MEMORY)
            break;
    }
}

static void test_threads_and_processor_change_no_bit(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_audit found[2];
    gy_samples few = images;
    few.rows = 24;
    for (size_t run = 0; run < 2; run++) {
        setenv("GYRE_CPU", run == 0 ? "" : "plain", 1);
        audit(&found[run], &few, 1 + 2 * run, &arena);
    }
    unsetenv("GYRE_CPU");
    size_t bytes = sizeof(float) * few.rows;
    CHECK(memcmp(found[0].posterior, found[1].posterior, bytes * CLASSES) == 0);
    CHECK(memcmp(found[0].outlier_score, found[1].outlier_score, bytes) == 0);
    CHECK(memcmp(found[0].duplicate_score, found[1].duplicate_score, bytes) == 0);
    gy_arena_release(&arena);
}

static void test_findings_are_told_worst_first(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_audit found;
    gy_finding *findings;
    size_t count, before = 0;
    audit(&found, &table, 1, &arena);
    CHECK(gy_audit_findings(&findings, &count, &found, &table, false, &arena, NULL) == GY_OK);
    for (size_t i = 0; i < count; i++) {
        CHECK(findings[i].is_flagged && findings[i].reason != NULL);
        CHECK(i == 0 || findings[i].kind > findings[i - 1].kind ||
              findings[i].score <= findings[i - 1].score);
        if (findings[i].kind == GY_FINDING_LABEL) {
            CHECK(strcmp(findings[i].given, findings[i].suggested) != 0);
            CHECK(findings[i].soft != NULL && findings[i].soft[0] == '{');
        }
        before += findings[i].kind == GY_FINDING_LABEL;
    }
    CHECK(before > 20);
    CHECK(gy_audit_findings(&findings, &count, &found, &table, true, &arena, NULL) == GY_OK);
    CHECK(count == ROWS * 3);
    gy_arena_release(&arena);
}

static void test_bad_probabilities_are_refused(void)
{
    static float wrong[ROWS * CLASSES];
    gy_arena arena = GY_ARENA_INIT;
    gy_audit found;
    gy_error err;
    gy_audit_options options = {.probabilities = wrong};
    CHECK(gy_value_audit(&found, &table, &options, &arena, &err) == GY_INVALID);
    CHECK(strstr(err.message, "probabilities of sample 0") != NULL);
    gy_arena_release(&arena);
}

static void test_labels_beyond_memory_are_left_unjudged(void)
{
    enum { MANY = 1 << 15 };
    static float values[MANY + 1];
    static int32_t given[MANY + 1];
    gy_random random;
    gy_random_init(&random, 8, 1);
    for (size_t row = 0; row <= MANY; row++) {
        values[row] = (float)gy_random_unit(&random);
        given[row] = (int32_t)(row % 4096);
    }
    gy_samples many = {
        .features = values, .labels = given, .rows = MANY + 1, .cols = 1, .class_count = 4096};
    gy_audit audit;
    gy_audit_options options = {.seed = 1};
    gy_arena arena = {.limit_bytes = (size_t)1 << 26, .takes_left = SIZE_MAX};
    CHECK(gy_value_audit(&audit, &many, &options, &arena, NULL) == GY_OK);
    CHECK(audit.unjudged != NULL && strstr(audit.unjudged, "over 134,217,728") != NULL);
    CHECK(audit.suggested[0] == -1 && audit.outlier_score[0] >= 0.0f);
    gy_arena_release(&arena);
}

static void test_few_samples_are_no_failure(void)
{
    gy_arena arena = GY_ARENA_INIT;
    for (size_t rows = 1; rows < 14; rows += 3) {
        gy_samples few = images;
        few.rows = rows;
        gy_audit found;
        audit(&found, &few, 1, &arena);
        few = table;
        few.rows = rows;
        audit(&found, &few, 1, &arena);
    }
    gy_arena_release(&arena);
}

static void test_every_allocation_may_fail(void)
{
    gy_status status = GY_NO_MEMORY;
    gy_samples few = images;
    few.rows = 12;
    for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
        gy_arena arena = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_error err = {0};
        gy_audit found;
        gy_finding *findings;
        size_t count;
        gy_audit_options options = {.threads = 1};
        status = gy_value_audit(&found, &few, &options, &arena, &err);
        if (status == GY_OK)
            status = gy_audit_findings(&findings, &count, &found, &few, true, &arena, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK);
}

int main(void)
{
    fill_samples();
    RUN(test_wrong_labels_of_a_table_are_found);
    RUN(test_wrong_labels_of_images_are_found);
    RUN(test_labels_by_lot_are_not_judged);
    RUN(test_shifted_copies_are_found);
    RUN(test_strangers_hide_behind_each_other_in_vain);
    RUN(test_reason_of_an_outlier_names_its_columns);
    RUN(test_threads_and_processor_change_no_bit);
    RUN(test_findings_are_told_worst_first);
    RUN(test_bad_probabilities_are_refused);
    RUN(test_labels_beyond_memory_are_left_unjudged);
    RUN(test_few_samples_are_no_failure);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
