// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_BASE_FAULT_H
#define GYRE_BASE_FAULT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * The fault switch, for tests alone: the n-th allocation or the n-th I/O call fails, once
 * (`memory:N`, `io:N`), from it on (`memory:N+`, `io:N+`), or the process is killed there as by
 * kill -9
 * (`kill:N`, counted over I/O calls). Read from GYRE_FAULT when the process first asks; off
 * otherwise. Every allocation of base and every I/O call of base/file asks here. With
 * GYRE_FAULT_COUNT=FILE, the process appends at its end how many asked (GYRE_FAULT=memory:0: count,
 * fail none).
 */
bool gy_fault_memory(void);

/** Whether this I/O call must fail. Sets errno (EIO, or ENOSPC with `nospace:N`). */
bool gy_fault_io(void);

/** Set the switch from a text as in GYRE_FAULT; NULL or "": off. For unit tests. */
void gy_fault_set(const char *text);

/** How many allocations and I/O calls have asked since the switch was set. */
size_t gy_fault_memory_count(void);
size_t gy_fault_io_count(void);

#endif
