// SPDX-License-Identifier: Apache-2.0
//
// Graphs: attributes by name, tensors by element, new nodes and constants.

#include "model/graph.h"

#include <assert.h>
#include <string.h>

#include "model/op.h"

const gy_attribute *gy_node_attribute(const gy_node *node, const char *name)
{
    for (size_t i = 0; i < node->attribute_count; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return &node->attributes[i];
    return NULL;
}

int64_t gy_node_int(const gy_node *node, const char *name, int64_t otherwise)
{
    const gy_attribute *attribute = gy_node_attribute(node, name);
    return attribute != NULL && attribute->kind == GY_ATTRIBUTE_INT ? attribute->integer
                                                                    : otherwise;
}

float gy_node_float(const gy_node *node, const char *name, float otherwise)
{
    const gy_attribute *attribute = gy_node_attribute(node, name);
    return attribute != NULL && attribute->kind == GY_ATTRIBUTE_FLOAT ? attribute->number
                                                                      : otherwise;
}

const int64_t *gy_node_ints(const gy_node *node, const char *name, size_t *count)
{
    const gy_attribute *attribute = gy_node_attribute(node, name);
    bool given = attribute != NULL && attribute->kind == GY_ATTRIBUTE_INTS;
    *count = given ? attribute->count : 0;
    return given ? attribute->ints : NULL;
}

const char *gy_node_string(const gy_node *node, const char *name, const char *otherwise)
{
    const gy_attribute *attribute = gy_node_attribute(node, name);
    return attribute != NULL && attribute->kind == GY_ATTRIBUTE_STRING ? attribute->text
                                                                       : otherwise;
}

gy_node *gy_node_new(gy_arena *arena, const gy_op *op, int opset, const char *name, size_t inputs,
                     size_t outputs)
{
    gy_node *node = GY_NEW(arena, gy_node, 1);
    gy_tensor **ports = GY_NEW(arena, gy_tensor *, inputs + outputs);
    if (node == NULL || ports == NULL)
        return NULL;
    *node = (gy_node){.name = name,
                      .op = op,
                      .opset = opset,
                      .inputs = ports,
                      .outputs = ports + inputs,
                      .input_count = inputs,
                      .output_count = outputs,
                      .arena = arena};
    return node;
}

gy_tensor *gy_tensor_new(gy_arena *arena, const char *name)
{
    gy_tensor *tensor = GY_NEW(arena, gy_tensor, 1);
    if (tensor != NULL)
        *tensor = (gy_tensor){.name = name, .c_name = "", .count = 1};
    return tensor;
}

gy_status gy_tensor_constant(gy_tensor **tensor, void **data, gy_arena *arena, const char *name,
                             gy_dtype dtype, const size_t *shape, size_t rank, gy_error *err)
{
    gy_tensor *made = gy_tensor_new(arena, name);
    if (made == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for constant '%s'", name);
    GY_TRY(gy_tensor_set(made, dtype, shape, rank, err));
    *data = gy_arena_take(arena, made->count, gy_dtype_size(dtype));
    if (*data == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for constant '%s' of %zu elements", name,
                       made->count);
    made->data = *data;
    made->is_constant = true;
    *tensor = made;
    return GY_OK;
}

void gy_tensor_like(gy_tensor *tensor, const gy_tensor *other)
{
    tensor->dtype = other->dtype;
    tensor->rank = other->rank;
    tensor->count = other->count;
    memcpy(tensor->shape, other->shape, sizeof(tensor->shape));
}

gy_status gy_tensor_set(gy_tensor *tensor, gy_dtype dtype, const size_t *shape, size_t rank,
                        gy_error *err)
{
    if (rank > GY_RANK_MAX)
        return gy_fail(err, GY_LIMIT, "'%s' has %zu dimensions, over %d", tensor->name, rank,
                       GY_RANK_MAX);
    // The bound is kept with zeros left out too, so that strides never overflow.
    size_t extent = 1, count = 1;
    for (size_t i = 0; i < rank; i++) {
        size_t dim = shape[i] == 0 ? 1 : shape[i];
        if (dim > (size_t)INT32_MAX / extent)
            return gy_fail(err, GY_LIMIT, "'%s' has over %d elements", tensor->name, INT32_MAX);
        extent *= dim;
        count *= shape[i];
    }
    tensor->dtype = dtype;
    tensor->rank = rank;
    tensor->count = count;
    memset(tensor->shape, 0, sizeof(tensor->shape));
    if (rank > 0)
        memcpy(tensor->shape, shape, rank * sizeof(size_t));
    return GY_OK;
}

gy_status gy_tensor_align(gy_tensor *tensor, gy_arena *arena, gy_error *err)
{
    if (!tensor->is_unaligned)
        return GY_OK;
    size_t size_bytes = gy_dtype_size(tensor->dtype);
    void *copy = gy_arena_take(arena, tensor->count, size_bytes);
    if (copy == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for constant '%s' of %zu elements",
                       tensor->name, tensor->count);
    if (tensor->count > 0)
        memcpy(copy, tensor->data, tensor->count * size_bytes);
    tensor->data = copy;
    tensor->is_unaligned = false;
    return GY_OK;
}

// CASE(dtype, C type): read element i, wherever it lies.
#define CASES(CASE)           \
    CASE(GY_FLOAT32, float)   \
    CASE(GY_FLOAT64, double)  \
    CASE(GY_INT8, int8_t)     \
    CASE(GY_UINT8, uint8_t)   \
    CASE(GY_BOOL, uint8_t)    \
    CASE(GY_INT16, int16_t)   \
    CASE(GY_UINT16, uint16_t) \
    CASE(GY_INT32, int32_t)   \
    CASE(GY_UINT32, uint32_t) \
    CASE(GY_INT64, int64_t)   \
    CASE(GY_UINT64, uint64_t)

int64_t gy_tensor_int_at(const gy_tensor *tensor, size_t i)
{
    assert(i < tensor->count);
    if (tensor->dtype == GY_FLOAT32 || tensor->dtype == GY_FLOAT64) {
        double number = gy_tensor_number_at(tensor, i);
        return number > -0x1p62 && number < 0x1p62 ? (int64_t)number : 0;
    }
    switch (tensor->dtype) {
#define CASE(type, c_type)                                                              \
    case type: {                                                                        \
        c_type value;                                                                   \
        memcpy(&value, (const char *)tensor->data + i * sizeof(c_type), sizeof(value)); \
        return (int64_t)value;                                                          \
    }
        CASES(CASE)
#undef CASE
    default:
        return 0;
    }
}

double gy_tensor_number_at(const gy_tensor *tensor, size_t i)
{
    assert(i < tensor->count);
    switch (tensor->dtype) {
#define CASE(type, c_type)                                                              \
    case type: {                                                                        \
        c_type value;                                                                   \
        memcpy(&value, (const char *)tensor->data + i * sizeof(c_type), sizeof(value)); \
        return (double)value;                                                           \
    }
        CASES(CASE)
#undef CASE
    default:
        return 0.0;
    }
}

const char *gy_tensor_string_at(const gy_tensor *tensor, size_t i)
{
    assert(tensor->dtype == GY_STRING && i < tensor->count);
    return ((const char *const *)tensor->data)[i];
}
