// SPDX-License-Identifier: Apache-2.0
//
// What LinearRegressor and LinearClassifier share.

#include "model/ops/support/linear.h"

#include "rt/math.h"

gy_status gy_linear_tables(gy_node *node, size_t outputs, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    GY_TRY(gy_node_type(node, 0, GY_NUMBERS, err));
    if (x->rank != 2 || x->shape[1] == 0)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "input of %zu dimensions", x->rank);
    const gy_attribute *given = gy_node_attribute(node, "coefficients");
    if (given == NULL || given->kind != GY_ATTRIBUTE_FLOATS ||
        given->count / x->shape[1] != outputs || given->count % x->shape[1] != 0)
        return gy_node_fail(node, GY_FORMAT, err,
                            "coefficients do not fit %zu outputs of %zu "
                            "features",
                            outputs, x->shape[1]);
    GY_TRY(gy_table_floats(node, 0, "coefficients", given->count, 0.0f, err));
    return gy_table_floats(node, 1, "intercepts", outputs, 0.0f, err);
}

void gy_linear_sum(float *sums, const gy_node *node, size_t outputs, size_t n)
{
    const gy_tensor *x = node->inputs[0];
    const float *weights = node->tables[0]->data, *start = node->tables[1]->data;
    size_t features = x->shape[1];
    for (size_t k = 0; k < outputs; k++) {
        sums[k] = start[k];
        for (size_t i = 0; i < features; i++)
            sums[k] = gy_fmaf(gy_float_at(x, n * features + i), weights[k * features + i], sums[k]);
    }
}

void gy_linear_emit(const gy_node *node, size_t outputs, size_t depth, gy_text *out)
{
    const gy_tensor *x = node->inputs[0];
    size_t features = x->shape[1];
    gy_indent(out, depth);
    gy_text_add(out, "float s[%zu];\n", outputs);
    size_t inner = gy_emit_for(out, "k", outputs, depth);
    gy_indent(out, inner);
    gy_text_add(out, "s[k] = %s[k];\n", node->tables[1]->c_name);
    gy_indent(out, inner);
    gy_text_add(out, "for (size_t i = 0; i < %zu; i++)\n", features);
    gy_indent(out, inner + 1);
    gy_text_add(out, "s[k] = gy_fmaf((float)%s[n * %zu + i], %s[k * %zu + i], s[k]);\n", x->c_name,
                features, node->tables[0]->c_name, features);
    gy_emit_close(out, depth, inner);
}
