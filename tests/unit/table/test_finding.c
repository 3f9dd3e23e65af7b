// SPDX-License-Identifier: Apache-2.0
//
// Goal: findings survive being written and read, and bad ones are named. Method: round trips,
// broken lines, every allocation.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "check.h"
#include "gyre/table.h"

static char folder[64] = "/tmp/gyre-finding-XXXXXX", path[128];

static const gy_finding written[] = {
    {.kind = GY_FINDING_LABEL,
     .row = 6,
     .has_id = true,
     .id = {{1, 2, 3}},
     .path = "images/\"a\".png",
     .is_flagged = true,
     .score = 0.75,
     .given = "Shirt",
     .suggested = "Coat",
     .reason = "looks like it",
     .soft = "{\"Coat\":0.9,\"Shirt\":0.1}"},
    {.kind = GY_FINDING_BROKEN, .row = 0, .is_flagged = true, .score = 1.0, .reason = "torn"},
    {.kind = GY_FINDING_OUTLIER, .row = 2, .has_id = true, .score = 0.25, .given = "Bag"}};
enum { COUNT = sizeof(written) / sizeof(written[0]) };

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void test_findings_come_back_as_they_were(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_finding *read;
    size_t count;
    CHECK(gy_findings_write(written, COUNT, path, NULL) == GY_OK);
    CHECK(gy_findings_read(&read, &count, path, &arena, NULL) == GY_OK);
    CHECK(count == COUNT);
    for (size_t i = 0; i < count && i < COUNT; i++) {
        CHECK(read[i].kind == written[i].kind && read[i].row == written[i].row);
        CHECK(read[i].has_id == written[i].has_id);
        CHECK(gy_id_compare(&read[i].id, &written[i].id) == 0);
        CHECK(read[i].is_flagged == written[i].is_flagged && read[i].score == written[i].score);
        CHECK(same_text(read[i].given, written[i].given));
        CHECK(same_text(read[i].suggested, written[i].suggested));
        CHECK(same_text(read[i].reason, written[i].reason));
        CHECK(same_text(read[i].soft, written[i].soft));
        CHECK(same_text(read[i].path, written[i].path));
    }
    gy_arena_release(&arena);
}

static gy_status read_text(const char *text, gy_error *err)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_finding *read;
    size_t count;
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    gy_status status = gy_findings_read(&read, &count, path, &arena, err);
    gy_arena_release(&arena);
    return status;
}

static void test_bad_lines_are_named(void)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"{\"kind\":\"label\",\"row\":1}\n{\"kind\":\"ghost\",\"row\":1}\n", "line 2: 'kind'"},
        {"{\"kind\":\"label\",\"row\":0}\n", "line 1: 'row'"},
        {"{\"kind\":\"label\",\"row\":1.5}\n", "line 1: 'row'"},
        {"{\"kind\":\"label\"}\n", "line 1: 'row'"},
        {"{\"kind\":\"label\",\"row\":1,\"id\":\"12\"}\n", "line 1: 'id'"},
        {"\n\n{\"kind\":\n", "line 3"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gy_error err = {0};
        CHECK(read_text(cases[i].text, &err) == GY_FORMAT);
        CHECK(strstr(err.message, cases[i].says) != NULL);
    }
    gy_error err = {0};
    CHECK(read_text("\n \n", &err) == GY_OK);
}

static void test_version_1_opens(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_finding *read;
    size_t count;
    CHECK(gy_findings_read(&read, &count, "tests/data/formats/findings-1.jsonl", &arena, NULL) ==
          GY_OK);
    CHECK(count == 4);
    CHECK(read[0].kind == GY_FINDING_LABEL && read[0].row == 10 && read[0].score == 0.987654);
    CHECK(strcmp(read[0].soft, "{\"lily\":0.0123,\"rose\":0.9877}") == 0);
    CHECK(read[1].kind == GY_FINDING_OUTLIER && !read[1].is_flagged);
    CHECK(strcmp(read[1].path, "images/a b.png") == 0);
    CHECK(read[2].kind == GY_FINDING_DUPLICATE && read[2].suggested != NULL);
    CHECK(read[3].kind == GY_FINDING_BROKEN && !read[3].has_id && read[3].given == NULL);
    gy_arena_release(&arena);
}

static void test_another_version_is_told(void)
{
    static const char *const versions[] = {"0", "1", "2", "\"1\""};
    static const gy_status expected[] = {GY_FORMAT, GY_OK, GY_UNSUPPORTED, GY_FORMAT};
    for (size_t i = 0; i < 4; i++) {
        char line[100];
        gy_error err = {0};
        snprintf(line, sizeof(line), "{\"version\":%s,\"kind\":\"label\",\"row\":1}\n",
                 versions[i]);
        CHECK(read_text(line, &err) == expected[i]);
        CHECK(expected[i] == GY_OK || strstr(err.message, "version") != NULL);
    }
}

static void test_every_allocation_may_fail(void)
{
    gy_status status = GY_NO_MEMORY;
    CHECK(gy_findings_write(written, COUNT, path, NULL) == GY_OK);
    for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
        gy_arena arena = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_error err = {0};
        gy_finding *read;
        size_t count;
        status = gy_findings_read(&read, &count, path, &arena, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK);
}

static void test_what_is_kept_hangs_on_the_content(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_finding *read;
    size_t count;
    gy_error err = {0};
    char table_path[128], project[128];
    snprintf(project, sizeof(project), "%s", folder);
    snprintf(table_path, sizeof(table_path), "%s/t.csv", folder);
    gy_table table = {.path = table_path};
    FILE *file = fopen(table_path, "w");
    fputs("a,label\n1,x\n", file);
    fclose(file);
    CHECK(gy_findings_kept(&read, &count, "audit", project, &table, &arena, &err) == GY_NOT_FOUND);
    gy_text lines = {0};
    bool fresh = false;
    for (size_t i = 0; i < COUNT; i++)
        gy_finding_add_json(&lines, &written[i]);
    CHECK(gy_findings_keep(&fresh, &lines, "audit", project, &table, NULL) == GY_OK && fresh);
    CHECK(gy_findings_keep(&fresh, &lines, "audit", project, &table, NULL) == GY_OK && !fresh);
    CHECK(gy_findings_kept(&read, &count, "audit", project, &table, &arena, NULL) == GY_OK);
    CHECK(count == COUNT);
    CHECK(gy_findings_kept(&read, &count, "check", project, &table, &arena, &err) == GY_NOT_FOUND);
    gy_text_release(&lines);
    file = fopen(table_path, "a");
    fputs("2,y\n", file);
    fclose(file);
    CHECK(gy_findings_kept(&read, &count, "audit", project, &table, &arena, &err) == GY_NOT_FOUND);
    CHECK(strstr(err.message, "gyre audit") != NULL);
    gy_arena_release(&arena);
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(path, sizeof(path), "%s/findings.jsonl", folder);
    RUN(test_findings_come_back_as_they_were);
    RUN(test_bad_lines_are_named);
    RUN(test_version_1_opens);
    RUN(test_another_version_is_told);
    RUN(test_every_allocation_may_fail);
    RUN(test_what_is_kept_hangs_on_the_content);
    char command[128];
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    CHECK(system(command) == 0);
    return check_done();
}
