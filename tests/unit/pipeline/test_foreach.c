// SPDX-License-Identifier: Apache-2.0
//
// Goal: 'foreach' and 'matrix' make the stages that DVC makes of them, and what would lose or hide
// a stage is refused by line and name. Method: names, order and commands as `dvc repro --dry` (3.x)
// has them for the same file; small files with the message each must give; bounds at and over their
// edge; every allocation failing.

#include "base/fault.h"
#include "project.h"

static char commands[2000];

static void keep_commands(void *context, const gy_stage_event *event)
{
    (void)context;
    size_t length = strlen(commands);
    snprintf(commands + length, sizeof(commands) - length, "%s: %s\n", event->stage,
             event->command);
}

// The names and commands of what would run; NULL: all stages.
static gy_status plan(const test_project *project, const char *name, gy_error *err)
{
    gy_pipeline *pipeline = NULL;
    gy_run_options options = {.dry_run = true, .report = keep_commands};
    options.stages = &name;
    options.count = name != NULL;
    commands[0] = '\0';
    GY_TRY(gy_pipeline_open(&pipeline, project->folder, err));
    gy_status status = gy_pipeline_run(pipeline, &options, err);
    gy_pipeline_close(pipeline);
    return status;
}

static const char groups[] = "vars:\n- rates: [0.1, 0.01]\n- item: outer\n- key: K\n"
                             "stages:\n"
                             "  scalar:\n"
                             "    foreach: [1, x, true, 0.5, '1']\n"
                             "    do: {cmd: \"s ${item}\", outs: [\"s${item}\"]}\n"
                             "  list:\n"
                             "    foreach:\n"
                             "    - {n: 1, deep: {er: q}, l: [7, 8]}\n"
                             "    - {n: 2, deep: {er: r}, l: [9, 8]}\n"
                             "    do: {cmd: \"l ${item.n} ${item.deep.er} ${n} ${key} "
                             "${item.l[0]}\"}\n"
                             "  map:\n"
                             "    foreach: ${sets}\n"
                             "    do: {wdir: \"${key}\", cmd: [\"m ${item.n}\", \"${ key }\"]}\n"
                             "  mixed:\n"
                             "    foreach: [p, [q, r], \"${names[0]}\"]\n"
                             "    do: {cmd: x}\n"
                             "  grid:\n"
                             "    matrix:\n"
                             "      model: [c, \"x ${names[1]}\"]\n"
                             "      rate: ${rates}\n"
                             "      opt: [{a: 1}]\n"
                             "    cmd: g ${item.model} ${item.rate} ${item.opt.a} ${key}\n"
                             "  none: {foreach: [], do: {cmd: x}}\n"
                             "  plain: {cmd: \"p ${item} ${key}\", deps: [sx]}\n";

static test_project grouped(void)
{
    test_project project = project_new();
    write_file(&project, "params.yaml",
               "n: 3\nnames: [a, b]\nsets: {small: {n: 1}, big: {n: 20}}\n");
    write_file(&project, "gyre.yaml", groups);
    return project;
}

static void test_stages_are_those_of_dvc(void)
{
    test_project project = grouped();
    gy_error err = {0};
    CHECK(plan(&project, NULL, &err) == GY_OK);
    CHECK(strcmp(commands, "scalar@1: s 1\nscalar@x: s x\nscalar@true: s true\nscalar@0.5: s 0.5\n"
                           "list@0: l 1 q 3 K 7\nlist@1: l 2 r 3 K 9\n"
                           "map@small: m 1\nsmall\nmap@big: m 20\nbig\n"
                           "mixed@0: x\nmixed@1: x\nmixed@2: x\n"
                           "grid@c-0.1-opt0: g c 0.1 1 c-0.1-opt0\n"
                           "grid@c-0.01-opt0: g c 0.01 1 c-0.01-opt0\n"
                           "grid@x b-0.1-opt0: g x b 0.1 1 x b-0.1-opt0\n"
                           "grid@x b-0.01-opt0: g x b 0.01 1 x b-0.01-opt0\n"
                           "plain: p outer K\n") == 0);
    project_free(&project);
}

static void test_a_name_is_one_stage_or_the_whole_group(void)
{
    test_project project = grouped();
    gy_error err = {0};
    CHECK(plan(&project, "map@big", &err) == GY_OK);
    CHECK(strcmp(commands, "map@big: m 20\nbig\n") == 0);
    CHECK(plan(&project, "map", &err) == GY_OK);
    CHECK(strcmp(commands, "map@small: m 1\nsmall\nmap@big: m 20\nbig\n") == 0);
    CHECK(plan(&project, "plain", &err) == GY_OK); // and what it needs
    CHECK(strcmp(commands, "scalar@x: s x\nplain: p outer K\n") == 0);
    CHECK(plan(&project, "none", &err) == GY_OK && commands[0] == '\0');
    CHECK(plan(&project, "map@no", &err) == GY_NOT_FOUND);
    CHECK(strstr(err.message, "no stage 'map@no'; it has: scalar@1, ") != NULL);
    project_free(&project);
}

static const struct {
    const char *stage;
    gy_status status;
    const char *says;
} refused[] = {
    {"{foreach: [1], matrix: {x: [1]}, do: {cmd: x}}", GY_FORMAT,
     "line 2: stage 'a' has 'foreach' "
     "and 'matrix'"},
    {"{matrix: {x: [1]}, do: {cmd: x}}", GY_FORMAT, "stage 'a' has 'do' and 'matrix'"},
    {"{foreach: [1]}", GY_FORMAT, "line 2: stage 'a' has 'foreach' without 'do'"},
    {"{do: {cmd: x}}", GY_FORMAT, "line 2: stage 'a' has 'do' without 'foreach'"},
    {"\n    foreach: [1]\n    do:\n", GY_FORMAT, "line 4: stage 'a': 'do' must have keys"},
    {"{foreach: [1], do: {}}", GY_FORMAT, "stage 'a': 'do' must have keys"},
    {"\n    foreach: [1]\n    cmd: x\n    do: {cmd: x}\n", GY_FORMAT,
     "line 4: stage 'a' has 'cmd' "
     "beside 'foreach'"},
    {"{foreach: 3, do: {cmd: x}}", GY_FORMAT, "'foreach' must be a list"},
    {"{foreach: [null], do: {cmd: x}}", GY_FORMAT, "null cannot be part of a name"},
    {"{foreach: [\"a\\0b\"], do: {cmd: x}}", GY_FORMAT, "a text with a NUL cannot be part"},
    {"\n    foreach: ${no}\n    do: {cmd: x}\n", GY_INVALID, "line 3: '${no}': there is no such"},
    {"\n    foreach: ${no\n    do: {cmd: x}\n", GY_FORMAT, "line 3: '${' without a name"},
    {"\n    foreach: [1]\n    do:\n      cmd: ${item.x}\n", GY_INVALID,
     "line 5: '${item.x}': an "
     "item of 'foreach'"},
    {"{foreach: [1], do: {cmd: \"${key}\"}}", GY_INVALID, "'${key}': there is no such value"},
    {"{foreach: [[1]], do: {cmd: \"${item}\"}}", GY_UNSUPPORTED, "'${item}' is no text"},
    {"{foreach: [1], do: {cmd: x, vars: [item: 2]}}", GY_INVALID, "'item' is what 'foreach' or"},
    {"{foreach: [1], do: {foreach: [1], do: {cmd: x}}}", GY_UNSUPPORTED,
     "'foreach' in stage "
     "'a@1' is not supported"},
    {"{foreach: [1, 2], do: {cmd: x, outs: [y]}}", GY_INVALID,
     "'y' is an output of stage 'a@1' "
     "and of stage 'a@2'"},
    {"{foreach: {\"${v}\": 1, v: 2}, do: {cmd: x}}", GY_INVALID,
     "two stages would be called "
     "'a@v'"},
    {"{matrix: {x: [b, b-c], y: [c-d, d]}, cmd: x}", GY_INVALID,
     "two stages would be called "
     "'a@b-c-d'"},
    {"{foreach: [1], do: {cmd: x}}\n  a@1: {cmd: x}", GY_INVALID,
     "line 3: two stages are called "
     "'a@1'"},
    {"{matrix: {}, cmd: x}", GY_FORMAT, "'matrix' must hold names"},
    {"{matrix: [1], cmd: x}", GY_FORMAT, "'matrix' must hold names"},
    {"{matrix: {x: 1}, cmd: x}", GY_FORMAT, "'matrix' must hold names"},
    {"{matrix: {x: [1]}}", GY_FORMAT, "stage 'a@1' needs 'cmd'"},
};

static void test_what_is_wrong_is_told_by_line_and_name(void)
{
    test_project project = project_new();
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        char text[400];
        gy_error err = {0};
        snprintf(text, sizeof(text), "stages:\n  a: %s\nvars: [v: v]\n", refused[i].stage);
        write_file(&project, "gyre.yaml", text);
        gy_status status = plan(&project, NULL, &err);
        bool right = status == refused[i].status && strstr(err.message, refused[i].says) != NULL;
        if (!right)
            printf("# %s# %d: %s\n", text, (int)status, err.message);
        CHECK(right);
    }
    project_free(&project);
}

static gy_status open_text(const test_project *project, const char *text, gy_error *err)
{
    gy_pipeline *pipeline = NULL;
    write_file(project, "gyre.yaml", text);
    gy_status status = gy_pipeline_open(&pipeline, project->folder, err);
    gy_pipeline_close(pipeline);
    return status;
}

// params.yaml with "many", a list of the numbers below count, and "long", a text of so many bytes.
static void write_many(const test_project *project, size_t count, size_t bytes)
{
    gy_text out = {0};
    gy_text_add(&out, "many: [0");
    for (size_t i = 1; i < count; i++)
        gy_text_add(&out, ",%zu", i);
    gy_text_add(&out, "]\nlong: ");
    for (size_t i = 0; i < bytes; i++)
        gy_text_append(&out, "x", 1);
    gy_text_append(&out, "\n", 2); // and its NUL
    CHECK(out.status == GY_OK);
    write_file(project, "params.yaml", out.bytes);
    gy_text_release(&out);
}

static void test_what_a_few_lines_make_is_bounded(void)
{
    static const char one[] = "stages: {a: {foreach: \"${many}\", do: {cmd: x}}}";
    test_project project = project_new();
    gy_error err = {0};
    write_many(&project, 10000, 1);
    CHECK(open_text(&project, one, &err) == GY_OK);
    CHECK(open_text(&project, "stages: {b: {cmd: x}, a: {foreach: \"${many}\", do: {cmd: x}}}",
                    &err) == GY_LIMIT);
    CHECK(strstr(err.message, "line 1: over 10000 stages, with those of 'a'") != NULL);
    CHECK(open_text(&project, "stages: {a: {matrix: {x: \"${many}\", y: [1, 2]}, cmd: x}}", &err) ==
          GY_LIMIT);
    CHECK(strstr(err.message, "'a' makes over 10000 stages") != NULL);
    CHECK(open_text(&project,
                    "stages: {a: {matrix: {x: \"${many}\", y: \"${many}\", z: \"${many}\", "
                    "t: \"${many}\", u: \"${many}\", v: []}, cmd: x}}",
                    &err) == GY_OK); // none
    write_many(&project, 10001, 1);
    CHECK(open_text(&project, one, &err) == GY_LIMIT);
    CHECK(strstr(err.message, "'a' makes over 10000 stages") != NULL);
    project_free(&project);
}

static void test_what_each_of_many_stages_holds_is_bounded(void)
{
    test_project project = project_new();
    gy_error err = {0};
    gy_text out = {0};
    gy_text_add(&out, "stages: {a: {foreach: \"${many}\", do: {cmd: x, deps: [d0");
    for (int i = 1; i < 200; i++)
        gy_text_add(&out, ",d%d", i);
    gy_text_append(&out, "]}}}", 5);
    CHECK(out.status == GY_OK);
    write_many(&project, 4900, 1); // 203 values in each
    CHECK(open_text(&project, out.bytes, &err) == GY_OK);
    write_many(&project, 5000, 1);
    CHECK(open_text(&project, out.bytes, &err) == GY_LIMIT);
    CHECK(strstr(err.message, "hold over 1000000 values, with those of 'a'") != NULL);
    write_many(&project, 1000, 100000); // 100 MB of commands
    CHECK(open_text(&project, "stages: {a: {foreach: \"${many}\", do: {cmd: \"${long}\"}}}",
                    &err) == GY_LIMIT);
    CHECK(strstr(err.message, "are over the limit of 67108864 bytes") != NULL);
    gy_text_release(&out);
    project_free(&project);
}

static void test_no_memory_is_told_wherever_it_ends(void)
{
    test_project project = grouped();
    bool reached = true;
    size_t n = 0;
    while (reached && n < 5000) {
        char text[32];
        gy_error err = {0};
        gy_pipeline *pipeline = NULL;
        snprintf(text, sizeof(text), "memory:%zu", ++n);
        gy_fault_set(text);
        gy_status status = gy_pipeline_open(&pipeline, project.folder, &err);
        reached = n <= gy_fault_memory_count();
        gy_fault_set(NULL);
        CHECK(status == (reached ? GY_NO_MEMORY : GY_OK));
        gy_pipeline_close(pipeline);
    }
    CHECK(!reached && n > 20);
    project_free(&project);
}

int main(void)
{
    RUN(test_stages_are_those_of_dvc);
    RUN(test_a_name_is_one_stage_or_the_whole_group);
    RUN(test_what_is_wrong_is_told_by_line_and_name);
    RUN(test_what_a_few_lines_make_is_bounded);
    RUN(test_what_each_of_many_stages_holds_is_bounded);
    RUN(test_no_memory_is_told_wherever_it_ends);
    return check_done();
}
