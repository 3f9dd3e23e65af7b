// SPDX-License-Identifier: Apache-2.0
//
// Goal: a run is recorded whole or not at all, whatever fails. Method: every reason to run, one by
// one; commands that fail, are killed or do not make their output; every allocation and I/O call
// failing in turn, after each of which the next run must come to the same end.

#include "project.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "base/fault.h"
#include "gyre/ledger.h"

static const char two_stages[] = "stages:\n"
                                 "  a: {cmd: cp in mid, deps: [in], outs: [mid], params: [p]}\n"
                                 "  b: {cmd: cp mid out, deps: [mid], outs: [out]}\n";

static test_project two_stage_project(void)
{
    test_project project = project_new();
    write_file(&project, "in", "1\n");
    write_file(&project, "params.yaml", "p: 1\nother: 2\n");
    write_file(&project, "gyre.yaml", two_stages);
    return project;
}

static void check_run(const test_project *project, const char *started, const char *reason)
{
    seen into = run_all(project);
    bool right = strcmp(into.started, started) == 0 && strstr(into.reasons, reason) != NULL;
    if (!right)
        printf("# started: %s; %s\n", into.started, into.reasons);
    CHECK(right);
    CHECK(run_all(project).started[0] == '\0');
}

static void test_each_reason_to_run_is_told(void)
{
    test_project project = two_stage_project();
    check_run(&project, "a b ", "a: it never ran");
    write_file(&project, "params.yaml", "p: 2\nother: 2\n");
    check_run(&project, "a ", "a: parameter 'p' changed: 1 -> 2");
    write_file(&project, "params.yaml", "p: 2.0\nother: 3\n");
    check_run(&project, "", "");
    write_file(&project, "params.yaml", "other: 3\n");
    check_run(&project, "a ", "a: parameter 'p' changed: 2 -> null");
    write_file(&project, "in", "2\n");
    check_run(&project, "a b ", "b: 'mid' changed");
    write_file(&project, "out", "edited by hand");
    check_run(&project, "+b ", "b: 'out' is not what the last run made");
    char path[128];
    snprintf(path, sizeof(path), "%s/mid", project.folder);
    CHECK(unlink(path) == 0);
    check_run(&project, "+a ", "a: 'mid' is missing");
    write_file(&project, "gyre.yaml",
               "stages:\n  a: {cmd: cat in > mid, deps: [in, gyre.yaml], outs: [mid]}\n"
               "  b: {cmd: cp mid out, outs: [out, out2]}\n");
    seen into;
    gy_error err = {0};
    CHECK(run_with(&project, (gy_run_options){.dry_run = true}, &into, &err) == GY_OK);
    CHECK(strcmp(into.reasons, "a: its command changed\nb: 'mid' is no input any more\n") == 0);
    project_free(&project);
}

static void test_what_ran_before_comes_back_unless_its_copy_is_damaged(void)
{
    test_project project = two_stage_project();
    char command[256];
    check_run(&project, "a b ", "");
    write_file(&project, "in", "2\n");
    check_run(&project, "a b ", "");
    write_file(&project, "in", "1\n");
    check_run(&project, "+a +b ", "a: 'in' changed");
    snprintf(command, sizeof(command), "cmp -s '%s/in' '%s/out'", project.folder, project.folder);
    CHECK(system(command) == 0);
    snprintf(command, sizeof(command),
             "for f in '%s'/.gyre/packs/*; do printf 333 | dd of=$f bs=1 seek=40 conv=notrunc "
             "status=none; done",
             project.folder);
    CHECK(system(command) == 0);
    write_file(&project, "in", "2\n");
    // A damaged copy is never taken; what a makes anew is what b made, too.
    check_run(&project, "a +b ", "");
    snprintf(command, sizeof(command), "cmp -s '%s/in' '%s/out'", project.folder, project.folder);
    CHECK(system(command) == 0);

    seen into;
    gy_error err = {0};
    write_file(&project, "in", "1\n");
    CHECK(run_with(&project, (gy_run_options){.force = true}, &into, &err) == GY_OK);
    CHECK(strcmp(into.started, "a b ") == 0);
    project_free(&project);
}

static size_t lock_bytes(const test_project *project, char *bytes, size_t size_bytes)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/gyre.lock", project->folder);
    int file = open(path, O_RDONLY);
    ssize_t got = file < 0 ? 0 : read(file, bytes, size_bytes);
    if (file >= 0)
        close(file);
    return (size_t)got;
}

static size_t count_runs(const test_project *project);

static void test_a_command_that_fails_leaves_no_trace(void)
{
    static const struct {
        const char *command;
        gy_status status;
        const char *says;
    } cases[] = {
        {"echo half > mid; exit 3", GY_IO,
         "stage 'a': 'echo half > mid; exit 3' ended with status 3"},
        {"nosuchprogram", GY_IO, "ended with status 127 (is the program there?)"},
        {"kill -9 $$", GY_IO, "was ended by Killed"},
        {"exit 0", GY_NOT_FOUND, "stage 'a' ended well, but did not make 'mid'"},
        {"cp in mid; echo 2 > in", GY_IO, "its input 'in' changed while it ran"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_project project = two_stage_project();
        static char before[10000], after[10000], yaml[500];
        gy_error err = {0};
        seen into;
        check_run(&project, "a b ", "");
        size_t length = lock_bytes(&project, before, sizeof(before)), runs = count_runs(&project);
        snprintf(yaml, sizeof(yaml),
                 "stages:\n  a:\n    cmd: %s\n    deps: [in]\n    outs: [mid]\n    params: [p]\n"
                 "  b: {cmd: cp mid out, deps: [mid], outs: [out]}\n",
                 cases[i].command);
        write_file(&project, "gyre.yaml", yaml);
        gy_status status = run_with(&project, (gy_run_options){0}, &into, &err);
        if (status != cases[i].status || strstr(err.message, cases[i].says) == NULL)
            printf("# %d: %s\n", (int)status, err.message);
        CHECK(status == cases[i].status && strstr(err.message, cases[i].says) != NULL);
        CHECK(strcmp(into.started, "a ") == 0); // b did not start
        CHECK(lock_bytes(&project, after, sizeof(after)) == length);
        CHECK(memcmp(before, after, length) == 0 && count_runs(&project) == runs);
        write_file(&project, "in", "1\n");
        write_file(&project, "gyre.yaml", two_stages);
        run_all(&project);
        CHECK(run_all(&project).fresh == 2);
        project_free(&project);
    }
}

static void test_twice_names_what_differs(void)
{
    test_project project = project_new();
    seen into;
    gy_error err = {0};
    write_file(&project, "gyre.yaml",
               "stages:\n  a: {cmd: echo 1 > same; od -An -N8 -tx1 /dev/urandom > drawn, "
               "outs: [same, drawn]}\n");
    CHECK(run_with(&project, (gy_run_options){.twice = true}, &into, &err) == GY_REFUSED);
    CHECK(strstr(err.message, "1 output came out otherwise the second time, first 'drawn'") !=
          NULL);
    CHECK(strstr(into.reasons, "a: drawn\n") != NULL);
    CHECK(run_all(&project).fresh == 1); // the lock knows the second
    write_file(&project, "gyre.yaml", "stages:\n  a: {cmd: echo 1 > same, outs: [same]}\n");
    CHECK(run_with(&project, (gy_run_options){.twice = true}, &into, &err) == GY_OK);
    project_free(&project);
}

static void test_frozen_and_always_changed_stages(void)
{
    test_project project = project_new();
    seen into;
    gy_error err = {0};
    write_file(&project, "gyre.yaml",
               "stages:\n  a: {cmd: echo new > x, outs: [x], frozen: true}\n"
               "  b: {cmd: cp x y, deps: [x], outs: [y], always_changed: true}\n");
    CHECK(run_with(&project, (gy_run_options){0}, &into, &err) == GY_NOT_FOUND);
    CHECK(strstr(err.message, "stage 'a' is frozen, but its output 'x' is missing") != NULL);
    write_file(&project, "x", "old");
    CHECK(strcmp(run_all(&project).started, "b ") == 0);
    CHECK(strcmp(run_all(&project).started, "b ") == 0);
    project_free(&project);
}

static void test_a_file_edited_and_dated_back_is_noticed(void)
{
    test_project project = two_stage_project();
    char path[128];
    struct stat before;
    snprintf(path, sizeof(path), "%s/in", project.folder);
    for (int round = 0; round < 20; round++) { // right after it was read: the same tick, mostly
        char text[8];
        run_all(&project);
        CHECK(stat(path, &before) == 0);
        snprintf(text, sizeof(text), "%c\n", 'a' + round);
        write_file(&project, "in", text);
        struct timespec times[2] = {before.st_atim, before.st_mtim};
        CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
        CHECK(strcmp(run_all(&project).started, "a b ") == 0);
    }
    project_free(&project);
}

static gy_status count_record(void *context, const gy_record *record, gy_error *err)
{
    (void)record;
    (void)err;
    ++*(size_t *)context;
    return GY_OK;
}

static size_t count_runs(const test_project *project)
{
    gy_ledger *ledger = NULL;
    size_t count = 0;
    CHECK(gy_ledger_open(&ledger, project->folder, NULL) == GY_OK);
    CHECK(gy_ledger_find(ledger, &(gy_ledger_query){.kind = "run"}, count_record, &count, NULL) ==
          GY_OK);
    CHECK(gy_ledger_verify(ledger, NULL) == GY_OK);
    gy_ledger_close(ledger);
    return count;
}

static void fail_each(const char *kind, gy_status expected)
{
    size_t n = 1;
    for (bool reached = true; reached; n += 1 + n / 20) {
        test_project project = two_stage_project();
        char text[64];
        gy_error err = {0};
        seen into;
        snprintf(text, sizeof(text), "%s:%zu", kind, n);
        gy_fault_set(text);
        gy_status status = run_with(&project, (gy_run_options){0}, &into, &err);
        reached = n <= (expected == GY_NO_MEMORY ? gy_fault_memory_count() : gy_fault_io_count());
        gy_fault_set(NULL);
        CHECK(status == GY_OK || err.message[0] != '\0');
        if (status != GY_OK && status != expected && status != GY_FORMAT)
            printf("# %s: %d %s\n", text, (int)status, err.message);
        CHECK(status == GY_OK || status == expected || status == GY_FORMAT);
        if (status == GY_OK)
            CHECK(run_all(&project).fresh == 2);
        run_all(&project);
        CHECK(run_all(&project).fresh == 2);
        CHECK(has_file(&project, "out") && count_runs(&project) >= 2);
        project_free(&project);
    }
    CHECK(n > 20);
}

static void test_every_allocation_may_fail(void)
{
    fail_each("memory", GY_NO_MEMORY);
}

static void test_every_io_call_may_fail(void)
{
    fail_each("io", GY_IO);
}

// A run in a process of its own, to be stopped by a signal. Its command writes its pid and waits.
static void test_a_signal_ends_the_command_and_all_it_started(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < 3; i++) {
        test_project project = project_new();
        write_file(
            &project, "gyre.yaml",
            "stages:\n  a: {cmd: \"sleep 1000 & echo $! > p; mv p pid; wait\", outs: [x]}\n");
        pid_t runner = fork();
        if (runner == 0) {
            gy_error err = {0};
            seen into;
            gy_status status = run_with(&project, (gy_run_options){0}, &into, &err);
            _exit(status == GY_IO && strstr(err.message, "stopped by") != NULL ? 0 : 1);
        }
        while (!has_file(&project, "pid"))
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        CHECK(kill(runner, signals[i]) == 0);
        int status = -1;
        CHECK(waitpid(runner, &status, 0) == runner && WIFEXITED(status) &&
              WEXITSTATUS(status) == 0);
        char path[128];
        int pid = 0;
        snprintf(path, sizeof(path), "%s/pid", project.folder);
        FILE *file = fopen(path, "r");
        CHECK(file != NULL && fscanf(file, "%d", &pid) == 1);
        if (file != NULL)
            fclose(file);
        // A killed process may stay as a zombie until its new parent looks: /proc tells.
        char state = 'Z';
        snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        for (int tries = 0; tries < 1000; tries++) {
            file = fopen(path, "r");
            if (file == NULL || fscanf(file, "%*d %*s %c", &state) != 1)
                state = 'Z';
            if (file != NULL)
                fclose(file);
            if (state == 'Z')
                break;
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        }
        CHECK(state == 'Z');
        CHECK(!has_file(&project, "gyre.lock"));
        project_free(&project);
    }
}

static void test_locks_of_other_formats_are_refused(void)
{
    test_project project = two_stage_project();
    gy_pipeline *pipeline = NULL;
    gy_error err = {0};
    write_file(&project, "gyre.lock", "format: 3\nstages: {}\n");
    CHECK(gy_pipeline_open(&pipeline, project.folder, &err) == GY_UNSUPPORTED);
    CHECK(strstr(err.message, "gyre.lock has format 3, this gyre reads up to 2") != NULL);
    static const char *const broken[] = {"stages: {}\n",
                                         "format: 1\nstages: [a]\n",
                                         "format: 1\nstages:\n  a: {}\n",
                                         "format: 1\nstages:\n  a: {cmd: x, outs: [{path: y}]}\n",
                                         "format: 0\n",
                                         "format: 1\nstages:\n  a: {cmd: x, deps: {}}\n"};
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        write_file(&project, "gyre.lock", broken[i]);
        CHECK(gy_pipeline_open(&pipeline, project.folder, &err) == GY_FORMAT);
        CHECK(strstr(err.message, "gyre.lock: line ") != NULL);
    }
    project_free(&project);
}

static void test_the_first_lock_is_understood_forever(void)
{
    test_project project = project_new();
    char command[256], path[128];
    snprintf(command, sizeof(command), "cp tests/data/formats/gyre-1.lock '%s/gyre.lock'",
             project.folder);
    CHECK(system(command) == 0);
    write_file(&project, "gyre.yaml",
               "stages:\n  prepare: {cmd: \"printf 'a\\\\n' > mid\", outs: [mid]}\n"
               "  train: {cmd: cp mid out, deps: [mid, images], params: [train], outs: [out]}\n");
    write_file(&project, "params.yaml", "train: {name: \"\\u00fc\", epochs: 3}\n");
    snprintf(path, sizeof(path), "%s/images", project.folder);
    CHECK(mkdir(path, 0700) == 0);
    write_file(
        &project, "images.gyre",
        "gyre pointer 1\nkind folder\nroot 0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"
        "0f0f0f0f0f0f\nsamples 2\nbytes 20\n");
    write_file(&project, "mid", "a\n");
    write_file(&project, "out", "a\n");
    CHECK(run_all(&project).fresh == 2);
    project_free(&project);
}

// What it says is stored is not here: status and checkout name it by its path from the project.
static void test_the_second_lock_is_understood_forever(void)
{
    test_project project = project_new();
    char command[400];
    gy_store *store = NULL;
    gy_dataset *found = NULL;
    size_t count = 0;
    snprintf(command, sizeof(command),
             "cp tests/data/formats/gyre-2.lock '%s/gyre.lock' && mkdir '%s/sub' && "
             "printf 'a\\n' > '%s/sub/mid'",
             project.folder, project.folder, project.folder);
    CHECK(system(command) == 0);
    write_file(&project, "gyre.yaml",
               "stages:\n  prepare: {cmd: \"printf 'a\\\\n' > mid\", wdir: sub, outs: [mid]}\n");
    CHECK(run_all(&project).fresh == 1);
    gy_arena *arena = gy_arena_new(0);
    CHECK(gy_store_open(&store, project.folder, NULL) == GY_OK);
    CHECK(gy_store_status(&found, &count, store, NULL, 0, arena, NULL) == GY_OK);
    CHECK(count == 1 && found[0].is_output && strcmp(found[0].path, "sub/mid") == 0);
    CHECK(found[0].pointer.executable && found[0].state == GY_DATASET_CHANGED);
    gy_store_close(store);
    gy_arena_free(arena);
    project_free(&project);
}

int main(void)
{
    setenv("GYRE_FAULT", "", 1);
    RUN(test_each_reason_to_run_is_told);
    RUN(test_what_ran_before_comes_back_unless_its_copy_is_damaged);
    RUN(test_a_command_that_fails_leaves_no_trace);
    RUN(test_twice_names_what_differs);
    RUN(test_frozen_and_always_changed_stages);
    RUN(test_a_file_edited_and_dated_back_is_noticed);
    RUN(test_every_allocation_may_fail);
    RUN(test_every_io_call_may_fail);
    RUN(test_a_signal_ends_the_command_and_all_it_started);
    RUN(test_locks_of_other_formats_are_refused);
    RUN(test_the_first_lock_is_understood_forever);
    RUN(test_the_second_lock_is_understood_forever);
    return check_done();
}
