// SPDX-License-Identifier: Apache-2.0
//
// Tables: read from files, or made from the columns of a data frame; images as one array.

#include <string.h>

#include "error.h"
#include "module.h"
#include "table.h"

PyObject *table_type;

static void table_dealloc(PyObject *self)
{
    table_object *object = (table_object *)self;
    PyTypeObject *type = Py_TYPE(self);
    gy_arena_free(object->arena);
    Py_XDECREF(object->keeps);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static PyObject *bytes_or_none(const void *bytes, size_t size_bytes)
{
    if (bytes == NULL)
        Py_RETURN_NONE;
    return PyBytes_FromStringAndSize(bytes, (Py_ssize_t)size_bytes);
}

static size_t column_bytes(const gy_column *column, size_t rows)
{
    static const size_t widths[] = {[GY_COLUMN_INT64] = 8,
                                    [GY_COLUMN_FLOAT] = 4,
                                    [GY_COLUMN_DOUBLE] = 8,
                                    [GY_COLUMN_DATE] = 4,
                                    [GY_COLUMN_TIME] = 8};
    if (column->type == GY_COLUMN_BOOL)
        return (rows + 7) / 8;
    if (column->type == GY_COLUMN_TEXT)
        return (size_t)column->offsets[rows];
    return column->type < sizeof(widths) / sizeof(widths[0]) ? widths[column->type] * rows : 0;
}

static PyObject *table_columns(PyObject *self, PyObject *unused)
{
    (void)unused;
    const gy_table *table = &((table_object *)self)->table;
    PyObject *list = PyList_New((Py_ssize_t)table->column_count);
    for (size_t i = 0; list != NULL && i < table->column_count; i++) {
        const gy_column *column = &table->columns[i];
        size_t bits = (table->rows + 7) / 8;
        PyObject *row = Py_BuildValue(
            "(siNNN)", column->name, (int)column->type,
            bytes_or_none(column->values, column_bytes(column, table->rows)),
            bytes_or_none(column->offsets, column->offsets == NULL ? 0 : 8 * (table->rows + 1)),
            bytes_or_none(column->validity, bits));
        if (row == NULL || PyList_SetItem(list, (Py_ssize_t)i, row) != 0)
            Py_CLEAR(list);
    }
    return list;
}

// The ids as 64 hex digits each; None for a record that has none.
static PyObject *table_ids(PyObject *self, PyObject *unused)
{
    (void)unused;
    table_object *object = (table_object *)self;
    gy_error err = {0};
    if (object->table.ids == NULL) {
        gy_status status;
        Py_BEGIN_ALLOW_THREADS status =
            gy_table_ids(&object->table, &object->marks, object->arena, &err);
        Py_END_ALLOW_THREADS if (status != GY_OK) return raise_error(status, &err);
    }
    PyObject *list = PyList_New((Py_ssize_t)object->table.rows);
    for (size_t row = 0; list != NULL && row < object->table.rows; row++) {
        int has = object->table.has_id == NULL || (object->table.has_id[row / 8] >> row % 8 & 1);
        PyObject *name = has ? PyUnicode_FromString(gy_id_text(&object->table.ids[row]).text)
                             : Py_NewRef(Py_None);
        if (name == NULL || PyList_SetItem(list, (Py_ssize_t)row, name) != 0)
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *table_about(PyObject *self, PyObject *unused)
{
    (void)unused;
    const table_object *object = (table_object *)self;
    return Py_BuildValue("(nzz)", (Py_ssize_t)object->table.rows, object->marks.label_column,
                         object->marks.file_column);
}

static PyMethodDef table_methods[] = {
    {"columns", table_columns, METH_NOARGS,
     "(name, type, values, offsets, validity) of every column"},
    {"ids", table_ids, METH_NOARGS, "the ids of the rows"},
    {"about", table_about, METH_NOARGS, "(rows, label column, file column)"},
    {NULL, NULL, 0, NULL},
};

int add_table_type(PyObject *module)
{
    static PyType_Slot slots[] = {
        {Py_tp_dealloc, table_dealloc}, {Py_tp_methods, table_methods}, {0, NULL}};
    static PyType_Spec spec = {"gyre._gyre.Table", sizeof(table_object), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
    table_type = PyType_FromSpec(&spec);
    return table_type == NULL ? -1 : PyModule_AddObjectRef(module, "Table", table_type);
}

static table_object *table_new(void)
{
    allocfunc allocate = (allocfunc)PyType_GetSlot((PyTypeObject *)table_type, Py_tp_alloc);
    table_object *object = (table_object *)allocate((PyTypeObject *)table_type, 0);
    if (object != NULL && (object->arena = gy_arena_new(0)) == NULL) {
        Py_DECREF((PyObject *)object);
        PyErr_NoMemory();
        return NULL;
    }
    return object;
}

PyObject *py_table_read(PyObject *module, PyObject *args)
{
    (void)module;
    const char *path, *label;
    int tolerant;
    if (!PyArg_ParseTuple(args, "szp", &path, &label, &tolerant))
        return NULL;
    table_object *object = table_new();
    if (object == NULL)
        return NULL;
    gy_table_options options = {.label = label, .tolerant = tolerant};
    gy_error err = {0};
    gy_status status;
    Py_BEGIN_ALLOW_THREADS status =
        gy_table_read(&object->table, path, &options, object->arena, &err);
    if (status == GY_OK)
        status = gy_table_marks(&object->marks, &object->table, &options, object->arena, &err);
    Py_END_ALLOW_THREADS if (status == GY_OK) return (PyObject *)object;
    Py_DECREF((PyObject *)object);
    return raise_error(status, &err);
}

// Copy what a buffer lends into the arena: the table outlives the call.
static const void *copy_buffer(PyObject *lent, gy_arena *arena, size_t at_least)
{
    if (lent == Py_None)
        return NULL;
    Py_buffer buffer;
    if (PyObject_GetBuffer(lent, &buffer, PyBUF_SIMPLE) != 0)
        return NULL;
    void *copy = NULL;
    if ((size_t)buffer.len < at_least)
        PyErr_Format(PyExc_ValueError, "a column's buffer has %zd bytes, needs %zu", buffer.len,
                     at_least);
    else if ((copy = gy_arena_copy(arena, buffer.buf, (size_t)buffer.len)) == NULL)
        PyErr_NoMemory();
    PyBuffer_Release(&buffer);
    return copy;
}

static int take_column(gy_column *column, PyObject *tuple, size_t rows, gy_arena *arena)
{
    const char *name;
    int type;
    PyObject *values, *offsets, *validity;
    if (!PyArg_ParseTuple(tuple, "siOOO", &name, &type, &values, &offsets, &validity))
        return -1;
    column->name = gy_arena_copy(arena, name, strlen(name));
    column->type = (gy_column_type)type;
    column->offsets = copy_buffer(offsets, arena, 8 * (rows + 1));
    column->validity = copy_buffer(validity, arena, (rows + 7) / 8);
    if (PyErr_Occurred())
        return -1;
    if (column->type == GY_COLUMN_TEXT && column->offsets == NULL) {
        PyErr_SetString(PyExc_ValueError, "a text column without offsets");
        return -1;
    }
    column->values = copy_buffer(values, arena, column_bytes(column, rows));
    for (size_t row = 0; column->validity != NULL && row < rows; row++)
        column->null_count += !gy_column_has(column, row);
    return column->name == NULL || PyErr_Occurred() ? -1 : 0;
}

PyObject *py_table_from_columns(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *columns;
    Py_ssize_t rows;
    const char *label;
    if (!PyArg_ParseTuple(args, "O!nz", &PyList_Type, &columns, &rows, &label))
        return NULL;
    table_object *object = table_new();
    if (object == NULL)
        return NULL;
    size_t count = (size_t)PyList_Size(columns);
    object->table = (gy_table){.path = "data frame",
                               .column_count = count,
                               .rows = (size_t)rows,
                               .first_row = 1,
                               .folder = ""};
    object->table.columns = GY_NEW(object->arena, gy_column, count + 1);
    int failed = object->table.columns == NULL;
    for (size_t i = 0; i < count && !failed; i++)
        failed = take_column(&object->table.columns[i], PyList_GetItem(columns, (Py_ssize_t)i),
                             (size_t)rows, object->arena);
    gy_error err = {0};
    gy_status status = GY_OK;
    if (!failed)
        status = gy_table_marks(&object->marks, &object->table, &(gy_table_options){.label = label},
                                object->arena, &err);
    if (!failed && status == GY_OK)
        return (PyObject *)object;
    Py_DECREF((PyObject *)object);
    if (failed)
        return PyErr_Occurred() ? NULL : PyErr_NoMemory();
    return raise_error(status, &err);
}

// Decode one source: a path, or the bytes of a file.
static gy_status decode(gy_image *image, PyObject *source, gy_arena *arena, gy_error *err)
{
    if (PyBytes_Check(source)) {
        char *bytes;
        Py_ssize_t length;
        if (PyBytes_AsStringAndSize(source, &bytes, &length) != 0)
            return gy_fail(err, GY_INVALID, "an image is neither a path nor bytes");
        return gy_image_decode(image, bytes, (size_t)length, "image", arena, err);
    }
    const char *path = PyUnicode_AsUTF8AndSize(source, NULL);
    return path == NULL ? gy_fail(err, GY_INVALID, "an image is neither a path nor bytes")
                        : gy_image_read(image, path, arena, err);
}

static PyObject *decode_all(PyObject *sources, size_t shape[3], gy_arena *arena, gy_error *err,
                            gy_status *status)
{
    Py_ssize_t count = PyList_Size(sources);
    PyObject *pixels = NULL;
    char *at = NULL;
    size_t each = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        gy_arena_mark mark = gy_arena_here(arena);
        gy_image image;
        *status = decode(&image, PyList_GetItem(sources, i), arena, err);
        if (*status == GY_OK && i > 0 &&
            (image.height != shape[0] || image.width != shape[1] || image.channels != shape[2]))
            *status = gy_fail(
                err, GY_UNSUPPORTED, "image %zd is %u x %u x %u, the first is %zu x %zu x %zu", i,
                image.height, image.width, image.channels, shape[0], shape[1], shape[2]);
        if (*status != GY_OK)
            break;
        if (i == 0) {
            shape[0] = image.height, shape[1] = image.width, shape[2] = image.channels;
            each = shape[0] * shape[1] * shape[2];
            pixels = PyByteArray_FromStringAndSize(NULL, count * (Py_ssize_t)each);
            if (pixels == NULL)
                break;
            at = PyByteArray_AsString(pixels);
        }
        memcpy(at + (size_t)i * each, image.pixels, each);
        gy_arena_rewind(arena, mark);
    }
    if (*status != GY_OK)
        Py_CLEAR(pixels);
    return pixels;
}

PyObject *py_images(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *sources;
    if (!PyArg_ParseTuple(args, "O!", &PyList_Type, &sources))
        return NULL;
    gy_arena *arena = gy_arena_new(0);
    if (arena == NULL)
        return PyErr_NoMemory();
    size_t shape[3] = {0};
    gy_error err = {0};
    gy_status status = GY_OK;
    PyObject *pixels = PyList_Size(sources) == 0 ? PyByteArray_FromStringAndSize("", 0)
                                                 : decode_all(sources, shape, arena, &err, &status);
    gy_arena_free(arena);
    if (status != GY_OK)
        return raise_error(status, &err);
    return pixels == NULL ? NULL
                          : Py_BuildValue("(Nnnn)", pixels, (Py_ssize_t)shape[0],
                                          (Py_ssize_t)shape[1], (Py_ssize_t)shape[2]);
}
