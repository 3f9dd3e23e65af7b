// SPDX-License-Identifier: Apache-2.0
//
// Parallel loops: pieces handed out by one atomic counter. The failure that is reported is that of
// the first piece in loop order, so that a message does not depend on who was fastest.

#define _GNU_SOURCE
#include "base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { THREADS_MAX = 64 };

typedef struct loop {
    size_t count, grain;
    gy_thread_work *work;
    void *context;
    atomic_size_t next;
    atomic_bool stop;
    pthread_mutex_t failure_lock;
    size_t failure_begin; // of the first piece that failed
    gy_status failure;
    gy_error failure_error;
} loop;

typedef struct worker {
    loop *loop;
    size_t number;
} worker;

size_t gy_thread_count(void)
{
    cpu_set_t set;
    size_t count = sched_getaffinity(0, sizeof(set), &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
    const char *limit = getenv("GYRE_THREADS");
    size_t most = limit == NULL ? THREADS_MAX : strtoul(limit, NULL, 10);
    if (count > most)
        count = most;
    return count < 1 ? 1 : count > THREADS_MAX ? THREADS_MAX : count;
}

static void note_failure(loop *shared, size_t begin, gy_status status, const gy_error *err)
{
    pthread_mutex_lock(&shared->failure_lock);
    if (shared->failure == GY_OK || begin < shared->failure_begin) {
        shared->failure = status;
        shared->failure_begin = begin;
        shared->failure_error = *err;
    }
    pthread_mutex_unlock(&shared->failure_lock);
    atomic_store(&shared->stop, true);
}

static void *take_pieces(void *context)
{
    const worker *self = context;
    loop *shared = self->loop;
    while (!atomic_load(&shared->stop)) {
        size_t begin = atomic_fetch_add(&shared->next, shared->grain);
        if (begin >= shared->count)
            break;
        size_t end = shared->count - begin < shared->grain ? shared->count : begin + shared->grain;
        gy_error err = {0};
        gy_status status = shared->work(shared->context, begin, end, self->number, &err);
        if (status != GY_OK)
            note_failure(shared, begin, status, &err);
    }
    return NULL;
}

gy_status gy_thread_loop(size_t count, size_t grain, size_t threads, gy_thread_work *work,
                         void *context, gy_error *err)
{
    if (threads == 0)
        threads = gy_thread_count();
    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    if (grain == 0)
        grain = 1;
    if (threads > (count + grain - 1) / grain)
        threads = (count + grain - 1) / grain;

    loop shared = {.count = count, .grain = grain, .work = work, .context = context};
    pthread_mutex_init(&shared.failure_lock, NULL);
    pthread_t started[THREADS_MAX];
    worker workers[THREADS_MAX];
    size_t running = 0;
    for (size_t i = 0; i < threads; i++)
        workers[i] = (worker){&shared, i};
    // A thread that cannot be started is no failure: the others take its pieces.
    for (size_t i = 1; i < threads; i++)
        if (pthread_create(&started[running], NULL, take_pieces, &workers[i]) == 0)
            running++;
    if (threads > 0)
        take_pieces(&workers[0]);
    for (size_t i = 0; i < running; i++)
        pthread_join(started[i], NULL);
    pthread_mutex_destroy(&shared.failure_lock);
    if (shared.failure != GY_OK && err != NULL)
        *err = shared.failure_error;
    return shared.failure;
}
