// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_PYTHON_MODULE_H
#define GYRE_PYTHON_MODULE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

// What the module calls, a file a kind.
PyObject *py_table_read(PyObject *module, PyObject *args);
PyObject *py_table_from_parts(PyObject *module, PyObject *args);
PyObject *py_images(PyObject *module, PyObject *args);
PyObject *py_audit(PyObject *module, PyObject *args);
PyObject *py_infer(PyObject *module, PyObject *args);
PyObject *py_ports(PyObject *module, PyObject *args);
PyObject *py_ledger_append(PyObject *module, PyObject *args);
PyObject *py_pointer_read(PyObject *module, PyObject *args);
PyObject *py_version_list(PyObject *module, PyObject *args);
PyObject *py_object_read(PyObject *module, PyObject *args);
PyObject *py_project(PyObject *module, PyObject *args);

#endif
