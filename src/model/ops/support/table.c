// SPDX-License-Identifier: Apache-2.0
//
// Tables from attributes.

#include "model/ops/support/table.h"

#include <string.h>

gy_status gy_tables_reserve(gy_node *node, size_t count, gy_error *err)
{
    if (node->tables == NULL)
        node->tables = GY_NEW(node->arena, gy_tensor *, GY_TABLES_MAX);
    if (node->tables == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for its tables");
    if (count > node->table_count)
        node->table_count = count;
    return GY_OK;
}

gy_status gy_table_floats(gy_node *node, size_t place, const char *name, size_t count,
                          float otherwise, gy_error *err)
{
    const gy_attribute *given = gy_node_attribute(node, name);
    size_t given_count = given != NULL && given->kind == GY_ATTRIBUTE_FLOATS ? given->count : 0;
    if (given_count > 1 && given_count != count)
        return gy_node_fail(node, GY_FORMAT, err, "%s has %zu values, must be %zu", name,
                            given_count, count);
    void *data;
    GY_TRY(gy_tables_reserve(node, place + 1, err));
    GY_TRY(gy_tensor_constant(&node->tables[place], &data, node->arena, name, GY_FLOAT32, &count, 1,
                              err));
    for (size_t i = 0; i < count; i++)
        ((float *)data)[i] = given_count == 0 ? otherwise : given->floats[given_count == 1 ? 0 : i];
    return GY_OK;
}

gy_status gy_table_ints(gy_node *node, size_t place, const char *name, gy_error *err)
{
    size_t count;
    void *data;
    const int64_t *given = gy_node_ints(node, name, &count);
    GY_TRY(gy_tables_reserve(node, place + 1, err));
    GY_TRY(gy_tensor_constant(&node->tables[place], &data, node->arena, name, GY_INT64, &count, 1,
                              err));
    if (count > 0)
        memcpy(data, given, count * sizeof(int64_t));
    return GY_OK;
}
