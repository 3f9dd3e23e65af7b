// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_BASE_THREAD_H
#define GYRE_BASE_THREAD_H

#include "gyre/base.h"

/** Threads worth starting: the processors this process may use, at most GYRE_THREADS, at most 64.
 */
size_t gy_thread_count(void);

/** Work on items [begin, end) of a loop. worker is 0 to threads - 1: whose scratch to use. */
typedef gy_status gy_thread_work(void *context, size_t begin, size_t end, size_t worker,
                                 gy_error *err);

/**
 * Run a loop over count items on up to `threads` threads (0: gy_thread_count()), in pieces of
 * `grain` items that the threads take in turn. What an item computes must not depend on its thread.
 * @return GY_OK, or the failure of the piece that comes first in the loop, with its message.
 */
gy_status gy_thread_loop(size_t count, size_t grain, size_t threads, gy_thread_work *work,
                         void *context, gy_error *err) GY_CHECKED;

#endif
