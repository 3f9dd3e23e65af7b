// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_COMPILE_TARGET_H
#define GYRE_COMPILE_TARGET_H

#include "gyre/base.h"

typedef enum gy_kernels {
    GY_KERNELS_PLAIN,
    GY_KERNELS_HOST,
    GY_KERNELS_NEON,
    GY_KERNELS_M4
} gy_kernels;

/** What programs are made for: one row of targets.def. */
typedef struct gy_target {
    const char *name;
    size_t panel;       // outputs whose weights lie side by side
    size_t align_bytes; // of tensors in the arena and constants
    gy_kernels kernels;
    const char *compiler, *flags; // to build it with
    const char *summary;
} gy_target;

#define TARGET(id, ...) extern const gy_target gy_target_##id;
#include "compile/targets.def"
#undef TARGET

/** The target of that name. GY_INVALID: none; err lists them. */
gy_status gy_target_find(const gy_target **target, const char *name, gy_error *err) GY_CHECKED;

#endif
