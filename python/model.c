// SPDX-License-Identifier: Apache-2.0
//
// Models through the reference of libgyre.

#include <string.h>

#include "error.h"
#include "module.h"

static gy_status open_model(gy_model **model, const char *path, Py_ssize_t batch, gy_error *err)
{
    return gy_model_open(model, path, &(gy_model_options){.batch = (size_t)batch}, err);
}

static PyObject *ports_list(const gy_port *ports, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *shape = PyTuple_New((Py_ssize_t)ports[i].rank);
        for (size_t axis = 0; shape != NULL && axis < ports[i].rank; axis++)
            PyTuple_SetItem(shape, (Py_ssize_t)axis, PyLong_FromSize_t(ports[i].shape[axis]));
        PyObject *port =
            Py_BuildValue("(ssN)", ports[i].name, gy_dtype_name(ports[i].dtype), shape);
        if (port == NULL || PyList_SetItem(list, (Py_ssize_t)i, port) != 0)
            Py_CLEAR(list);
    }
    return list;
}

PyObject *py_ports(PyObject *module, PyObject *args)
{
    (void)module;
    const char *path;
    Py_ssize_t batch;
    gy_model *model;
    gy_error err = {0};
    if (!PyArg_ParseTuple(args, "sn", &path, &batch))
        return NULL;
    gy_status status = open_model(&model, path, batch, &err);
    if (status != GY_OK)
        return raise_error_of(status, &err, path);
    size_t inputs, outputs;
    const gy_port *in = gy_model_inputs(model, &inputs), *out = gy_model_outputs(model, &outputs);
    PyObject *result = Py_BuildValue("(NN)", ports_list(in, inputs), ports_list(out, outputs));
    gy_model_close(model);
    return result;
}

// Point the model's input arrays at the buffers that the caller lends for the call.
static int take_inputs(gy_array *arrays, Py_buffer *buffers, const gy_port *ports, size_t count,
                       PyObject *inputs)
{
    for (size_t i = 0; i < count; i++) {
        PyObject *lent = PyList_GetItem(inputs, (Py_ssize_t)i);
        if (lent == NULL || PyObject_GetBuffer(lent, &buffers[i], PyBUF_SIMPLE) != 0)
            return -1;
        if ((size_t)buffers[i].len != ports[i].count * gy_dtype_size(ports[i].dtype)) {
            PyErr_Format(PyExc_ValueError, "input '%s' has %zd bytes, the model takes %zu",
                         ports[i].name, buffers[i].len,
                         ports[i].count * gy_dtype_size(ports[i].dtype));
            return -1;
        }
        arrays[i] = (gy_array){.name = ports[i].name,
                               .dtype = ports[i].dtype,
                               .rank = ports[i].rank,
                               .count = ports[i].count,
                               .data = buffers[i].buf};
        memcpy(arrays[i].shape, ports[i].shape, sizeof(arrays[i].shape));
    }
    return 0;
}

static PyObject *outputs_list(const gy_array *outputs, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *bytes = PyByteArray_FromStringAndSize(
            outputs[i].data, (Py_ssize_t)(outputs[i].count * gy_dtype_size(outputs[i].dtype)));
        if (bytes == NULL || PyList_SetItem(list, (Py_ssize_t)i, bytes) != 0)
            Py_CLEAR(list);
    }
    return list;
}

enum { PORTS_MAX = 64 };

static PyObject *run_model(gy_model *model, PyObject *inputs)
{
    size_t in_count, out_count;
    const gy_port *in = gy_model_inputs(model, &in_count);
    gy_model_outputs(model, &out_count);
    if (in_count > PORTS_MAX || out_count > PORTS_MAX || (size_t)PyList_Size(inputs) != in_count)
        return PyErr_Format(PyExc_ValueError, "the model takes %zu inputs, %zd are given", in_count,
                            PyList_Size(inputs));
    gy_array arrays[PORTS_MAX], outputs[PORTS_MAX];
    Py_buffer buffers[PORTS_MAX] = {0};
    gy_error err = {0};
    gy_arena *arena = gy_arena_new(0);
    PyObject *result = NULL;
    if (arena != NULL && take_inputs(arrays, buffers, in, in_count, inputs) == 0) {
        gy_status status;
        Py_BEGIN_ALLOW_THREADS status = gy_model_run(outputs, model, arrays, in_count, arena, &err);
        Py_END_ALLOW_THREADS result =
            status == GY_OK ? outputs_list(outputs, out_count) : raise_error(status, &err);
    }
    for (size_t i = 0; i < in_count; i++)
        if (buffers[i].obj != NULL)
            PyBuffer_Release(&buffers[i]);
    gy_arena_free(arena);
    return result;
}

PyObject *py_infer(PyObject *module, PyObject *args)
{
    (void)module;
    const char *path;
    PyObject *inputs;
    Py_ssize_t batch;
    gy_model *model;
    gy_error err = {0};
    if (!PyArg_ParseTuple(args, "sO!n", &path, &PyList_Type, &inputs, &batch))
        return NULL;
    gy_status status = open_model(&model, path, batch, &err);
    if (status != GY_OK)
        return raise_error_of(status, &err, path);
    PyObject *result = run_model(model, inputs);
    gy_model_close(model);
    return result;
}
