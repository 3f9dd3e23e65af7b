// SPDX-License-Identifier: Apache-2.0
//
// Versions and the ledger, for gyre.Dataset and what it gives back.

#include "error.h"
#include "module.h"

PyObject *py_project(PyObject *module, PyObject *args)
{
    (void)module;
    const char *path;
    gy_store *store;
    gy_error err = {0};
    if (!PyArg_ParseTuple(args, "s", &path))
        return NULL;
    gy_status status = gy_store_open(&store, path, &err);
    if (status != GY_OK)
        return raise_error_of(status, &err, path);
    PyObject *folder = PyUnicode_FromString(gy_store_project(store));
    gy_store_close(store);
    return folder;
}

PyObject *py_pointer_read(PyObject *module, PyObject *args)
{
    (void)module;
    const char *path, *revision;
    gy_pointer pointer;
    gy_error err = {0};
    if (!PyArg_ParseTuple(args, "sz", &path, &revision))
        return NULL;
    gy_status status = gy_pointer_read(&pointer, path, revision, &err);
    if (status != GY_OK)
        return raise_error_of(status, &err, path);
    return Py_BuildValue("{s:s,s:K,s:K,s:N}", "root", gy_id_text(&pointer.root).text, "samples",
                         (unsigned long long)pointer.samples, "bytes",
                         (unsigned long long)pointer.bytes, "is_folder",
                         PyBool_FromLong(pointer.is_folder));
}

static PyObject *entries_list(const gy_entry *entries, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *entry = Py_BuildValue("(ss)", entries[i].path, gy_id_text(&entries[i].id).text);
        if (entry == NULL || PyList_SetItem(list, (Py_ssize_t)i, entry) != 0)
            Py_CLEAR(list);
    }
    return list;
}

PyObject *py_version_list(PyObject *module, PyObject *args)
{
    (void)module;
    const char *path, *revision;
    if (!PyArg_ParseTuple(args, "sz", &path, &revision))
        return NULL;
    gy_store *store = NULL;
    gy_pointer pointer;
    gy_entry *entries;
    size_t count;
    gy_error err = {0};
    PyObject *list = NULL;
    gy_arena *arena = gy_arena_new(0);
    gy_status status =
        arena == NULL ? GY_NO_MEMORY : gy_pointer_read(&pointer, path, revision, &err);
    if (status == GY_OK)
        status = gy_store_open(&store, path, &err);
    if (status == GY_OK)
        status = gy_store_list(&entries, &count, store, &pointer, arena, &err);
    list = status == GY_OK ? entries_list(entries, count) : raise_error_of(status, &err, path);
    gy_store_close(store);
    gy_arena_free(arena);
    return list;
}

PyObject *py_object_read(PyObject *module, PyObject *args)
{
    (void)module;
    const char *path, *name;
    if (!PyArg_ParseTuple(args, "ss", &path, &name))
        return NULL;
    gy_store *store = NULL;
    gy_id id;
    char *bytes;
    size_t size_bytes;
    gy_error err = {0};
    gy_arena *arena = gy_arena_new(0);
    gy_status status = arena == NULL ? GY_NO_MEMORY : gy_id_parse(&id, name, &err);
    if (status == GY_OK)
        status = gy_store_open(&store, path, &err);
    if (status == GY_OK)
        status = gy_store_read(&bytes, &size_bytes, store, &id, arena, &err);
    PyObject *result = status == GY_OK ? PyBytes_FromStringAndSize(bytes, (Py_ssize_t)size_bytes)
                                       : raise_error_of(status, &err, path);
    gy_store_close(store);
    gy_arena_free(arena);
    return result;
}

// Read (kind, ids, body, run, version) into a record. The strings stay with the tuple.
static int read_record(gy_record *record, PyObject *tuple, gy_arena *arena)
{
    PyObject *ids;
    if (!PyArg_ParseTuple(tuple, "sOszzs", &record->kind, &ids, &record->body, &record->run,
                          &record->version, &record->writer))
        return -1;
    Py_ssize_t count = PySequence_Size(ids);
    gy_id *parsed = count < 0 ? NULL : GY_NEW(arena, gy_id, (size_t)count);
    if (parsed == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < count; i++) {
        gy_error err = {0};
        PyObject *name = PySequence_GetItem(ids, i);
        const char *text = name == NULL ? NULL : PyUnicode_AsUTF8AndSize(name, NULL);
        gy_status status = text == NULL ? GY_INVALID : gy_id_parse(&parsed[i], text, &err);
        Py_XDECREF(name);
        if (status != GY_OK) {
            if (!PyErr_Occurred())
                raise_error(status, &err);
            return -1;
        }
    }
    record->ids = parsed;
    record->id_count = (size_t)count;
    return 0;
}

PyObject *py_ledger_append(PyObject *module, PyObject *args)
{
    (void)module;
    const char *project;
    PyObject *list;
    if (!PyArg_ParseTuple(args, "sO!", &project, &PyList_Type, &list))
        return NULL;
    size_t count = (size_t)PyList_Size(list);
    gy_error err = {0};
    gy_ledger *ledger = NULL;
    gy_arena *arena = gy_arena_new(0);
    gy_record *records = arena == NULL ? NULL : GY_NEW(arena, gy_record, count);
    if (records == NULL) {
        gy_arena_free(arena);
        return PyErr_NoMemory();
    }
    int failed = 0;
    for (size_t i = 0; i < count && !failed; i++)
        failed = read_record(&records[i], PyList_GetItem(list, (Py_ssize_t)i), arena);
    if (!failed) {
        gy_status status = gy_ledger_open(&ledger, project, &err);
        if (status == GY_OK)
            status = gy_ledger_append(ledger, records, count, &err);
        if (status != GY_OK) {
            raise_error(status, &err);
            failed = -1;
        }
    }
    gy_ledger_close(ledger);
    gy_arena_free(arena);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}
