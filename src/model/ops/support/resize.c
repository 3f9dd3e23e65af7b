// SPDX-License-Identifier: Apache-2.0
//
// Where each output place of a Resize reads, and with which weights: computed once, in double.

#include "model/ops/support/resize.h"

#include <math.h>
#include <string.h>

static gy_status check(const gy_resize *r, const gy_node *node, gy_error *err)
{
    static const char *const places[] = {"half_pixel", "pytorch_half_pixel", "align_corners",
                                         "asymmetric", "half_pixel_symmetric"};
    bool known = false;
    for (size_t i = 0; i < 5; i++)
        known = known || strcmp(r->place, places[i]) == 0;
    if (!known)
        return gy_node_fail(node, GY_UNSUPPORTED, err,
                            "coordinate_transformation_mode '%.40s' is not supported", r->place);
    if (gy_node_int(node, "antialias", 0) != 0)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "Resize with antialias is not supported");
    return GY_OK;
}

static gy_status read_mode(gy_resize *r, const gy_node *node, gy_error *err)
{
    const char *mode = gy_node_string(node, "mode", "nearest");
    if (strcmp(mode, "nearest") != 0 && strcmp(mode, "linear") != 0 && strcmp(mode, "cubic") != 0)
        return gy_node_fail(node, GY_FORMAT, err, "mode '%.20s'", mode);
    r->mode = mode[0] == 'n'   ? GY_RESIZE_NEAREST
              : mode[0] == 'l' ? GY_RESIZE_LINEAR
                               : GY_RESIZE_CUBIC;
    r->place = gy_node_string(node, "coordinate_transformation_mode", "half_pixel");
    r->nearest = gy_node_string(node, "nearest_mode", "round_prefer_floor");
    r->cubic = gy_node_float(node, "cubic_coeff_a", -0.75f);
    r->leaves_out = gy_node_int(node, "exclude_outside", 0) != 0;
    return check(r, node, err);
}

// Scales or sizes, for all axes or for those of the attribute `axes`.
static gy_status read_axes(size_t *axes, size_t *count, const gy_node *node, gy_error *err)
{
    const int64_t *given = gy_node_ints(node, "axes", count);
    size_t rank = node->inputs[0]->rank;
    if (given == NULL)
        *count = rank;
    if (*count > rank)
        return gy_node_fail(node, GY_FORMAT, err, "%zu axes of %zu", *count, rank);
    for (size_t i = 0; i < *count; i++) {
        axes[i] = i;
        if (given != NULL)
            GY_TRY(gy_node_axis(&axes[i], node, given[i], rank, false, err));
    }
    return GY_OK;
}

// keep_aspect_ratio_policy: one scale for all the named axes.
static void keep_aspect(gy_resize *r, const gy_node *node, const size_t *axes, size_t count)
{
    const char *policy = gy_node_string(node, "keep_aspect_ratio_policy", "stretch");
    bool larger = strcmp(policy, "not_larger") != 0;
    if (strcmp(policy, "stretch") == 0 || count == 0)
        return;
    double scale = r->scale[axes[0]];
    for (size_t i = 1; i < count; i++)
        if (larger ? r->scale[axes[i]] > scale : r->scale[axes[i]] < scale)
            scale = r->scale[axes[i]];
    for (size_t i = 0; i < count; i++) {
        r->scale[axes[i]] = scale;
        r->out[axes[i]] = (size_t)floor(scale * (double)node->inputs[0]->shape[axes[i]] + 0.5);
    }
}

gy_status gy_resize_read(gy_resize *r, const gy_node *node, gy_error *err)
{
    const gy_tensor *x = node->inputs[0], *scales = gy_node_input(node, 2);
    const gy_tensor *sizes = gy_node_input(node, 3);
    size_t axes[GY_RANK_MAX], count;
    GY_TRY(read_mode(r, node, err));
    GY_TRY(read_axes(axes, &count, node, err));
    bool by_size = sizes != NULL && sizes->count > 0;
    const gy_tensor *given = by_size ? sizes : scales;
    if (given == NULL || !given->is_constant)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "Resize without constant scales or sizes");
    if (given->count != count)
        return gy_node_fail(node, GY_FORMAT, err, "%zu scales or sizes for %zu axes", given->count,
                            count);
    for (size_t i = 0; i < x->rank; i++) {
        r->out[i] = x->shape[i];
        r->scale[i] = 1.0;
    }
    for (size_t i = 0; i < count; i++) {
        double value = gy_tensor_number_at(given, i), size = (double)x->shape[axes[i]];
        double out = by_size ? value : floor(size * value);
        if (!(value > 0.0) || !(out < (double)INT32_MAX) || size == 0.0)
            return gy_node_fail(node, GY_FORMAT, err, "axis %zu of %zu resized by %g", axes[i],
                                x->shape[axes[i]], value);
        r->out[axes[i]] = (size_t)out;
        r->scale[axes[i]] = by_size ? value / size : value;
    }
    if (by_size)
        keep_aspect(r, node, axes, count);
    return GY_OK;
}

// Where place o of the output lies in the input.
static double coordinate(const gy_resize *r, size_t axis, size_t o, size_t in)
{
    double scale = r->scale[axis], at = (double)o, out = (double)r->out[axis];
    if (strcmp(r->place, "asymmetric") == 0)
        return at / scale;
    if (strcmp(r->place, "align_corners") == 0)
        return r->out[axis] == 1 ? 0.0 : at * ((double)in - 1.0) / (out - 1.0);
    if (strcmp(r->place, "pytorch_half_pixel") == 0 && r->out[axis] == 1)
        return 0.0;
    double half = (at + 0.5) / scale - 0.5;
    if (strcmp(r->place, "half_pixel_symmetric") == 0) {
        double centre = (double)in / 2.0, adjusted = out / ((double)in * scale);
        return centre * (1.0 - adjusted) + half;
    }
    return half;
}

static int64_t nearest(const gy_resize *r, double at)
{
    if (strcmp(r->nearest, "floor") == 0)
        return (int64_t)floor(at);
    if (strcmp(r->nearest, "ceil") == 0)
        return (int64_t)ceil(at);
    if (strcmp(r->nearest, "round_prefer_ceil") == 0)
        return (int64_t)floor(at + 0.5);
    return (int64_t)ceil(at - 0.5);
}

static double cubic_weight(double distance, double a)
{
    double d = fabs(distance);
    if (d <= 1.0)
        return ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0;
    return d < 2.0 ? ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a : 0.0;
}

static void fill(int32_t *places, float *weights, const gy_resize *r, double at, size_t in,
                 size_t taps)
{
    int64_t first = (int64_t)floor(at) - (taps == 4 ? 1 : 0);
    double weight[4] = {1.0}, sum = 0.0;
    if (taps == 1)
        first = r->mode == GY_RESIZE_NEAREST ? nearest(r, at) : (int64_t)at;
    for (size_t k = 0; k < taps; k++) {
        int64_t place = first + (int64_t)k;
        double distance = at - (double)place;
        if (taps == 2)
            weight[k] = 1.0 - fabs(distance);
        else if (taps == 4)
            weight[k] = cubic_weight(distance, (double)r->cubic);
        if (r->leaves_out && taps == 4 && (place < 0 || place >= (int64_t)in))
            weight[k] = 0.0;
        sum += weight[k];
        places[k] = (int32_t)(place < 0 ? 0 : place >= (int64_t)in ? (int64_t)in - 1 : place);
    }
    for (size_t k = 0; k < taps; k++)
        weights[k] = (float)(r->leaves_out && taps == 4 ? weight[k] / sum : weight[k]);
}

gy_status gy_resize_tables(gy_node *node, const gy_resize *r, size_t axis, gy_error *err)
{
    size_t in = node->inputs[0]->shape[axis], out = r->out[axis];
    bool is_same = r->scale[axis] == 1.0 && out == in;
    size_t taps = is_same || r->mode == GY_RESIZE_NEAREST ? 1 : r->mode == GY_RESIZE_LINEAR ? 2 : 4;
    size_t count = out * taps;
    void *places, *weights;
    GY_TRY(gy_tensor_constant(&node->tables[2 * axis], &places, node->arena, node->name, GY_INT32,
                              &count, 1, err));
    GY_TRY(gy_tensor_constant(&node->tables[2 * axis + 1], &weights, node->arena, node->name,
                              GY_FLOAT32, &count, 1, err));
    for (size_t o = 0; o < out; o++)
        fill((int32_t *)places + o * taps, (float *)weights + o * taps, r,
             is_same ? (double)o : coordinate(r, axis, o, in), in, taps);
    return GY_OK;
}
