// SPDX-License-Identifier: Apache-2.0
//
// Compilers and emulators as child processes: no shell in between, their words kept for messages.

#define _GNU_SOURCE
#include "compile/tool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

enum { OUTPUT_BYTES_MAX = 65536 };

void gy_tool_add(gy_tool *tool, const char *argument)
{
    assert(tool->count + 1 < GY_TOOL_ARGS_MAX);
    tool->args[tool->count++] = argument;
}

gy_status gy_tool_add_words(gy_tool *tool, const char *words, gy_arena *arena, gy_error *err)
{
    while (*words != '\0') {
        size_t length = strcspn(words, " ");
        if (length > 0) {
            char *word = gy_arena_copy(arena, words, length);
            if (word == NULL)
                return gy_fail(err, GY_NO_MEMORY, "no memory for a command line");
            if (tool->count + 1 >= GY_TOOL_ARGS_MAX)
                return gy_fail(err, GY_LIMIT, "a command line of over %d words", GY_TOOL_ARGS_MAX);
            gy_tool_add(tool, word);
        }
        words += length + (words[length] == ' ');
    }
    return GY_OK;
}

static void run_child(const gy_tool *tool, const char *folder, int output)
{
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (input < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(output, STDERR_FILENO) < 0 || (folder != NULL && chdir(folder) != 0))
        _exit(126);
    setpgid(0, 0); // with all that it starts it can be killed
    execvp(tool->args[0], (char *const *)(uintptr_t)tool->args);
    _exit(errno == ENOENT ? 127 : 126);
}

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// Take in what the child says until it closes its end. @return whether it did in time.
static bool read_output(gy_text *output, int from, unsigned limit_seconds)
{
    double end = now_seconds() + limit_seconds;
    for (;;) {
        struct pollfd waiting = {.fd = from, .events = POLLIN};
        double left = limit_seconds == 0 ? 1e6 : end - now_seconds();
        if (left <= 0.0)
            return false;
        int ready = poll(&waiting, 1, (int)(left * 1000.0) + 1);
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready <= 0)
            continue;
        char bytes[4096];
        ssize_t got = read(from, bytes, sizeof(bytes));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return true;
        if (output->length < OUTPUT_BYTES_MAX)
            gy_text_append(output, bytes, (size_t)got);
    }
}

// The line that says most: the first with "error" in it, else the last.
static const char *telling_line(const gy_text *output, int *length)
{
    const char *text = output->length == 0 ? "" : output->bytes;
    const char *at = strstr(text, "error"), *line = text;
    if (at == NULL) {
        at = text + strlen(text);
        while (at > text && (at[-1] == '\n' || at[-1] == ' '))
            at--;
    }
    for (const char *c = text; c < at; c++)
        if (*c == '\n')
            line = c + 1;
    *length = (int)strcspn(line, "\n");
    return line;
}

static gy_status explain(const gy_text *output, const gy_tool *tool, int how, bool in_time,
                         gy_error *err)
{
    int length;
    const char *line = telling_line(output, &length);
    if (!in_time)
        return gy_fail(err, GY_LIMIT, "'%s' took too long and was stopped", tool->args[0]);
    if (WIFEXITED(how) && WEXITSTATUS(how) == 127 && output->length == 0)
        return gy_fail(err, GY_UNSUPPORTED, "there is no program '%s'", tool->args[0]);
    if (WIFSIGNALED(how))
        return gy_fail(err, GY_IO, "'%s' was stopped by signal %d", tool->args[0], WTERMSIG(how));
    return gy_fail(err, GY_IO, "'%s' failed: %.*s", tool->args[0], length < 300 ? length : 300,
                   line);
}

gy_status gy_tool_run(gy_text *output, const gy_tool *tool, const char *folder,
                      unsigned limit_seconds, gy_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return gy_fail(err, GY_IO, "cannot make a pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0)
        run_child(tool, folder, ends[1]);
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return gy_fail(err, GY_IO, "cannot start '%s': %s", tool->args[0], strerror(errno));
    }
    bool in_time = read_output(output, ends[0], limit_seconds);
    close(ends[0]);
    if (!in_time)
        kill(-child, SIGKILL);
    int how = 0;
    while (waitpid(child, &how, 0) < 0 && errno == EINTR)
        continue;
    if (output->status != GY_OK)
        return gy_fail(err, GY_NO_MEMORY, "no memory for what '%s' says", tool->args[0]);
    if (in_time && WIFEXITED(how) && WEXITSTATUS(how) == 0)
        return GY_OK;
    return explain(output, tool, how, in_time, err);
}
