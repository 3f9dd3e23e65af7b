// SPDX-License-Identifier: Apache-2.0
//
// The table of targets, made from targets.def.

#include "compile/target.h"

#include <string.h>

#define TARGET(id, name, panel, align, kernels, compiler, flags, summary) \
    const gy_target gy_target_##id = {name, panel, align, kernels, compiler, flags, summary};
#include "compile/targets.def"
#undef TARGET

gy_status gy_target_find(const gy_target **target, const char *name, gy_error *err)
{
    static const gy_target *const targets[] = {
#define TARGET(id, ...) &gy_target_##id,
#include "compile/targets.def"
#undef TARGET
    };
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        if (strcmp(targets[i]->name, name) == 0) {
            *target = targets[i];
            return GY_OK;
        }
#define TARGET(id, name, ...) " " name
    return gy_fail(err, GY_INVALID, "no target '%s'; there are:"
#include "compile/targets.def"
                   ,
                   name);
#undef TARGET
}
