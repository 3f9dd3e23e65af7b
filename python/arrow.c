// SPDX-License-Identifier: Apache-2.0
//
// The Arrow PyCapsule interface: batches that other libraries lend us, and our tables as a stream.

#include "arrow.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

// What one object lent: its schema and batches, released with the table that points into them.
struct lent {
    struct lent *next;
    struct ArrowSchema schema;
    struct ArrowArray *arrays;
    size_t count, capacity;
};

static void lent_free(struct lent *of)
{
    for (size_t i = 0; i < of->count; i++)
        if (of->arrays[i].release != NULL)
            of->arrays[i].release(&of->arrays[i]);
    if (of->schema.release != NULL)
        of->schema.release(&of->schema);
    free(of->arrays);
    free(of);
}

void owner_drop(void *context)
{
    owner *of = context;
    if (__atomic_sub_fetch(&of->shares, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    while (of->first != NULL) {
        struct lent *next = of->first->next;
        lent_free(of->first);
        of->first = next;
    }
    gy_arena_free(of->arena);
    free(of);
}

owner *owner_new(void)
{
    owner *of = calloc(1, sizeof(*of));
    if (of == NULL || (of->arena = gy_arena_new(0)) == NULL) {
        free(of);
        PyErr_NoMemory();
        return NULL;
    }
    of->shares = 1;
    return of;
}

// ---- in

static int lent_add(struct lent *of, const struct ArrowArray *array)
{
    if (of->count == of->capacity) {
        size_t grown = of->capacity == 0 ? 8 : 2 * of->capacity;
        struct ArrowArray *more = realloc(of->arrays, grown * sizeof(*more));
        if (more == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        of->arrays = more;
        of->capacity = grown;
    }
    of->arrays[of->count++] = *array;
    return 0;
}

static int read_stream(struct lent *of, struct ArrowArrayStream *stream)
{
    int failed = stream->get_schema(stream, &of->schema);
    for (struct ArrowArray array = {0}; failed == 0; array = (struct ArrowArray){0}) {
        failed = stream->get_next(stream, &array);
        if (failed != 0 || array.release == NULL)
            break;
        if (lent_add(of, &array) != 0) {
            array.release(&array);
            return -1;
        }
    }
    if (failed == 0)
        return 0;
    const char *said = stream->get_last_error(stream);
    PyErr_Format(PyExc_ValueError, "the data cannot be read as Arrow: %s",
                 said == NULL ? strerror(failed) : said);
    return -1;
}

// Move what the capsules hold: a stream, or the pair (schema, array).
static int take_capsules(struct lent *of, PyObject *capsules)
{
    if (!PyTuple_Check(capsules)) {
        struct ArrowArrayStream *stream = PyCapsule_GetPointer(capsules, "arrow_array_stream");
        return stream == NULL ? -1 : read_stream(of, stream);
    }
    PyObject *first, *second;
    if (!PyArg_ParseTuple(capsules, "OO", &first, &second))
        return -1;
    struct ArrowSchema *schema = PyCapsule_GetPointer(first, "arrow_schema");
    struct ArrowArray *array = schema == NULL ? NULL : PyCapsule_GetPointer(second, "arrow_array");
    if (array == NULL || lent_add(of, array) != 0)
        return -1;
    of->schema = *schema;
    schema->release = NULL;
    array->release = NULL;
    return 0;
}

int take_arrow(gy_table *table, owner *to, PyObject *capsules)
{
    struct lent *of = calloc(1, sizeof(*of));
    if (of == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    of->next = to->first;
    to->first = of;
    if (take_capsules(of, capsules) != 0)
        return -1;
    gy_error err = {0};
    gy_status status;
    Py_BEGIN_ALLOW_THREADS status =
        gy_table_import_arrow(table, &of->schema, of->arrays, of->count, to->arena, &err);
    Py_END_ALLOW_THREADS if (status == GY_OK) return 0;
    raise_error(status, &err);
    return -1;
}

// ---- out

// A capsule that nobody took releases what it holds.
static void stream_capsule_free(PyObject *capsule)
{
    struct ArrowArrayStream *stream = PyCapsule_GetPointer(capsule, "arrow_array_stream");
    if (stream != NULL && stream->release != NULL)
        stream->release(stream);
    free(stream);
}

PyObject *arrow_stream(owner *of, const gy_table *table)
{
    // A copy in the arena: it outlives the Python object.
    gy_table *copy = GY_NEW(of->arena, gy_table, 1);
    struct ArrowArrayStream *stream = malloc(sizeof(*stream));
    if (copy == NULL || stream == NULL) {
        free(stream);
        return PyErr_NoMemory();
    }
    *copy = *table;
    gy_error err = {0};
    __atomic_add_fetch(&of->shares, 1, __ATOMIC_RELAXED);
    gy_status status = gy_table_stream_arrow(stream, copy, owner_drop, of, &err);
    if (status != GY_OK) {
        owner_drop(of);
        free(stream);
        return raise_error(status, &err);
    }
    PyObject *capsule = PyCapsule_New(stream, "arrow_array_stream", stream_capsule_free);
    if (capsule == NULL) {
        stream->release(stream);
        free(stream);
    }
    return capsule;
}
