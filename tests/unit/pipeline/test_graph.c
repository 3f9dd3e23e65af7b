// SPDX-License-Identifier: Apache-2.0
//
// Goal: what changed runs exactly what depends on it, in an order in which everything needed is
// made first. Method: random pipelines, whose dependants are found by the definition (a fixed point
// over the edges); then circles and overlapping outputs, which must be refused by name.

#include "project.h"

#include "base/random.h"

enum { STAGES = 12, ROUNDS = 6 };

// edges[i][j]: stage i reads what stage j makes. Stages are written down in a shuffled order.
static void write_stages(const test_project *project, bool edges[STAGES][STAGES],
                         const uint32_t *shuffled)
{
    gy_text yaml = {0};
    gy_text_add(&yaml, "stages:\n");
    for (size_t at = 0; at < STAGES; at++) {
        size_t i = shuffled[at];
        gy_text_add(&yaml, "  s%zu:\n    cmd: cat source%zu", i, i);
        for (size_t j = 0; j < i; j++)
            if (edges[i][j])
                gy_text_add(&yaml, " made/out%zu", j);
        gy_text_add(&yaml, " > made/out%zu\n    outs: [made/out%zu]\n    deps: [source%zu", i, i,
                    i);
        for (size_t j = 0; j < i; j++)
            if (edges[i][j])
                gy_text_add(&yaml, ", made/out%zu", j);
        gy_text_add(&yaml, "]\n");
    }
    write_file(project, "gyre.yaml", yaml.bytes);
    gy_text_release(&yaml);
}

static bool started(const seen *into, size_t stage)
{
    char name[32];
    snprintf(name, sizeof(name), "s%zu ", stage);
    const char *at = strstr(into->started, name);
    return at != NULL && (at == into->started || at[-1] == ' ');
}

static void test_a_change_runs_exactly_what_depends_on_it(void)
{
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        test_project project = project_new();
        bool edges[STAGES][STAGES] = {{false}};
        uint32_t shuffled[STAGES];
        gy_random random;
        gy_random_init(&random, seed, 1);
        for (size_t i = 0; i < STAGES; i++) {
            char name[32], text[32];
            snprintf(name, sizeof(name), "source%zu", i);
            snprintf(text, sizeof(text), "%zu\n", i);
            write_file(&project, name, text);
            shuffled[i] = (uint32_t)i;
            for (size_t j = 0; j < i; j++)
                edges[i][j] = gy_random_below(&random, 4) == 0;
        }
        gy_random_shuffle(&random, shuffled, STAGES);
        write_stages(&project, edges, shuffled);

        seen into = run_all(&project);
        for (size_t i = 0; i < STAGES; i++)
            CHECK(started(&into, i));
        CHECK(run_all(&project).fresh == STAGES);
        for (int change = 0; change < 2; change++) {
            size_t changed = gy_random_below(&random, STAGES);
            bool expected[STAGES] = {false};
            char name[32], text[32];
            expected[changed] = true;
            for (size_t i = changed + 1; i < STAGES; i++) // edges lead to lower numbers alone
                for (size_t j = changed; j < i; j++)
                    expected[i] = expected[i] || (edges[i][j] && expected[j]);
            snprintf(name, sizeof(name), "source%zu", changed);
            snprintf(text, sizeof(text), "changed %d\n", change);
            write_file(&project, name, text);
            into = run_all(&project);
            for (size_t i = 0; i < STAGES; i++)
                CHECK(started(&into, i) == expected[i]);
        }
        project_free(&project);
    }
}

static void test_an_output_that_comes_out_the_same_stops_the_chain(void)
{
    test_project project = project_new();
    write_file(&project, "in", "b\na\n");
    write_file(&project, "gyre.yaml",
               "stages:\n  last: {cmd: cp mid out, deps: [mid], outs: [out]}\n"
               "  first: {cmd: sort in > mid, deps: [in], outs: [mid]}\n");
    CHECK(strcmp(run_all(&project).started, "first last ") == 0);
    write_file(&project, "in", "a\nb\n");
    CHECK(strcmp(run_all(&project).started, "first ") == 0);
    project_free(&project);
}

static void test_names_choose_stages_and_what_they_need(void)
{
    test_project project = project_new();
    seen into;
    gy_error err = {0};
    write_file(
        &project, "gyre.yaml",
        "stages:\n  a: {cmd: echo > x, outs: [x]}\n  b: {cmd: cp x y, deps: [x], outs: [y]}\n"
        "  c: {cmd: cp y z, deps: [y], outs: [z]}\n  d: {cmd: echo > w, outs: [w]}\n");
    const char *const names[] = {"b"};
    gy_run_options options = {.stages = names, .count = 1};
    options.single = true;
    CHECK(run_with(&project, options, &into, &err) == GY_NOT_FOUND); // x is not there
    CHECK(strstr(err.message, "stage 'b' needs 'x', which is missing") != NULL);
    options.single = false;
    CHECK(run_with(&project, options, &into, &err) == GY_OK);
    CHECK(strcmp(into.started, "a b ") == 0);
    options.force = options.single = true;
    CHECK(run_with(&project, options, &into, &err) == GY_OK);
    CHECK(strcmp(into.started, "b ") == 0);
    const char *const unknown[] = {"bb"};
    options.stages = unknown;
    CHECK(run_with(&project, options, &into, &err) == GY_NOT_FOUND);
    CHECK(strcmp(err.message, "gyre.yaml has no stage 'bb'; it has: a, b, c, d") == 0);
    project_free(&project);
}

static void test_circles_and_overlaps_are_refused_by_name(void)
{
    static const struct {
        const char *yaml, *says;
    } cases[] = {
        {"stages:\n  a: {cmd: x, deps: [p], outs: [q]}\n  b: {cmd: x, deps: [q], outs: [p]}\n"
         "  c: {cmd: x, deps: [q], outs: [r]}\n",
         "stages go round in a circle: 'b' needs 'a' needs 'b'"},
        {"stages:\n  a: {cmd: x, deps: [p], outs: [./p]}\n",
         "line 2: stage 'a' depends on its own output 'p'"},
        {"stages:\n  a: {cmd: x, deps: [.], outs: [p]}\n", "depends on its own output 'p'"},
        {"stages:\n  a: {cmd: x, outs: [d/p]}\n  b: {cmd: x, metrics: [d/../d/p]}\n",
         "line 3: 'd/p' is an output of stage 'a' and of stage 'b'"},
        {"stages:\n  a: {cmd: x, outs: [d/p]}\n  z: {cmd: x, outs: [d.x, d!]}\n"
         "  b: {cmd: x, outs: [d]}\n",
         "line 4: the output 'd/p' of stage 'a' lies in the output 'd' of stage 'b'"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_project project = project_new();
        gy_pipeline *pipeline = NULL;
        gy_error err = {0};
        write_file(&project, "gyre.yaml", cases[i].yaml);
        CHECK(gy_pipeline_open(&pipeline, project.folder, &err) == GY_INVALID);
        if (strstr(err.message, cases[i].says) == NULL)
            printf("# %s\n", err.message);
        CHECK(strstr(err.message, cases[i].says) != NULL);
        project_free(&project);
    }
}

static void test_a_folder_joins_stages_both_ways(void)
{
    test_project project = project_new();
    write_file(&project, "gyre.yaml",
               "stages:\n  whole: {cmd: cat d/* > all, deps: [d], outs: [all]}\n"
               "  part: {cmd: cp e/in/1 one, deps: [e/in/1], outs: [one]}\n"
               "  two: {cmd: echo 2 > d/2, outs: [d/2]}\n  one: {cmd: echo 1 > d/1, outs: [d/1]}\n"
               "  tree: {cmd: mkdir -p e/in; echo 1 > e/in/1, outs: [e]}\n");
    CHECK(strcmp(run_all(&project).started, "two one tree whole part ") == 0);
    CHECK(run_all(&project).fresh == 5);
    write_file(&project, "e/in/1", "edited");
    CHECK(strcmp(run_all(&project).started, "+tree ") == 0); // as it was
    write_file(&project, "d/3", "a new file in the folder");
    CHECK(strcmp(run_all(&project).started, "whole ") == 0);
    project_free(&project);
}

int main(void)
{
    RUN(test_a_change_runs_exactly_what_depends_on_it);
    RUN(test_an_output_that_comes_out_the_same_stops_the_chain);
    RUN(test_names_choose_stages_and_what_they_need);
    RUN(test_circles_and_overlaps_are_refused_by_name);
    RUN(test_a_folder_joins_stages_both_ways);
    return check_done();
}
