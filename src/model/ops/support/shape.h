// SPDX-License-Identifier: Apache-2.0
//
// Operators that only rename, reorder or repeat elements.
#ifndef GYRE_MODEL_OPS_SUPPORT_SHAPE_H
#define GYRE_MODEL_OPS_SUPPORT_SHAPE_H

#include "model/ops/support/loop.h"

/** Input 0 as it is, under another shape: Reshape, Flatten, Identity. */
gy_status gy_same_eval(const gy_node *node, gy_error *err);
void gy_same_emit(const gy_node *node, gy_text *out);
gy_status gy_same_infer(gy_node *node, gy_error *err); // and under its own shape

/** Give the node's output 0 a value that is known while reading: the node goes. */
void gy_node_becomes(gy_node *node, const gy_tensor *constant);

/** Input i, a constant, as the sizes of a tensor. @param shape [out] [GY_RANK_MAX]. */
gy_status gy_node_shape_input(size_t *shape, size_t *rank, const gy_node *node, size_t i,
                              gy_error *err) GY_CHECKED;

/** Axes from input i or an attribute, checked, as a bit set; *given false: neither is there. */
gy_status gy_node_axes(uint32_t *axes, bool *given, const gy_node *node, size_t i,
                       const char *attribute, size_t rank, gy_error *err) GY_CHECKED;

/** An operator whose output 0 is input 0 copied along one nest; nest fills it from the node. */
#define GY_NEST_EVAL(name, nest)                                                              \
    static gy_status name(const gy_node *node, gy_error *err)                                 \
    {                                                                                         \
        gy_loop loop;                                                                         \
        GY_TRY(nest(&loop, node, err));                                                       \
        gy_loop_copy(&loop, (void *)(uintptr_t)node->outputs[0]->data, node->inputs[0]->data, \
                     node->inputs[0]->dtype);                                                 \
        return GY_OK;                                                                         \
    }
#define GY_NEST_EMIT(name, nest)                                                              \
    static void name(const gy_node *node, gy_text *out)                                       \
    {                                                                                         \
        gy_loop loop;                                                                         \
        if (nest(&loop, node, NULL) == GY_OK)                                                 \
            gy_loop_emit_copy(out, &loop, node->outputs[0]->c_name, node->inputs[0]->c_name); \
    }

#endif
