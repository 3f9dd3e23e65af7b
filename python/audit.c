// SPDX-License-Identifier: Apache-2.0
//
// The audit of a table.

#include "module.h"

PyObject *py_audit(PyObject *module, PyObject *args)
{
    (void)module;
    (void)args;
    PyErr_SetString(PyExc_NotImplementedError, "the audit is not in this build of libgyre");
    return NULL;
}
