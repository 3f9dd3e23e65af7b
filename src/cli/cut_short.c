// SPDX-License-Identifier: Apache-2.0
//
// A file of the user's that is cut short while it is mapped ends the process with SIGBUS. Here it
// says which file, and ends as a failing read does. Only async-signal-safe calls; the map of the
// process is the system's own list of what is mapped where.

#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"

enum { LINE_BYTES_MAX = 8192 };

static void say(const char *text, size_t length)
{
    ssize_t written = write(STDERR_FILENO, text, length);
    (void)written; // nobody left to tell
}

// A hexadecimal number, and the place behind it.
static const char *take_hex(uintptr_t *number, const char *at)
{
    for (*number = 0;; at++) {
        if (*at >= '0' && *at <= '9')
            *number = *number * 16 + (uintptr_t)(*at - '0');
        else if (*at >= 'a' && *at <= 'f')
            *number = *number * 16 + (uintptr_t)(*at - 'a' + 10);
        else
            return at;
    }
}

// The path in a line of /proc/self/maps, if its range holds the address.
static const char *path_at(const char *line, uintptr_t address)
{
    uintptr_t begin, end;
    const char *at = take_hex(&begin, line);
    at = take_hex(&end, at + (*at == '-'));
    const char *path = strchr(at, '/');
    return address >= begin && address < end ? path : NULL;
}

static void say_path(uintptr_t address)
{
    char line[LINE_BYTES_MAX];
    size_t length = 0;
    int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    for (char c; maps >= 0 && read(maps, &c, 1) == 1;) {
        if (c != '\n' && length + 1 < sizeof(line)) {
            line[length++] = c;
            continue;
        }
        line[length] = '\0';
        length = 0;
        const char *path = path_at(line, address);
        if (path != NULL) {
            say(" '", 2);
            say(path, strlen(path));
            say("'", 1);
            break;
        }
    }
}

static void report(int signal_number, siginfo_t *info, void *context)
{
    static const char before[] = "gyre: a file";
    static const char after[] =
        " was cut short, or its disk is full or fails, while it was read: run "
        "it again when nothing writes to the file\n";
    (void)signal_number, (void)context;
    say(before, sizeof(before) - 1);
    say_path((uintptr_t)info->si_addr);
    say(after, sizeof(after) - 1);
    _exit(gy_status_exit_code(GY_IO));
}

void gy_cut_short_catch(void)
{
    struct sigaction action = {.sa_sigaction = report, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
}
