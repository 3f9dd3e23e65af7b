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
    if (object->owner != NULL)
        owner_drop(object->owner);
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
    if (column->type == GY_COLUMN_TENSOR) {
        size_t size = rows * gy_dtype_size(column->dtype);
        for (size_t i = 0; i < column->rank; i++)
            size *= column->shape[i];
        return size;
    }
    return column->type < sizeof(widths) / sizeof(widths[0]) ? widths[column->type] * rows : 0;
}

// (dtype, shape of one row); None: the column holds no tensors.
static PyObject *tensor_about(const gy_column *column)
{
    if (column->type != GY_COLUMN_TENSOR)
        Py_RETURN_NONE;
    PyObject *shape = PyTuple_New((Py_ssize_t)column->rank);
    for (size_t i = 0; shape != NULL && i < column->rank; i++)
        PyTuple_SetItem(shape, (Py_ssize_t)i, PyLong_FromSize_t(column->shape[i]));
    return Py_BuildValue("(sN)", gy_dtype_name(column->dtype), shape);
}

static PyObject *table_columns(PyObject *self, PyObject *unused)
{
    (void)unused;
    table_object *object = (table_object *)self;
    gy_table typed, *table = &typed;
    gy_error err = {0};
    gy_status status;
    Py_BEGIN_ALLOW_THREADS status =
        gy_table_typed(&typed, &object->table, &object->marks, object->owner->arena, &err);
    Py_END_ALLOW_THREADS if (status != GY_OK) return raise_error(status, &err);
    PyObject *list = PyList_New((Py_ssize_t)table->column_count);
    for (size_t i = 0; list != NULL && i < table->column_count; i++) {
        const gy_column *column = &table->columns[i];
        size_t bits = (table->rows + 7) / 8;
        PyObject *row = Py_BuildValue(
            "(siNNNN)", column->name, (int)column->type,
            bytes_or_none(column->values, column_bytes(column, table->rows)),
            bytes_or_none(column->offsets, column->offsets == NULL ? 0 : 8 * (table->rows + 1)),
            bytes_or_none(column->validity, bits), tensor_about(column));
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
            gy_table_ids(&object->table, &object->marks, object->owner->arena, &err);
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

static PyObject *table_arrow_stream(PyObject *self, PyObject *args)
{
    PyObject *requested = NULL; // a wish that the protocol lets us pass over
    const table_object *object = (table_object *)self;
    if (!PyArg_ParseTuple(args, "|O", &requested))
        return NULL;
    return arrow_stream(object->owner, &object->table);
}

static PyMethodDef table_methods[] = {
    {"columns", table_columns, METH_NOARGS,
     "(name, type, values, offsets, validity, (dtype, shape) of tensors) of every column, as "
     "analysis reads it"},
    {"ids", table_ids, METH_NOARGS, "the ids of the rows"},
    {"about", table_about, METH_NOARGS, "(rows, label column, file column)"},
    {"__arrow_c_stream__", table_arrow_stream, METH_VARARGS, "the table as an Arrow stream"},
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
    if (object != NULL && (object->owner = owner_new()) == NULL) {
        Py_DECREF((PyObject *)object);
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
        gy_table_read(&object->table, path, &options, object->owner->arena, &err);
    if (status == GY_OK)
        status =
            gy_table_marks(&object->marks, &object->table, &options, object->owner->arena, &err);
    Py_END_ALLOW_THREADS if (status == GY_OK) return (PyObject *)object;
    Py_DECREF((PyObject *)object);
    return raise_error_of(status, &err, path);
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

static int take_tensor(gy_column *column, PyObject *about)
{
    const char *dtype;
    PyObject *shape;
    if (!PyArg_ParseTuple(about, "sO!", &dtype, &PyTuple_Type, &shape))
        return -1;
    int known = GY_FLOAT32;
    while (known < GY_STRING && strcmp(gy_dtype_name((gy_dtype)known), dtype) != 0)
        known++;
    if (known == GY_STRING || PyTuple_Size(shape) > GY_RANK_MAX) {
        PyErr_Format(PyExc_ValueError, "column '%s': no tensors of '%s' in %zd dimensions",
                     column->name, dtype, PyTuple_Size(shape));
        return -1;
    }
    column->dtype = (gy_dtype)known;
    column->rank = (size_t)PyTuple_Size(shape);
    for (size_t i = 0; i < column->rank; i++)
        column->shape[i] = PyLong_AsSize_t(PyTuple_GetItem(shape, (Py_ssize_t)i));
    return PyErr_Occurred() ? -1 : 0;
}

static int take_column(gy_column *column, PyObject *tuple, size_t rows, gy_arena *arena)
{
    const char *name;
    int type;
    PyObject *values, *offsets, *validity, *tensor;
    if (!PyArg_ParseTuple(tuple, "siOOOO", &name, &type, &values, &offsets, &validity, &tensor))
        return -1;
    column->name = gy_arena_copy(arena, name, strlen(name));
    column->type = (gy_column_type)type;
    if (column->name == NULL)
        return -1;
    if (column->type == GY_COLUMN_TENSOR && take_tensor(column, tensor) != 0)
        return -1;
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
    if (column->type == GY_COLUMN_NULL)
        column->null_count = rows;
    return PyErr_Occurred() ? -1 : 0;
}

// One part of a table: ("arrow", capsules, name or None) or (rows, column). What it has goes behind
// the columns that are there.
static int take_part(table_object *object, PyObject *part)
{
    gy_table more = {.path = "data frame", .folder = "", .first_row = 1};
    gy_table *table = &object->table;
    gy_arena *arena = object->owner->arena;
    PyObject *capsules, *column;
    const char *name = NULL;
    Py_ssize_t rows = 0;
    if (PyTuple_Size(part) == 2) {
        if (!PyArg_ParseTuple(part, "nO", &rows, &column))
            return -1;
        more.rows = (size_t)rows;
        more.columns = GY_NEW(arena, gy_column, 1);
        more.column_count = 1;
        if (more.columns == NULL || take_column(&more.columns[0], column, more.rows, arena) != 0)
            return -1;
    } else {
        if (!PyArg_ParseTuple(part, "sOz", &name, &capsules, &name) ||
            take_arrow(&more, object->owner, capsules) != 0)
            return -1;
        more.path = "data frame";
        if (name != NULL && more.column_count == 1 &&
            (more.columns[0].name = gy_arena_copy(arena, name, strlen(name))) == NULL)
            return -1;
    }
    if (table->column_count > 0 && table->rows != more.rows) {
        PyErr_Format(PyExc_ValueError, "columns have different lengths: %zu and %zu", table->rows,
                     more.rows);
        return -1;
    }
    for (size_t i = 0; i < more.column_count; i++)
        if (gy_table_column(table, more.columns[i].name) != NULL) {
            PyErr_Format(PyExc_ValueError, "two columns have the name '%s'", more.columns[i].name);
            return -1;
        }
    size_t before = table->column_count;
    gy_column *all = GY_NEW(arena, gy_column, before + more.column_count + 1);
    if (all == NULL)
        return -1;
    if (before > 0)
        memcpy(all, table->columns, before * sizeof(*all));
    memcpy(all + before, more.columns, more.column_count * sizeof(*all));
    *table = more;
    table->columns = all;
    table->column_count += before;
    return 0;
}

PyObject *py_table_from_parts(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *parts;
    const char *label;
    if (!PyArg_ParseTuple(args, "O!z", &PyList_Type, &parts, &label))
        return NULL;
    table_object *object = table_new();
    if (object == NULL)
        return NULL;
    int failed = 0;
    for (Py_ssize_t i = 0; i < PyList_Size(parts) && !failed; i++)
        failed = take_part(object, PyList_GetItem(parts, i));
    gy_error err = {0};
    gy_status status = GY_OK;
    if (!failed)
        status = gy_table_marks(&object->marks, &object->table, &(gy_table_options){.label = label},
                                object->owner->arena, &err);
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
