// SPDX-License-Identifier: Apache-2.0
//
// The fault switch. It is the library's one piece of global state; it decides nothing but which
// call of a test fails. Counters are atomic, so that threads share one count.

#define _POSIX_C_SOURCE 200809L
#include "base/fault.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef enum fault_kind {
    FAULT_UNREAD,
    FAULT_OFF,
    FAULT_MEMORY,
    FAULT_IO,
    FAULT_NOSPACE,
    FAULT_KILL
} fault_kind;

static _Atomic int kind = FAULT_UNREAD;
static size_t at;   // the call that fails, from 1
static bool onward; // and all after it
static atomic_size_t memory_count, io_count;

void gy_fault_set(const char *text)
{
    static const struct {
        const char *prefix;
        fault_kind kind;
    } kinds[] = {{"memory:", FAULT_MEMORY},
                 {"io:", FAULT_IO},
                 {"nospace:", FAULT_NOSPACE},
                 {"kill:", FAULT_KILL}};

    fault_kind chosen = FAULT_OFF;
    for (size_t i = 0; text != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t length = strlen(kinds[i].prefix);
        if (strncmp(text, kinds[i].prefix, length) != 0)
            continue;
        char *end;
        at = strtoul(text + length, &end, 10);
        onward = *end == '+';
        chosen = kinds[i].kind;
    }
    atomic_store(&memory_count, 0);
    atomic_store(&io_count, 0);
    atomic_store(&kind, (int)chosen);
}

// How many calls there were to fail: tests of whole commands ask beforehand.
static void write_counts(void)
{
    FILE *file = fopen(getenv("GYRE_FAULT_COUNT"), "ae");
    if (file == NULL)
        return;
    fprintf(file, "memory %zu\nio %zu\n", atomic_load(&memory_count), atomic_load(&io_count));
    fclose(file);
}

static fault_kind kind_now(void)
{
    int now = atomic_load_explicit(&kind, memory_order_acquire);
    if (now != FAULT_UNREAD)
        return (fault_kind)now;
    if (getenv("GYRE_FAULT_COUNT") != NULL)
        atexit(write_counts);
    gy_fault_set(getenv("GYRE_FAULT"));
    return (fault_kind)atomic_load(&kind);
}

static bool is_due(size_t count)
{
    return count == at || (onward && count > at);
}

bool gy_fault_memory(void)
{
    fault_kind now = kind_now();
    if (now == FAULT_OFF)
        return false;
    size_t count = atomic_fetch_add(&memory_count, 1) + 1;
    return now == FAULT_MEMORY && is_due(count);
}

bool gy_fault_io(void)
{
    fault_kind now = kind_now();
    if (now == FAULT_OFF)
        return false;
    size_t count = atomic_fetch_add(&io_count, 1) + 1;
    if (now == FAULT_MEMORY || !is_due(count))
        return false;
    if (now == FAULT_KILL)
        kill(getpid(), SIGKILL);
    errno = now == FAULT_NOSPACE ? ENOSPC : EIO;
    return true;
}

size_t gy_fault_memory_count(void)
{
    return atomic_load(&memory_count);
}

size_t gy_fault_io_count(void)
{
    return atomic_load(&io_count);
}
