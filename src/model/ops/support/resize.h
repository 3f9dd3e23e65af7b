// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_MODEL_OPS_SUPPORT_RESIZE_H
#define GYRE_MODEL_OPS_SUPPORT_RESIZE_H

#include "model/ops/support/loop.h"

typedef enum gy_resize_mode { GY_RESIZE_NEAREST, GY_RESIZE_LINEAR, GY_RESIZE_CUBIC } gy_resize_mode;

/** What a Resize says. */
typedef struct gy_resize {
    gy_resize_mode mode;
    const char *place, *nearest; // coordinate_transformation_mode, nearest_mode
    float cubic;
    bool leaves_out; // exclude_outside
    size_t out[GY_RANK_MAX];
    double scale[GY_RANK_MAX];
} gy_resize;

gy_status gy_resize_read(gy_resize *resize, const gy_node *node, gy_error *err) GY_CHECKED;
/** Tables 2 × axis (places) and 2 × axis + 1 (weights). */
gy_status gy_resize_tables(gy_node *node, const gy_resize *resize, size_t axis,
                           gy_error *err) GY_CHECKED;

#endif
