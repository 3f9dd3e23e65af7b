// SPDX-License-Identifier: Apache-2.0
//
// git as a child process. Its stdin and stderr are files in memory, so that no pipe but that of its
// stdout has to be served.

#define _GNU_SOURCE
#include "store/git.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "store/store.h"

enum { ARGS_MAX = 400, OUTPUT_BYTES_MAX = 1 << 30 };

gy_status gy_git_find(bool *is_there, const char *folder, gy_error *err)
{
    gy_arena arena = GY_ARENA_INIT;
    char *found;
    gy_error why = {0};
    gy_status status = gy_file_find_upward(&found, folder, ".git", &arena, &why);
    gy_arena_release(&arena);
    *is_there = status == GY_OK;
    return status == GY_OK || status == GY_NOT_FOUND ? GY_OK
                                                     : gy_fail(err, status, "%s", why.message);
}

static gy_status start(pid_t *child, const char *folder, const char *const *args, int in, int out,
                       int errors, gy_error *err)
{
    const char *all[ARGS_MAX + 5] = {"git", "-C", folder};
    size_t count = 3;
    for (size_t i = 0; args[i] != NULL; i++) {
        if (i == ARGS_MAX)
            return gy_fail(err, GY_LIMIT, "over %d arguments for git", ARGS_MAX);
        all[count++] = args[i];
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    int reason = posix_spawnp(child, "git", &actions, NULL, (char *const *)(uintptr_t)all, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (reason == ENOENT)
        return gy_fail(err, GY_UNSUPPORTED, "cannot run git (to get it: apt install git)");
    if (reason != 0)
        return gy_fail(err, GY_IO, "cannot run git: %s", strerror(reason));
    return GY_OK;
}

static gy_status take_output(gy_text *out, int pipe, gy_error *err)
{
    char buffer[32 * 1024];
    size_t taken = 0;
    gy_status status = GY_OK;
    for (;;) {
        ssize_t got = read(pipe, buffer, sizeof(buffer));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return gy_fail(err, GY_IO, "cannot read what git says: %s", strerror(errno));
        if (got == 0)
            break;
        taken += (size_t)got;
        if (taken > OUTPUT_BYTES_MAX)
            status = gy_fail(err, GY_LIMIT, "git says over %d bytes", OUTPUT_BYTES_MAX);
        else if (out != NULL)
            gy_text_append(out, buffer, (size_t)got);
    }
    if (status == GY_OK && out != NULL && out->status != GY_OK)
        status = gy_fail(err, out->status, "no memory for what git says");
    return status;
}

// git's last words, as part of our message.
static gy_status git_failed(int errors, const char *const *args, gy_error *err)
{
    char words[300] = "";
    ssize_t got = pread(errors, words, sizeof(words) - 1, 0);
    words[got < 0 ? 0 : got] = '\0';
    words[strcspn(words, "\n")] = '\0';
    while (args[0][0] == '-' && args[1] != NULL)
        args++;
    return gy_fail(err, GY_REFUSED, "git %s: %s", args[0], words[0] == 0 ? "failed" : words);
}

static gy_status finish(pid_t child, int errors, const char *const *args, gy_error *err)
{
    int state;
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR)
            return gy_fail(err, GY_IO, "cannot wait for git: %s", strerror(errno));
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
        return git_failed(errors, args, err);
    return GY_OK;
}

static int input_file(const gy_text *input)
{
    if (input == NULL)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    int file = memfd_create("gyre-git", MFD_CLOEXEC);
    if (file >= 0 && input->length > 0 &&
        (gy_io_write_all(file, input->bytes, input->length) != 0 ||
         lseek(file, 0, SEEK_SET) != 0)) {
        close(file);
        return -1;
    }
    return file;
}

gy_status gy_git_run(gy_text *out, const char *folder, const char *const *args,
                     const gy_text *input, gy_error *err)
{
    int in = input_file(input), errors = memfd_create("gyre-git", MFD_CLOEXEC);
    int pipes[2] = {-1, -1};
    pid_t child;
    gy_status status = GY_OK;
    if (in < 0 || errors < 0 || pipe2(pipes, O_CLOEXEC) != 0)
        status = gy_fail(err, GY_IO, "cannot run git: %s", strerror(errno));
    if (status == GY_OK)
        status = start(&child, folder, args, in, pipes[1], errors, err);
    if (pipes[1] >= 0)
        close(pipes[1]);
    if (status == GY_OK) {
        gy_error finish_error = {0};
        status = take_output(out, pipes[0], err);
        gy_status finished = finish(child, errors, args, &finish_error);
        if (status == GY_OK && finished != GY_OK)
            status = gy_fail(err, finished, "%s", finish_error.message);
    }
    if (pipes[0] >= 0)
        close(pipes[0]);
    if (errors >= 0)
        close(errors);
    if (in >= 0)
        close(in);
    return status;
}

// What one git command prints, without its last newline; NULL: it fails or prints nothing.
static gy_status ask(char **answer, const gy_store *store, const char *const *args, gy_arena *arena,
                     gy_error *err)
{
    gy_text out = {0};
    gy_error reason = {0};
    *answer = NULL;
    gy_status status = gy_git_run(&out, store->project, args, NULL, &reason);
    if (status == GY_OK && out.length > 1)
        *answer = gy_arena_copy(arena, out.bytes, out.length - 1);
    bool lost = status == GY_OK && out.length > 1 && *answer == NULL;
    gy_text_release(&out);
    if (lost)
        return gy_fail(err, GY_NO_MEMORY, "no memory for what git says");
    return status == GY_OK || status == GY_REFUSED ? GY_OK
                                                   : gy_fail(err, status, "%s", reason.message);
}

gy_status gy_store_git_state(const char **author, const char **commit, const gy_store *store,
                             gy_arena *arena, gy_error *err)
{
    static const char *const who[] = {"var", "GIT_AUTHOR_IDENT", NULL};
    static const char *const where[] = {"rev-parse", "--verify", "-q", "HEAD", NULL};
    bool is_there;
    char *name = NULL, *head = NULL;
    GY_TRY(gy_git_find(&is_there, store->project, err));
    if (is_there) {
        GY_TRY(ask(&name, store, who, arena, err));
        GY_TRY(ask(&head, store, where, arena, err));
    }
    // "NAME <MAIL> SECONDS ZONE"
    char *mail = name == NULL ? NULL : strstr(name, " <");
    if (mail != NULL)
        *mail = '\0';
    *author = name;
    *commit = head;
    return GY_OK;
}

gy_status gy_git_show(gy_text *out, const char *path, const char *revision, gy_arena *arena,
                      gy_error *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? gy_arena_copy(arena, ".", 1)
                                 : gy_arena_copy(arena, path, (size_t)(slash - path) + 1);
    char *object = gy_arena_format(arena, "%s:./%s", revision, slash == NULL ? path : slash + 1);
    if (folder == NULL || object == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    if (revision[0] == '-')
        return gy_fail(err, GY_INVALID, "'%s' is not a revision", revision);
    const char *const args[] = {"show", object, NULL};
    gy_status status = gy_git_run(out, folder, args, NULL, err);
    if (status != GY_REFUSED)
        return status;
    char *commit = gy_arena_format(arena, "%s^{commit}", revision);
    const char *const check[] = {"rev-parse", "--verify", "-q", commit, NULL};
    if (commit == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    return gy_git_run(NULL, folder, check, NULL, NULL) == GY_OK
               ? gy_fail(err, GY_NOT_FOUND, "git has no '%s' in '%s'", path, revision)
               : gy_fail(err, GY_INVALID, "'%s' is neither a path nor a revision", revision);
}
