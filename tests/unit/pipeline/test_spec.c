// SPDX-License-Identifier: Apache-2.0
//
// Goal: gyre.yaml is read as dvc.yaml is, and what is not taken is refused by line and name.
// Method: small files, each with one thing, and the message it must give; the expanded command of
// each form of ${...}.

#include "project.h"

static const struct {
    const char *yaml;
    gy_status status;
    const char *says;
} refused[] = {
    {"stages:\n  a:\n    cmdd: x\n", GY_FORMAT, "line 3: unknown key 'cmdd' in stage 'a'"},
    {"stages:\n  a:\n    deps: [x]\n", GY_FORMAT, "line 2: stage 'a' needs 'cmd'"},
    {"stages:\n  a:\n    cmd: []\n", GY_FORMAT, "stage 'a' has an empty 'cmd'"},
    {"stages:\n  a:\n    cmd: [x, 3]\n", GY_FORMAT, "stage 'a' needs 'cmd'"},
    {"stages:\n  a: x\n", GY_FORMAT, "line 2: stage 'a' must have keys"},
    {"stages: [a]\n", GY_FORMAT, "line 1: 'stages' must hold a name"},
    {"stages:\n  a:\n    cmd: x\n    deps: x\n", GY_FORMAT, "line 4: stage 'a': 'deps' must be"},
    {"stages:\n  a:\n    cmd: x\n    deps: [3]\n", GY_FORMAT, "line 4: stage 'a': a dep or out"},
    {"stages:\n  a:\n    cmd: x\n    outs: [b: {cash: true}]\n", GY_FORMAT, "unknown key 'cash'"},
    {"stages:\n  a:\n    cmd: x\n    outs: [b: {persist: 1}]\n", GY_FORMAT, "true or false"},
    {"stages:\n  a:\n    cmd: x\n    outs: [../b]\n", GY_INVALID, "'../b' is not inside"},
    {"stages:\n  a:\n    cmd: x\n    outs: [/b]\n", GY_INVALID, "'/b' is not inside"},
    {"stages:\n  a:\n    cmd: x\n    outs: [.gyre/b]\n", GY_INVALID, "is gyre's own"},
    {"stages:\n  a:\n    cmd: x\n    deps: [b, ./b]\n", GY_INVALID, "names the input './b' twice"},
    {"stages:\n  a:\n    cmd: x\n    frozen: no thanks\n", GY_FORMAT, "'frozen' must be true"},
    {"artifacts: {}\n", GY_UNSUPPORTED, "line 1: 'artifacts'"},
    {"stage:\n  a:\n    cmd: x\n", GY_FORMAT, "line 1: unknown key 'stage' in gyre.yaml"},
    {"stages:\n  a:\n    cmd: x ${y}\n", GY_INVALID, "line 3: '${y}': there is no such value"},
    {"stages:\n  a:\n    cmd: x ${y\n", GY_FORMAT, "line 3: '${' without a name"},
    {"vars: [{y: [1]}]\nstages:\n  a:\n    cmd: x ${y}\n", GY_UNSUPPORTED, "'${y}' is no text"},
    {"vars: [absent.yaml]\nstages: {}\n", GY_NOT_FOUND, "absent.yaml"},
    {"stages:\n  a:\n    cmd: x\n    params: [f.toml: [k]]\n", GY_UNSUPPORTED, "f.toml"},
    {"stages:\n  a:\n    cmd: x\n    cmd: y\n", GY_FORMAT, "line 4"},
    {"- a\n", GY_FORMAT, "'stages:' is missing"},
};

static void test_what_is_not_taken_is_refused_by_line_and_name(void)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        test_project project = project_new();
        gy_error err = {0};
        seen into;
        write_file(&project, "gyre.yaml", refused[i].yaml);
        gy_status status = run_with(&project, (gy_run_options){.dry_run = true}, &into, &err);
        bool right = status == refused[i].status && strstr(err.message, refused[i].says) != NULL;
        if (!right)
            printf("# %s# %d: %s\n", refused[i].yaml, (int)status, err.message);
        CHECK(right);
        project_free(&project);
    }
}

static char commands[2000];

static void keep_commands(void *context, const gy_stage_event *event)
{
    (void)context;
    size_t length = strlen(commands);
    if (event->command != NULL)
        snprintf(commands + length, sizeof(commands) - length, "%s\n", event->command);
}

static void test_names_in_texts_become_values(void)
{
    test_project project = project_new();
    write_file(&project, "params.yaml", "train: {rate: 0.10, on: true}\nlist: [a, {b: c}]\n");
    write_file(&project, "more.json", "{\"deep\": {\"er\": \"v\"}, \"who\": \"file\"}");
    write_file(&project, "gyre.yaml",
               "vars:\n- more.json:deep,who\n- who: vars\n- n: 3\n  a.b: dotted\n"
               "stages:\n"
               "  one:\n    cmd: ${train.rate} ${ train.on } ${list[0]} ${list[1].b}\n"
               "  two:\n    cmd: [\"${deep.er}${who}\", \"\\\\${who} $HOME ${n}\"]\n"
               "  three:\n    vars: [who: stage]\n    cmd: ${who} ${a.b}\n");
    gy_pipeline *pipeline = NULL;
    gy_error err = {0};
    commands[0] = '\0';
    CHECK(gy_pipeline_open(&pipeline, project.folder, &err) == GY_OK);
    if (pipeline != NULL)
        CHECK(gy_pipeline_run(pipeline, &(gy_run_options){.dry_run = true, .report = keep_commands},
                              &err) == GY_OK);
    if (err.status != GY_OK)
        printf("# %s\n", err.message);
    CHECK(strcmp(commands, "0.10 true a c\nvvars\n${who} $HOME 3\nstage dotted\n") == 0);
    gy_pipeline_close(pipeline);
    project_free(&project);
}

static void test_every_accepted_key_of_dvc_is_taken(void)
{
    test_project project = project_new();
    write_file(&project, "params.yaml", "a: 1\nb: {c: 2}\n");
    char inner[128];
    snprintf(inner, sizeof(inner), "%s/sub", project.folder);
    CHECK(mkdir(inner, 0700) == 0);
    write_file(&project, "sub/p.json", "{\"x\": [1, 2]}");
    write_file(&project, "sub/in", "1");
    write_file(&project, "gyre.yaml",
               "desc: all\nmetrics: [m.json]\nplots: [{p.csv: {x: a}}]\nparams: [params.yaml]\n"
               "stages:\n  all:\n    desc: d\n    meta: {who: me}\n    wdir: sub\n"
               "    cmd: [cat in > out, 'echo {} > m.json', echo > p.csv]\n"
               "    deps: [in, ../params.yaml]\n"
               "    params: [../params.yaml: [a, b.c], {p.json: null}]\n"
               "    outs: [out: {cache: false, persist: true, desc: o, type: model}]\n"
               "    metrics: [m.json: {cache: false}]\n    plots: [p.csv: {x: a, y: b}]\n"
               "    frozen: false\n    always_changed: false\n");
    CHECK(strcmp(run_all(&project).started, "all ") == 0);
    CHECK(run_all(&project).fresh == 1);
    write_file(&project, "sub/p.json", "{\"x\": [1, 3]}");
    seen into = run_all(&project);
    CHECK(strstr(into.reasons, "parameter 'x' changed: [1,2] -> [1,3]") != NULL);
    write_file(&project, "params.yaml", "b: {c: 2.0}\na: 1\n"); // the same, but for its spelling
    into = run_all(&project);
    CHECK(strstr(into.reasons, "'../params.yaml' changed") != NULL);
    project_free(&project);
}

int main(void)
{
    RUN(test_what_is_not_taken_is_refused_by_line_and_name);
    RUN(test_names_in_texts_become_values);
    RUN(test_every_accepted_key_of_dvc_is_taken);
    return check_done();
}
