// SPDX-License-Identifier: Apache-2.0
//
// Goal: findings become the edits that a recipe says, of the rows they speak of. Method: a table of
// five rows in memory, each with one kind of finding; samples that have moved; every allocation.

#include <string.h>

#include "base/arena.h"
#include "check.h"
#include "gyre/quality.h"

enum { ROWS = 5 };

static gy_id ids[ROWS] = {{{10}}, {{11}}, {{12}}, {{13}}, {{14}}};
static uint8_t has_id[1] = {0x0f}; // row 4 cannot be read
static gy_table table = {.path = "t.csv", .rows = ROWS, .ids = ids, .has_id = has_id};
static const gy_marks marks = {.label_column = "label"};

static const gy_finding findings[] = {
    {.kind = GY_FINDING_LABEL,
     .row = 0,
     .has_id = true,
     .id = {{10}},
     .is_flagged = true,
     .given = "a",
     .suggested = "b",
     .soft = "{\"b\":1}"},
    {.kind = GY_FINDING_LABEL,
     .row = 1,
     .has_id = true,
     .id = {{11}},
     .given = "a",
     .suggested = "a",
     .soft = "{\"a\":1}"},
    {.kind = GY_FINDING_DUPLICATE, .row = 2, .has_id = true, .id = {{12}}, .is_flagged = true},
    {.kind = GY_FINDING_OUTLIER, .row = 2, .has_id = true, .id = {{12}}, .is_flagged = true},
    {.kind = GY_FINDING_OUTLIER, .row = 3, .has_id = true, .id = {{13}}, .is_flagged = true},
    {.kind = GY_FINDING_BROKEN, .row = 4, .is_flagged = true, .rule = "readable", .reason = "a"},
    {.kind = GY_FINDING_BROKEN, .row = 4, .is_flagged = true, .reason = "it cannot be read"},
    {.kind = GY_FINDING_BROKEN, .row = 0, .has_id = true, .id = {{10}}, .rule = "a.unique"},
    {.kind = GY_FINDING_OUTLIER, .row = 1, .has_id = true, .id = {{11}}, .score = 0.4}};
enum { COUNT = sizeof(findings) / sizeof(findings[0]) };

static gy_cleaning clean(const gy_clean_options *options, gy_arena *arena)
{
    gy_cleaning cleaning;
    CHECK(gy_clean(&cleaning, &table, &marks, findings, COUNT, options, arena, NULL) == GY_OK);
    return cleaning;
}

static void test_soft_labels_and_dropped_rows(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_cleaning cleaning = clean(&(gy_clean_options){.recipe = GY_CLEAN_SOFT}, &arena);
    CHECK(cleaning.edit_count == 3);
    CHECK(cleaning.edits[0].row == 0 && strcmp(cleaning.edits[0].text, "b") == 0);
    CHECK(strcmp(cleaning.edits[1].column, "gyre_soft") == 0 && cleaning.edits[1].row == 0);
    CHECK(strcmp(cleaning.edits[2].column, "gyre_soft") == 0 && cleaning.edits[2].row == 1);
    CHECK(cleaning.dropped[0] == 0x1c);
    CHECK(cleaning.change_count == 1 && strcmp(cleaning.changes[0].old_label, "a") == 0);
    CHECK(cleaning.dropped_duplicates == 1 && cleaning.dropped_outliers == 1);
    CHECK(cleaning.dropped_broken == 1 && cleaning.dropped_labels == 0);
    CHECK(cleaning.broken_count == 1 && cleaning.broken[0].rows == 1);
    CHECK(strcmp(cleaning.broken[0].rule, "readable") == 0);
    CHECK(cleaning.reason_count == 1 && cleaning.reasons[0].row == 4);
    CHECK(strcmp(cleaning.reasons[0].text, "readable: a; it cannot be read") == 0);
    gy_arena_release(&arena);
}

static void test_other_recipes(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_cleaning cleaning = clean(&(gy_clean_options){.recipe = GY_CLEAN_RELABEL,
                                                     .keep_outliers = true,
                                                     .keep_duplicates = true,
                                                     .keep_broken = true},
                                 &arena);
    CHECK(cleaning.edit_count == 1 && cleaning.dropped[0] == 0 && cleaning.soft == 0);
    cleaning = clean(&(gy_clean_options){.recipe = GY_CLEAN_DROP}, &arena);
    CHECK(cleaning.edit_count == 0 && cleaning.dropped[0] == 0x1d);
    CHECK(cleaning.dropped_labels == 1);
    gy_arena_release(&arena);
}

static void test_a_sample_that_moved_is_found_by_its_id(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_cleaning cleaning;
    gy_finding moved = findings[0];
    moved.row = 3;
    gy_clean_options options = {.recipe = GY_CLEAN_RELABEL};
    CHECK(gy_clean(&cleaning, &table, &marks, &moved, 1, &options, &arena, NULL) == GY_OK);
    CHECK(cleaning.edit_count == 1 && cleaning.edits[0].row == 0);
    gy_error err = {0};
    moved.id.bytes[0] = 99;
    CHECK(gy_clean(&cleaning, &table, &marks, &moved, 1, &options, &arena, &err) == GY_INVALID);
    CHECK(strstr(err.message, "row 4") != NULL && strstr(err.message, "'t.csv'") != NULL);
    // A finding of a record without an id must not hit a row that has one.
    moved = (gy_finding){.kind = GY_FINDING_BROKEN, .row = 1, .is_flagged = true};
    CHECK(gy_clean(&cleaning, &table, &marks, &moved, 1, &options, &arena, &err) == GY_INVALID);
    gy_arena_release(&arena);
}

static void test_a_table_without_labels_is_refused(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_cleaning cleaning;
    gy_clean_options options = {0};
    CHECK(gy_clean(&cleaning, &table, &(gy_marks){0}, findings, COUNT, &options, &arena, NULL) ==
          GY_INVALID);
    // What breaks a rule needs no label to go.
    CHECK(gy_clean(&cleaning, &table, &(gy_marks){0}, findings + 5, 1, &options, &arena, NULL) ==
          GY_OK);
    CHECK(cleaning.dropped_broken == 1);
    gy_arena_release(&arena);
}

static void test_every_allocation_may_fail(void)
{
    gy_status status = GY_NO_MEMORY;
    for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
        gy_arena arena = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_error err = {0};
        gy_cleaning cleaning;
        gy_clean_options options = {0};
        status = gy_clean(&cleaning, &table, &marks, findings, COUNT, &options, &arena, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK);
}

int main(void)
{
    RUN(test_soft_labels_and_dropped_rows);
    RUN(test_other_recipes);
    RUN(test_a_sample_that_moved_is_found_by_its_id);
    RUN(test_a_table_without_labels_is_refused);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
