// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_PYTHON_ARROW_H
#define GYRE_PYTHON_ARROW_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "gyre/gyre.h"

/** What a table's memory belongs to: the Table object, and every Arrow stream made of it. */
typedef struct owner {
    int shares; // atomic
    gy_arena *arena;
    struct lent *first; // Arrow batches that the table points into
} owner;

/** One share. @return NULL: a Python error is set. */
owner *owner_new(void);
/** Give a share back. */
void owner_drop(void *context);

/** Make a table of a stream's capsule, or of a tuple of schema and array. -1: an error is set. */
int take_arrow(gy_table *table, owner *to, PyObject *capsules);

/** A stream's capsule over a table of the owner. @return NULL: a Python error is set. */
PyObject *arrow_stream(owner *of, const gy_table *table);

#endif
