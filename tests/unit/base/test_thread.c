// SPDX-License-Identifier: Apache-2.0
//
// Goal: a loop runs each item once, and fails as a loop on one thread would. Method: every count,
// grain and number of threads of a small range; failures planted in several pieces, many times
// over.

#include "base/thread.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { ITEMS_MAX = 40, THREADS = 4 };

typedef struct visits {
    atomic_int count[ITEMS_MAX];
    atomic_int bad;
    size_t threads;
} visits;

static gy_status visit(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    visits *self = context;
    (void)err;
    if (worker >= self->threads || begin >= end)
        atomic_fetch_add(&self->bad, 1);
    for (size_t i = begin; i < end; i++)
        atomic_fetch_add(&self->count[i], 1);
    return GY_OK;
}

static void test_each_item_is_visited_once(void)
{
    for (size_t count = 0; count <= ITEMS_MAX; count += 13)
        for (size_t grain = 0; grain <= ITEMS_MAX + 1; grain += 7)
            for (size_t threads = 1; threads <= THREADS; threads++) {
                visits seen = {.threads = threads};
                CHECK(gy_thread_loop(count, grain, threads, visit, &seen, NULL) == GY_OK);
                CHECK(seen.bad == 0);
                for (size_t i = 0; i < ITEMS_MAX; i++)
                    CHECK(seen.count[i] == (i < count));
            }
}

// Items 11, 17 and 30 fail; the later ones at once, the first only after some work.
static gy_status fail_some(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    (void)worker;
    volatile unsigned sink;
    (void)context;
    for (size_t i = begin; i < end; i++) {
        for (unsigned work = 0; i == 11 && work < 20000; work++)
            sink = work, (void)sink;
        if (i == 11 || i == 17 || i == 30)
            return gy_fail(err, i == 11 ? GY_FORMAT : GY_IO, "item %zu fails", i);
    }
    return GY_OK;
}

static void test_the_first_failure_in_loop_order_is_told(void)
{
    for (size_t threads = 1; threads <= THREADS; threads++)
        for (int round = 0; round < 50; round++) {
            gy_error err = {0};
            CHECK(gy_thread_loop(ITEMS_MAX, 1, threads, fail_some, NULL, &err) == GY_FORMAT);
            CHECK(err.status == GY_FORMAT && strcmp(err.message, "item 11 fails") == 0);
            CHECK(gy_thread_loop(ITEMS_MAX, 1, threads, fail_some, NULL, NULL) == GY_FORMAT);
        }
}

static void test_the_number_of_threads_is_bounded(void)
{
    CHECK(gy_thread_count() >= 1 && gy_thread_count() <= 64);
    CHECK(setenv("GYRE_THREADS", "1", 1) == 0 && gy_thread_count() == 1);
    CHECK(setenv("GYRE_THREADS", "0", 1) == 0 && gy_thread_count() == 1);
    CHECK(setenv("GYRE_THREADS", "many", 1) == 0 && gy_thread_count() == 1);
    CHECK(unsetenv("GYRE_THREADS") == 0);
    visits seen = {.threads = 64};
    CHECK(gy_thread_loop(ITEMS_MAX, 1, 1000000, visit, &seen, NULL) == GY_OK && seen.bad == 0);
}

int main(void)
{
    RUN(test_each_item_is_visited_once);
    RUN(test_the_first_failure_in_loop_order_is_told);
    RUN(test_the_number_of_threads_is_bounded);
    return check_done();
}
