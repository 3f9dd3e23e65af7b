// SPDX-License-Identifier: Apache-2.0
//
// What follows a node and can be computed in it: the walk from one sole user to the next.

#include "compile/lower_fuse.h"

#include "rt/math.h"

gy_fused gy_fuse_start(const gy_tensor *tail)
{
    return (gy_fused){
        .tail = tail, .low = gy_bits_float(0xff800000u), .high = gy_bits_float(0x7f800000u)};
}

void gy_fuse_take(gy_fused *fused, gy_node *node)
{
    node->mark = GY_LOWERED;
    fused->tail = node->outputs[0];
}

// The bound that Clip has as attribute (before opset 11) or input; false: it is not known.
static bool read_bound(float *bound, const gy_node *node, size_t input, const char *attribute)
{
    if (node->opset < 11) {
        *bound = gy_node_float(node, attribute, *bound);
        return true;
    }
    const gy_tensor *given = input < node->input_count ? node->inputs[input] : NULL;
    if (given == NULL)
        return true;
    if (!given->is_constant || given->dtype != GY_FLOAT32 || given->count != 1)
        return false;
    *bound = (float)gy_tensor_number_at(given, 0);
    return *bound == *bound;
}

void gy_fuse_clip(gy_fused *fused, gy_lowering *l)
{
    gy_node *user = gy_lowering_sole_user(l, fused->tail);
    gy_fused bounds = gy_fuse_start(NULL);
    if (user == NULL || fused->tail->dtype != GY_FLOAT32)
        return;
    if (gy_node_is(user, "Relu"))
        bounds.low = 0.0f;
    else if (!gy_node_is(user, "Clip") || !read_bound(&bounds.low, user, 1, "min") ||
             !read_bound(&bounds.high, user, 2, "max") || user->inputs[0] != fused->tail)
        return;
    fused->low = bounds.low;
    fused->high = bounds.high;
    gy_fuse_take(fused, user);
}

gy_node *gy_fuse_find_pool(gy_window *window, const gy_lowering *l, const gy_tensor *tail)
{
    gy_node *user = gy_lowering_sole_user(l, tail);
    if (user == NULL || !gy_node_is(user, "MaxPool") || tail->rank != 4 ||
        (user->output_count > 1 && user->outputs[1] != NULL) ||
        gy_window_read(window, user, NULL, NULL) != GY_OK)
        return NULL;
    for (size_t i = 1; i < 3; i++)
        if (window->kernel[i] != window->stride[i] || window->dilation[i] != 1 ||
            window->pad[i] != 0 || window->out[i] * window->kernel[i] > window->in[i])
            return NULL;
    return user;
}
