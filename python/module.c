// SPDX-License-Identifier: Apache-2.0
//
// The module gyre._gyre: thin calls into libgyre. Arrays cross as buffers, so that no numpy is
// needed to build it.

#include "module.h"

#include "error.h"
#include "table.h"

static PyObject *py_id_of_file(PyObject *module, PyObject *args)
{
    (void)module;
    const char *path;
    gy_id id;
    gy_error err = {0};
    if (!PyArg_ParseTuple(args, "s", &path))
        return NULL;
    gy_status status;
    Py_BEGIN_ALLOW_THREADS status = gy_id_of_file(&id, path, &err);
    Py_END_ALLOW_THREADS return status == GY_OK ? PyUnicode_FromString(gy_id_text(&id).text)
                                                : raise_error_of(status, &err, path);
}

static PyObject *py_ids_of_rows(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer rows;
    Py_ssize_t row_bytes;
    if (!PyArg_ParseTuple(args, "y*n", &rows, &row_bytes))
        return NULL;
    Py_ssize_t count = row_bytes > 0 ? rows.len / row_bytes : 0;
    PyObject *ids = PyList_New(count);
    for (Py_ssize_t row = 0; ids != NULL && row < count; row++) {
        gy_id id;
        gy_id_of_bytes(&id, (const char *)rows.buf + row * row_bytes, (size_t)row_bytes);
        PyObject *text = PyUnicode_FromString(gy_id_text(&id).text);
        if (text == NULL || PyList_SetItem(ids, row, text) != 0)
            Py_CLEAR(ids);
    }
    PyBuffer_Release(&rows);
    return ids;
}

static PyMethodDef methods[] = {
    {"id_of_file", py_id_of_file, METH_VARARGS,
     "id_of_file(path): SHA-256 of a file, 64 hex digits"},
    {"ids_of_rows", py_ids_of_rows, METH_VARARGS,
     "ids_of_rows(buffer, row_bytes): SHA-256 of each row"},
    {"table_read", py_table_read, METH_VARARGS, "table_read(path, label, tolerant)"},
    {"table_from_parts", py_table_from_parts, METH_VARARGS,
     "table_from_parts(parts, label): parts are columns and Arrow capsules"},
    {"images", py_images, METH_VARARGS, "images(sources): decode into one buffer"},
    {"audit", py_audit, METH_VARARGS, "audit(table, probs, seed, all, path): findings, notes"},
    {"infer", py_infer, METH_VARARGS, "infer(path, inputs, batch, reference)"},
    {"ports", py_ports, METH_VARARGS, "ports(path, batch): inputs and outputs of a model"},
    {"ledger_append", py_ledger_append, METH_VARARGS, "ledger_append(project, records)"},
    {"pointer_read", py_pointer_read, METH_VARARGS, "pointer_read(path, revision)"},
    {"version_list", py_version_list, METH_VARARGS,
     "version_list(path, revision): (path, id) of every file"},
    {"object_read", py_object_read, METH_VARARGS, "object_read(path, id): verified bytes"},
    {"project", py_project, METH_VARARGS, "project(path): the project's folder"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "gyre._gyre", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__gyre(void);
PyMODINIT_FUNC PyInit__gyre(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL)
        return NULL;
    if (add_error_type(module) != 0 || add_table_type(module) != 0 ||
        PyModule_AddStringConstant(module, "version", gy_version()) != 0)
        Py_CLEAR(module);
    return module;
}
