// SPDX-License-Identifier: Apache-2.0
//
// The audit of a table.

#include <string.h>

#include "error.h"
#include "module.h"
#include "table.h"

// The caller's probabilities have a row a table row; the audit wants one a sample.
static gy_status take_probabilities(const float **taken, const Py_buffer *lent,
                                    const gy_samples *samples, size_t rows, gy_arena *arena,
                                    gy_error *err)
{
    size_t row_bytes = samples->class_count * sizeof(float);
    if ((size_t)lent->len != rows * row_bytes)
        return gy_fail(err, GY_INVALID,
                       "probs has %zd numbers, must have %zu: a row for each of %zu rows, a column "
                       "for each of %zu classes",
                       lent->len / (Py_ssize_t)sizeof(float), rows * samples->class_count, rows,
                       samples->class_count);
    float *copy = GY_NEW(arena, float, samples->rows * samples->class_count);
    if (copy == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the probabilities of %zu samples",
                       samples->rows);
    for (size_t i = 0; i < samples->rows; i++)
        memcpy(copy + i * samples->class_count,
               (const char *)lent->buf + samples->row_of[i] * row_bytes, row_bytes);
    *taken = copy;
    return GY_OK;
}

static PyObject *finding_dict(const gy_finding *finding)
{
    return Py_BuildValue("{s:s,s:n,s:s,s:d,s:z,s:z,s:z,s:z}", "id", gy_id_text(&finding->id).text,
                         "row", (Py_ssize_t)finding->row, "kind",
                         gy_finding_kind_name(finding->kind), "score", finding->score, "given",
                         finding->given, "suggested", finding->suggested, "reason", finding->reason,
                         "soft", finding->soft);
}

static PyObject *findings_list(const gy_finding *findings, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *row = finding_dict(&findings[i]);
        if (row == NULL || PyList_SetItem(list, (Py_ssize_t)i, row) != 0)
            Py_CLEAR(list);
    }
    return list;
}

static gy_status audit(gy_finding **findings, size_t *count, const char **note,
                       table_object *object, const Py_buffer *probabilities,
                       gy_audit_options *options, int all, gy_arena *arena, gy_error *err)
{
    gy_samples samples;
    gy_audit result;
    if (object->table.ids == NULL)
        GY_TRY(gy_table_ids(&object->table, &object->marks, object->owner->arena, err));
    GY_TRY(gy_samples_read(&samples, &object->table, &object->marks, arena, err));
    *note = samples.note;
    if (probabilities->buf != NULL)
        GY_TRY(take_probabilities(&options->probabilities, probabilities, &samples,
                                  object->table.rows, arena, err));
    GY_TRY(gy_value_audit(&result, &samples, options, arena, err));
    return gy_audit_findings(findings, count, &result, &samples, all, arena, err);
}

PyObject *py_audit(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *table;
    Py_buffer probabilities;
    unsigned long long seed;
    int all;
    const char *path;
    if (!PyArg_ParseTuple(args, "O!z*Kpz", table_type, &table, &probabilities, &seed, &all, &path))
        return NULL;
    gy_audit_options options = {.seed = seed};
    gy_finding *findings = NULL;
    const char *note = "";
    size_t count = 0;
    gy_error err = {0};
    gy_status status = GY_NO_MEMORY;
    gy_arena *arena = gy_arena_new(0);
    if (arena != NULL) {
        Py_BEGIN_ALLOW_THREADS status = audit(&findings, &count, &note, (table_object *)table,
                                              &probabilities, &options, all, arena, &err);
        Py_END_ALLOW_THREADS
    }
    PyObject *result = status == GY_OK ? Py_BuildValue("(Ns)", findings_list(findings, count), note)
                                       : raise_error_of(status, &err, path);
    gy_arena_free(arena);
    PyBuffer_Release(&probabilities);
    return result;
}
