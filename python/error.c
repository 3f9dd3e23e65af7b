// SPDX-License-Identifier: Apache-2.0
//
// gyre.Error, which a call that fails raises.

#include "error.h"

static PyObject *error_type;

static const char about[] =
    "A call that gyre refused.\n\n"
    "str(error) says what, for a person. status says which kind, in a word: invalid, not_found,\n"
    "format, unsupported, limit, io, refused. exit_code is what the command `gyre` would end\n"
    "with. file is the path that the call was given; None: it was given none.";

int add_error_type(PyObject *module)
{
    error_type = PyErr_NewExceptionWithDoc("gyre.Error", about, PyExc_RuntimeError, NULL);
    return error_type == NULL ? -1 : PyModule_AddObjectRef(module, "Error", error_type);
}

static const char *status_word(gy_status status)
{
    static const char *const words[] = {
        [GY_OK] = "ok",         [GY_REFUSED] = "refused",         [GY_INVALID] = "invalid",
        [GY_FORMAT] = "format", [GY_NOT_FOUND] = "not_found",     [GY_IO] = "io",
        [GY_LIMIT] = "limit",   [GY_UNSUPPORTED] = "unsupported", [GY_NO_MEMORY] = "no_memory",
    };
    return words[status];
}

static int set_attribute(PyObject *error, const char *name, PyObject *value)
{
    int failed = value == NULL ? -1 : PyObject_SetAttrString(error, name, value);
    Py_XDECREF(value);
    return failed;
}

PyObject *raise_error_of(gy_status status, const gy_error *err, const char *path)
{
    if (status == GY_NO_MEMORY)
        return PyErr_NoMemory();
    const char *message = err->message[0] ? err->message : gy_status_text(status);
    PyObject *error = PyObject_CallFunction(error_type, "s", message);
    if (error != NULL &&
        set_attribute(error, "status", PyUnicode_FromString(status_word(status))) == 0 &&
        set_attribute(error, "exit_code", PyLong_FromLong(gy_status_exit_code(status))) == 0 &&
        set_attribute(error, "file", Py_BuildValue("z", path)) == 0)
        PyErr_SetObject(error_type, error);
    Py_XDECREF(error);
    return NULL;
}

PyObject *raise_error(gy_status status, const gy_error *err)
{
    return raise_error_of(status, err, NULL);
}
