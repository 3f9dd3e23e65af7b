// SPDX-License-Identifier: Apache-2.0
//
// Running what is out of date. One stage: outputs removed, command run, inputs and outputs named by
// their ids, outputs stored, the run written to the ledger, then to gyre.lock. Cut short anywhere
// before the lock, the stage is still out of date.

#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>

#include "base/file.h"
#include "pipeline/pipeline.h"
#include "store/git.h"
#include "store/outs.h"

enum { LOCK_WAIT_MS_MAX = 10000 };

// What one call of gy_pipeline_run holds.
typedef struct runner {
    gy_pipeline *pipeline;
    const gy_run_options *options;
    gy_ledger *ledger; // opened before the first stage runs
    gy_store *store;   // likewise
    const char *commit;
    bool dirty;
    bool *would_run; // dry run: stages that would
    size_t differing;
    char first_difference[300];
} runner;

static void report(const runner *self, const gy_stage_event *event)
{
    if (self->options->report != NULL)
        self->options->report(self->options->context, event);
}

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

// A run's id sorts by time and is drawn anew each time: 20260131T235959Z-1f2e3d4c5b6a7988.
static const char *new_run_id(gy_arena *arena)
{
    struct tm utc;
    time_t now = time(NULL);
    uint64_t number = 0;
    char stamp[32];
    if (getrandom(&number, sizeof(number), 0) != sizeof(number) || gmtime_r(&now, &utc) == NULL)
        return NULL;
    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc);
    return gy_arena_format(arena, "%s-%016llx", stamp, (unsigned long long)number);
}

// The commit of the work tree, and whether tracked files differ from it. No git, no commit: that is
// no failure.
static gy_status read_commit(runner *self, gy_error *err)
{
    static const char *const head[] = {"rev-parse", "--verify", "-q", "HEAD", NULL};
    static const char *const changes[] = {"status", "--porcelain", "-uno", NULL};
    gy_pipeline *pipeline = self->pipeline;
    gy_text out = {0};
    gy_status status = gy_git_run(&out, pipeline->folder, head, NULL, NULL);
    if (status == GY_OK && out.length >= 40) {
        self->commit = gy_arena_copy(pipeline->arena, out.bytes, strcspn(out.bytes, "\n"));
        size_t before = out.length;
        status = gy_git_run(&out, pipeline->folder, changes, NULL, NULL);
        self->dirty = status != GY_OK || out.length > before;
    }
    gy_text_release(&out);
    return status == GY_NO_MEMORY || (self->commit == NULL && status == GY_OK)
               ? gy_pipeline_no_memory(err)
               : GY_OK;
}

static gy_status read_contents(gy_content **contents, const gy_pipeline *pipeline,
                               const gy_stage *stage, bool outs, gy_error *err)
{
    const gy_stage_path *paths = outs ? stage->outs : stage->deps;
    size_t count = outs ? stage->out_count : stage->dep_count;
    *contents = GY_NEW(pipeline->arena, gy_content, count);
    if (*contents == NULL)
        return gy_pipeline_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        GY_TRY(gy_content_read(&(*contents)[i], pipeline, paths[i].at, err));
        if ((*contents)[i].kind != GY_CONTENT_ABSENT)
            continue;
        if (outs)
            return gy_fail(err, GY_NOT_FOUND, "stage '%s' ended well, but did not make '%s'",
                           stage->name, paths[i].path);
        return gy_pipeline_fail(err, GY_NOT_FOUND, pipeline, paths[i].line,
                                "stage '%s' needs '%s', which is missing", stage->name,
                                paths[i].path);
    }
    return GY_OK;
}

static gy_status tell_failure(const gy_stage *stage, const char *command, int status, gy_error *err)
{
    int exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    if (WIFSIGNALED(status))
        return gy_fail(err, GY_IO,
                       "stage '%s': '%.200s' was ended by %s; nothing of it is recorded",
                       stage->name, command, strsignal(WTERMSIG(status)));
    if (exit_status == 0)
        return GY_OK;
    return gy_fail(
        err, GY_IO, "stage '%s': '%.200s' ended with status %d%s; nothing of it is recorded",
        stage->name, command, exit_status, exit_status == 127 ? " (is the program there?)" : "");
}

static gy_status run_commands(runner *self, const gy_stage *stage, gy_stage_run *run, gy_error *err)
{
    gy_pipeline *pipeline = self->pipeline;
    gy_arena *arena = pipeline->arena;
    const char *environment[] = {gy_arena_format(arena, "GYRE_RUN=%s", run->id),
                                 gy_arena_format(arena, "GYRE_STAGE=%s", stage->name),
                                 gy_arena_format(arena, "GYRE_PROJECT=%s", pipeline->project),
                                 NULL};
    const char *folder = gy_path_join(arena, pipeline->folder, stage->wdir);
    if (environment[0] == NULL || environment[1] == NULL || environment[2] == NULL ||
        folder == NULL)
        return gy_pipeline_no_memory(err);
    for (size_t i = 0; i < stage->command_count; i++) {
        gy_process_result result;
        gy_error problem = {0};
        gy_status status = gy_process_run(&result, stage->commands[i], folder, environment,
                                          self->options->output, arena, &problem);
        if (status != GY_OK)
            return gy_fail(err, status, "stage '%s': %s; nothing of it is recorded", stage->name,
                           problem.message);
        run->process.status = result.status;
        run->process.seconds += result.seconds;
        run->process.cpu_seconds += result.cpu_seconds;
        if (result.rss_bytes_max > run->process.rss_bytes_max)
            run->process.rss_bytes_max = result.rss_bytes_max;
        GY_TRY(tell_failure(stage, stage->commands[i], result.status, err));
    }
    return GY_OK;
}

static gy_status lock_entries(gy_locked_path **entries, const gy_stage_path *paths,
                              const gy_content *contents, size_t count, gy_arena *arena,
                              gy_error *err)
{
    *entries = GY_NEW(arena, gy_locked_path, count);
    if (*entries == NULL)
        return gy_pipeline_no_memory(err);
    for (size_t i = 0; i < count; i++)
        (*entries)[i] = (gy_locked_path){.path = paths[i].path, .content = contents[i]};
    return GY_OK;
}

// What the lock says of a run; its outputs are not known to be stored yet.
static gy_status lock_of(gy_stage_lock *lock, const gy_stage *stage, const gy_json *params,
                         const gy_content *deps, const gy_content *outs, gy_arena *arena,
                         gy_error *err)
{
    *lock = (gy_stage_lock){.found = true,
                            .command = stage->command,
                            .wdir = stage->wdir,
                            .params = params,
                            .dep_count = stage->dep_count,
                            .out_count = stage->out_count};
    GY_TRY(lock_entries(&lock->deps, stage->deps, deps, stage->dep_count, arena, err));
    return lock_entries(&lock->outs, stage->outs, outs, stage->out_count, arena, err);
}

// A run that has ended well, to be recorded.
typedef struct ended_run {
    runner *self;
    const gy_stage_run *run;
} ended_run;

static gy_status record(void *context, gy_error *err)
{
    const ended_run *ended = context;
    const gy_pipeline *pipeline = ended->self->pipeline;
    gy_error problem = {0};
    gy_status recorded =
        gy_run_record(ended->self->ledger, pipeline, ended->run, pipeline->arena, &problem);
    return recorded == GY_OK
               ? GY_OK
               : gy_fail(err, recorded, "stage '%s' ended well, but cannot be recorded: %s",
                         ended->run->stage->name, problem.message);
}

static gy_status open_store(runner *self, gy_error *err)
{
    return self->store == NULL ? gy_store_open(&self->store, self->pipeline->project, err) : GY_OK;
}

// What git tracks, .gitignore does not take out again: the first such output of a stage is told.
static gy_status tell_tracked(const runner *self, const gy_stage *stage, const gy_stage_lock *kept,
                              gy_error *err)
{
    enum { WORDS = 3 };
    gy_text tracked = {0};
    const char **words = GY_NEW(self->pipeline->arena, const char *, WORDS + stage->out_count + 1);
    size_t count = 0;
    if (words == NULL)
        return gy_pipeline_no_memory(err);
    words[count++] = "--literal-pathspecs";
    words[count++] = "ls-files";
    words[count++] = "--";
    for (size_t i = 0; i < stage->out_count; i++)
        if (!stage->outs[i].uncached && kept->outs[i].is_stored)
            words[count++] = stage->outs[i].at;
    gy_status status =
        count == WORDS ? GY_OK : gy_git_run(&tracked, self->pipeline->folder, words, NULL, NULL);
    if (status == GY_OK && tracked.length > 0) {
        tracked.bytes[strcspn(tracked.bytes, "\n")] = '\0';
        report(self, &(gy_stage_event){
                         .stage = stage->name, .state = GY_STAGE_TRACKED, .reason = tracked.bytes});
    }
    gy_text_release(&tracked);
    return status == GY_NO_MEMORY ? gy_pipeline_no_memory(err) : GY_OK; // no git: nothing to tell
}

// Outputs into the store, the run into the ledger, then into the lock: cut short before, the stage
// is still out of date.
static gy_status keep_run(runner *self, gy_stage *stage, const gy_stage_run *run, gy_error *err)
{
    gy_pipeline *pipeline = self->pipeline;
    ended_run ended = {self, run};
    gy_stage_lock lock, kept;
    const char *unstored;
    gy_id key;
    GY_TRY(open_store(self, err));
    const gy_outs_place place = {pipeline, stage, self->store, record, &ended};
    GY_TRY(lock_of(&lock, stage, run->params, run->deps, run->outs, pipeline->arena, err));
    GY_TRY(gy_stage_keep(&kept, &unstored, &place, &lock, err));
    if (unstored != NULL)
        report(self, &(gy_stage_event){
                         .stage = stage->name, .state = GY_STAGE_UNSTORED, .reason = unstored});
    GY_TRY(tell_tracked(self, stage, &kept, err));
    gy_run_key(&key, stage, run->params, run->deps);
    return gy_run_cache_save(pipeline, stage, &key, &kept, err);
}

// The inputs that the command read must be those that are recorded.
static gy_status refuse_moved(const gy_pipeline *pipeline, const gy_stage *stage,
                              const gy_content *before, gy_error *err)
{
    for (size_t i = 0; i < stage->dep_count; i++) {
        gy_content now;
        GY_TRY(gy_content_read(&now, pipeline, stage->deps[i].at, err));
        if (!gy_content_same(&now, &before[i]))
            return gy_fail(err, GY_IO,
                           "stage '%s': its input '%s' changed while it ran; nothing of it is "
                           "recorded: run it again",
                           stage->name, stage->deps[i].path);
    }
    return GY_OK;
}

static gy_status run_stage(runner *self, gy_stage *stage, const char *reason, gy_error *err)
{
    gy_pipeline *pipeline = self->pipeline;
    gy_content *deps, *outs;
    gy_stage_run run = {.stage = stage, .commit = self->commit, .dirty = self->dirty};
    if (self->ledger == NULL) {
        GY_TRY(gy_ledger_open(&self->ledger, pipeline->project, err));
        GY_TRY(read_commit(self, err));
        run.commit = self->commit;
        run.dirty = self->dirty;
    }
    run.id = new_run_id(pipeline->arena);
    if (run.id == NULL)
        return gy_pipeline_no_memory(err);
    GY_TRY(read_contents(&deps, pipeline, stage, false, err));
    GY_TRY(gy_params_read(&run.params, pipeline, stage, pipeline->arena, err));
    report(self, &(gy_stage_event){.stage = stage->name,
                                   .state = GY_STAGE_STARTS,
                                   .reason = reason,
                                   .command = stage->command,
                                   .run = run.id});
    GY_TRY(gy_outputs_clear(pipeline, stage, err));
    run.started_us = now_us();
    GY_TRY(run_commands(self, stage, &run, err));
    run.ended_us = now_us();
    GY_TRY(refuse_moved(pipeline, stage, deps, err));
    GY_TRY(read_contents(&outs, pipeline, stage, true, err));
    run.deps = deps;
    run.outs = outs;
    GY_TRY(keep_run(self, stage, &run, err));
    report(self, &(gy_stage_event){.stage = stage->name,
                                   .state = GY_STAGE_RAN,
                                   .run = run.id,
                                   .seconds = run.process.seconds});
    return GY_OK;
}

// What the same command made of the same inputs before need not be made again: the last run, where
// its outputs alone are gone, else any that is known.
static gy_status try_restore(bool *done, runner *self, gy_stage *stage, const gy_json *params,
                             const gy_staleness *stale, gy_error *err)
{
    gy_pipeline *pipeline = self->pipeline;
    gy_id key;
    gy_content *deps, *outs = GY_NEW(pipeline->arena, gy_content, stage->out_count);
    gy_stage_lock lock, known;
    *done = false;
    if (outs == NULL)
        return gy_pipeline_no_memory(err);
    if (stage->out_count == 0 || stage->always_changed || self->options->force ||
        self->options->twice)
        return GY_OK;
    GY_TRY(open_store(self, err));
    const gy_outs_place place = {.pipeline = pipeline, .stage = stage, .store = self->store};
    GY_TRY(read_contents(&deps, pipeline, stage, false, err));
    GY_TRY(lock_of(&lock, stage, params, deps, outs, pipeline->arena, err));
    gy_run_key(&key, stage, params, deps);
    if (stale->outs_alone)
        GY_TRY(gy_stage_bring(done, &place, &lock, &stage->lock, err));
    if (!*done)
        GY_TRY(gy_run_cache_find(&known, pipeline, &key, err));
    if (!*done && known.found)
        GY_TRY(gy_stage_bring(done, &place, &lock, &known, err));
    if (*done)
        report(self, &(gy_stage_event){.stage = stage->name,
                                       .state = GY_STAGE_RESTORED,
                                       .reason = stale->reason});
    return GY_OK;
}

static gy_status run_or_restore(runner *self, gy_stage *stage, const gy_json *params,
                                const gy_staleness *stale, gy_error *err)
{
    bool restored;
    GY_TRY(try_restore(&restored, self, stage, params, stale, err));
    return restored ? GY_OK : run_stage(self, stage, stale->reason, err);
}

// Run once more and name each output that came out otherwise.
static gy_status run_again(runner *self, gy_stage *stage, gy_error *err)
{
    gy_stage_lock first = stage->lock;
    GY_TRY(run_stage(self, stage, "once more, to compare", err));
    bool same = true;
    for (size_t i = 0; i < stage->out_count; i++) {
        if (gy_content_same(&first.outs[i].content, &stage->lock.outs[i].content))
            continue;
        same = false;
        if (self->differing++ == 0)
            snprintf(self->first_difference, sizeof(self->first_difference),
                     "'%.150s' of stage '%.100s'", stage->outs[i].path, stage->name);
        report(self, &(gy_stage_event){.stage = stage->name,
                                       .state = GY_STAGE_DIFFERS,
                                       .reason = stage->outs[i].path});
    }
    if (same)
        report(self, &(gy_stage_event){.stage = stage->name, .state = GY_STAGE_SAME});
    return GY_OK;
}

static gy_status check_frozen(const gy_pipeline *pipeline, const gy_stage *stage, gy_error *err)
{
    for (size_t i = 0; i < stage->out_count; i++) {
        gy_content now;
        GY_TRY(gy_content_read(&now, pipeline, stage->outs[i].at, err));
        if (now.kind == GY_CONTENT_ABSENT)
            return gy_pipeline_fail(
                err, GY_NOT_FOUND, pipeline, stage->line,
                "stage '%s' is frozen, but its output '%s' is missing (gyre checkout brings "
                "what is stored)",
                stage->name, stage->outs[i].path);
    }
    return GY_OK;
}

// In a dry run what a stage needs may not have been made yet: that it would be made is the reason.
static const char *dry_reason(const runner *self, const gy_stage *stage)
{
    for (size_t i = 0; i < stage->need_count; i++)
        if (self->would_run[stage->needs[i]])
            return gy_arena_format(self->pipeline->arena, "it needs what stage '%s' makes",
                                   self->pipeline->stages[stage->needs[i]].name);
    return NULL;
}

static gy_status visit_stage(runner *self, size_t at, gy_error *err)
{
    gy_pipeline *pipeline = self->pipeline;
    const gy_run_options *options = self->options;
    gy_stage *stage = &pipeline->stages[at];
    gy_staleness stale;
    const gy_json *params;
    if (stage->frozen) {
        if (!options->dry_run)
            GY_TRY(check_frozen(pipeline, stage, err));
        report(self, &(gy_stage_event){.stage = stage->name, .state = GY_STAGE_FROZEN});
        return GY_OK;
    }
    GY_TRY(gy_params_read(&params, pipeline, stage, pipeline->arena, err));
    GY_TRY(gy_stage_stale(&stale, pipeline, stage, params, pipeline->arena, err));
    if (stale.reason == NULL && options->force)
        stale.reason = "asked for";
    if (options->dry_run) {
        const char *upstream = dry_reason(self, stage);
        stale.reason = stale.reason == NULL ? upstream : stale.reason;
        self->would_run[at] = stale.reason != NULL;
    }
    if (stale.reason == NULL)
        report(self, &(gy_stage_event){.stage = stage->name, .state = GY_STAGE_FRESH});
    else if (options->dry_run)
        report(self, &(gy_stage_event){.stage = stage->name,
                                       .state = GY_STAGE_WOULD_RUN,
                                       .reason = stale.reason,
                                       .command = stage->command});
    else
        GY_TRY(run_or_restore(self, stage, params, &stale, err));
    return options->twice && !options->dry_run ? run_again(self, stage, err) : GY_OK;
}

static gy_status run_chosen(runner *self, gy_error *err)
{
    gy_pipeline *pipeline = self->pipeline;
    bool *chosen = GY_NEW(pipeline->arena, bool, pipeline->stage_count);
    self->would_run = GY_NEW(pipeline->arena, bool, pipeline->stage_count);
    if (chosen == NULL || self->would_run == NULL)
        return gy_pipeline_no_memory(err);
    GY_TRY(gy_pipeline_select(chosen, pipeline, self->options->stages, self->options->count,
                              self->options->single, err));
    for (size_t i = 0; i < pipeline->stage_count; i++)
        if (chosen[pipeline->order[i]])
            GY_TRY(visit_stage(self, pipeline->order[i], err));
    if (self->differing > 0)
        return gy_fail(err, GY_REFUSED,
                       "%zu output%s came out otherwise the second time, first %s: is there a seed "
                       "or a thread count to fix?",
                       self->differing, self->differing == 1 ? "" : "s", self->first_difference);
    return GY_OK;
}

gy_status gy_pipeline_run(gy_pipeline *pipeline, const gy_run_options *options, gy_error *err)
{
    runner self = {.pipeline = pipeline, .options = options};
    int lock = -1;
    const char *path = gy_arena_format(pipeline->arena, "%s/.gyre/run.lock", pipeline->project);
    if (path == NULL)
        return gy_pipeline_no_memory(err);
    if (!options->dry_run)
        GY_TRY(gy_file_lock(&lock, path, false, LOCK_WAIT_MS_MAX, err));
    gy_status status = run_chosen(&self, err);
    // What was hashed is known the next time, also when a stage failed.
    gy_status saved = gy_stat_cache_save(pipeline->stats, status == GY_OK ? err : NULL);
    gy_ledger_close(self.ledger);
    gy_store_close(self.store);
    gy_file_unlock(lock);
    return status == GY_OK ? saved : status;
}
