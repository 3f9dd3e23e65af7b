// SPDX-License-Identifier: Apache-2.0
//
// TreeEnsembleRegressor: each target is the sum of what its trees' leaves give.

#include <string.h>

#include "model/ops/support/forest.h"
#include "model/ops/support/scores.h"

/** What infer finds out. */
typedef struct regressor {
    gy_forest *forest;
    gy_post post;
} regressor;

static gy_status regressor_infer(gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    int64_t targets = gy_node_int(node, "n_targets", 1);
    if (x->rank != 2 || x->shape[1] == 0 || targets < 1 || targets > 65536)
        return gy_node_fail(node, GY_FORMAT, err, "input of %zu dimensions, %lld targets", x->rank,
                            (long long)targets);
    const char *aggregate = gy_node_string(node, "aggregate_function", "SUM");
    bool averages = strcmp(aggregate, "AVERAGE") == 0;
    if (!averages && strcmp(aggregate, "SUM") != 0)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "aggregate_function '%.20s'", aggregate);
    regressor *made = GY_NEW(node->arena, regressor, 1);
    if (made == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for trees");
    GY_TRY(gy_post_read(&made->post, node, err));
    GY_TRY(gy_forest_read(&made->forest, node, "target", (size_t)targets, x->shape[1], err));
    made->forest->averages = averages;
    GY_TRY(gy_forest_tables(node, made->forest, x->shape[0], x->shape[1], err));
    node->state = made;
    size_t shape[] = {x->shape[0], (size_t)targets};
    return gy_tensor_set(node->outputs[0], GY_FLOAT32, shape, 2, err);
}

static gy_status regressor_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const regressor *made = node->state;
    const gy_tensor *x = node->inputs[0];
    float *y = (float *)(uintptr_t)node->outputs[0]->data;
    for (size_t n = 0; n < x->shape[0]; n++, y += made->forest->targets) {
        gy_forest_sum(y, made->forest, (const float *)x->data + n * x->shape[1]);
        gy_post_apply(y, made->forest->targets, made->post);
    }
    return GY_OK;
}

static void finish(const gy_node *node, const gy_forest *forest, size_t depth, gy_text *out)
{
    const regressor *made = node->state;
    gy_post_emit(out, forest->targets, made->post, depth);
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t k = 0; k < %zu; k++)\n", forest->targets);
    gy_indent(out, depth + 1);
    gy_text_add(out, "%s[n * %zu + k] = s[k];\n", node->outputs[0]->c_name, forest->targets);
}

static void regressor_emit(const gy_node *node, gy_text *out)
{
    const regressor *made = node->state;
    const gy_tensor *x = node->inputs[0];
    gy_forest_emit(node, made->forest, x->shape[0], x->shape[1], finish, out);
}

const gy_op gy_op_tree_ensemble_regressor = {
    .domain = "ai.onnx.ml",
    .type = "TreeEnsembleRegressor",
    .opset_min = 1,
    .inputs_min = 1,
    .inputs_max = 1,
    .outputs_max = 1,
    .infer = regressor_infer,
    .eval = regressor_eval,
    .emit = regressor_emit,
    .is_kept = true,
};
