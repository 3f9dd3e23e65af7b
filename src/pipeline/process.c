// SPDX-License-Identifier: Apache-2.0
//
// Commands as children. A stage's command gets a process group of its own, so that all it starts
// can be ended with it; signals that ask us to end are awaited, not handled: no handler, no global
// state.

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pipeline/pipeline.h"

enum { GRACE_S = 5 };

extern char **environ;

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// Signals that ask us to end, and the one that tells of the child.
static void wanted_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGHUP);
    sigaddset(signals, SIGCHLD);
}

// The keyboard and Ctrl-C go to that process group, if they were ours. SIGTTOU is blocked.
static void give_terminal(pid_t from, pid_t to)
{
    if (isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == from)
        tcsetpgrp(STDIN_FILENO, to);
}

// In the child, between fork and exec: system calls alone.
static _Noreturn void become_command(const char *command, const char *folder, char **environment,
                                     int output, const sigset_t *mask)
{
    setpgid(0, 0);
    // A command must not outlive the gyre that waits for it, or two would write the same outputs.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    give_terminal(getpgid(getppid()), getpid());
    sigprocmask(SIG_SETMASK, mask, NULL);
    if (output > 0 && dup2(output, STDOUT_FILENO) < 0)
        _exit(126);
    if (chdir(folder) != 0)
        _exit(125);
    char *const arguments[] = {(char *)(uintptr_t)"sh", (char *)(uintptr_t)"-c",
                               (char *)(uintptr_t)command, NULL};
    execve("/bin/sh", arguments, environment);
    _exit(127);
}

// The process's environment with `added` in place of its own variables of the same names.
static char **merge_environment(const char *const *added, gy_arena *arena)
{
    size_t count = 0, extra = 0, kept = 0;
    while (environ[count] != NULL)
        count++;
    while (added[extra] != NULL)
        extra++;
    char **merged = GY_NEW(arena, char *, count + extra + 1);
    for (size_t i = 0; merged != NULL && i < count; i++) {
        size_t length = strcspn(environ[i], "="), at = 0;
        while (at < extra &&
               (strncmp(added[at], environ[i], length) != 0 || added[at][length] != '='))
            at++;
        if (at == extra)
            merged[kept++] = environ[i];
    }
    for (size_t i = 0; merged != NULL && i < extra; i++)
        merged[kept++] = (char *)(uintptr_t)added[i];
    return merged;
}

// Ctrl-Z stopped the command: stop with it, and go on with it.
static void stop_too(pid_t child)
{
    give_terminal(child, getpgrp());
    raise(SIGSTOP);
    give_terminal(getpgrp(), child);
    kill(-child, SIGCONT);
}

// Wait for the child. A signal for us goes on to its group, and after a grace period it is killed.
// @return the signal, 0: none came.
static int wait_child(gy_process_result *result, pid_t child, const sigset_t *signals)
{
    int came = 0;
    double killed_at = 0;
    struct rusage usage = {.ru_maxrss = 0};
    for (;;) {
        pid_t done = wait4(child, &result->status, WNOHANG | WUNTRACED, &usage);
        if (done == child && WIFSTOPPED(result->status)) {
            stop_too(child);
            continue;
        }
        if (done == child)
            break;
        if (done < 0 && errno != EINTR) { // the process drops its children's statuses
            result->status = 127 << 8;
            break;
        }
        // Another thread may take the SIGCHLD: look now and then in any case.
        int got = sigtimedwait(signals, NULL, &(struct timespec){.tv_nsec = 200000000});
        if (got > 0 && got != SIGCHLD) {
            kill(-child, came == 0 ? got : SIGKILL); // asked twice: at once
            killed_at = came == 0 ? now_s() + GRACE_S : killed_at;
            came = got;
        }
        if (came != 0 && now_s() > killed_at)
            kill(-child, SIGKILL);
    }
    if (came == 0 && WIFSIGNALED(result->status) && WTERMSIG(result->status) == SIGINT)
        came = SIGINT; // Ctrl-C on a terminal goes to the command's group alone
    if (came != 0)
        kill(-child, SIGKILL); // what the shell left behind
    result->cpu_seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                          1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    result->rss_bytes_max = (uint64_t)usage.ru_maxrss * 1024;
    return came;
}

gy_status gy_process_run(gy_process_result *result, const char *command, const char *folder,
                         const char *const *environment, int output, gy_arena *arena, gy_error *err)
{
    sigset_t signals, blocked, before;
    *result = (gy_process_result){0};
    char **merged = merge_environment(environment, arena);
    if (merged == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to run a command");
    wanted_signals(&signals);
    blocked = signals;
    sigaddset(&blocked, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    double started = now_s();
    pid_t child = fork();
    if (child == 0)
        become_command(command, folder, merged, output, &before);
    int came = 0, reason = errno;
    if (child > 0) {
        setpgid(child, child); // whoever of the two comes first
        came = wait_child(result, child, &signals);
        give_terminal(child, getpgrp());
    }
    result->seconds = now_s() - started;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (child < 0)
        return gy_fail(err, GY_IO, "cannot start a command: %s", strerror(reason));
    if (came != 0)
        return gy_fail(err, GY_IO, "stopped by %s", strsignal(came));
    return GY_OK;
}
