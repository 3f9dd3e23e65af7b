// SPDX-License-Identifier: Apache-2.0
//
// gyre.Error, which a call that fails raises.

#include "error.h"

static PyObject *error_type;

int add_error_type(PyObject *module)
{
    error_type = PyErr_NewExceptionWithDoc(
        "gyre.Error", "A call that gyre refused; args: message, status.", PyExc_RuntimeError, NULL);
    return error_type == NULL ? -1 : PyModule_AddObjectRef(module, "Error", error_type);
}

PyObject *raise_error(gy_status status, const gy_error *err)
{
    if (status == GY_NO_MEMORY)
        return PyErr_NoMemory();
    PyObject *value =
        Py_BuildValue("(si)", err->message[0] ? err->message : gy_status_text(status), (int)status);
    if (value != NULL)
        PyErr_SetObject(error_type, value);
    Py_XDECREF(value);
    return NULL;
}
