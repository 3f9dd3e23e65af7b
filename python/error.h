// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_PYTHON_ERROR_H
#define GYRE_PYTHON_ERROR_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "gyre/gyre.h"

/** Make gyre.Error. @return -1: a Python error is set. */
int add_error_type(PyObject *module);
/** Raise it for a failed call: NULL, to be returned. */
PyObject *raise_error(gy_status status, const gy_error *err);
/** The same of a call that was given a path. */
PyObject *raise_error_of(gy_status status, const gy_error *err, const char *path);

#endif
