// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_PYTHON_TABLE_H
#define GYRE_PYTHON_TABLE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "gyre/gyre.h"

/** A Table object: a gy_table and the arena that it lives in. */
typedef struct table_object {
    PyObject head;
    gy_arena *arena;
    gy_table table;
    gy_marks marks;
    PyObject *keeps; // what lends its buffers to a table made from columns; NULL: nothing
} table_object;

extern PyObject *table_type; // set when the module is made
/** Make gyre._gyre.Table. @return -1: a Python error is set. */
int add_table_type(PyObject *module);

#endif
