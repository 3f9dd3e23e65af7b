// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_PYTHON_TABLE_H
#define GYRE_PYTHON_TABLE_H

#include "arrow.h"

/** A Table object: a gy_table and what it lives in. */
typedef struct table_object {
    PyObject head;
    owner *owner;
    gy_table table;
    gy_marks marks;
} table_object;

extern PyObject *table_type; // set when the module is made
/** Make gyre._gyre.Table. @return -1: a Python error is set. */
int add_table_type(PyObject *module);

#endif
