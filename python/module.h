// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_PYTHON_MODULE_H
#define GYRE_PYTHON_MODULE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "gyre/gyre.h"

/** Raise gyre.Error for a failed call: NULL, to be returned. */
PyObject *raise_error(gy_status status, const gy_error *err);

/** A Table object: a gy_table and the arena that it lives in. */
typedef struct table_object {
    PyObject head;
    gy_arena *arena;
    gy_table table;
    gy_marks marks;
    PyObject *keeps; // what lends its buffers to a table made from columns; NULL: nothing
} table_object;

extern PyObject *table_type; // set when the module is made
int add_table_type(PyObject *module);

PyObject *py_table_read(PyObject *module, PyObject *args);
PyObject *py_table_from_columns(PyObject *module, PyObject *args);
PyObject *py_images(PyObject *module, PyObject *args);
PyObject *py_audit(PyObject *module, PyObject *args);
PyObject *py_infer(PyObject *module, PyObject *args);
PyObject *py_ports(PyObject *module, PyObject *args);
PyObject *py_ids_of_rows(PyObject *module, PyObject *args);
PyObject *py_ledger_append(PyObject *module, PyObject *args);
PyObject *py_pointer_read(PyObject *module, PyObject *args);
PyObject *py_version_list(PyObject *module, PyObject *args);
PyObject *py_object_read(PyObject *module, PyObject *args);
PyObject *py_project(PyObject *module, PyObject *args);

#endif
