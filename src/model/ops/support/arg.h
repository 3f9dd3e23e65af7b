// SPDX-License-Identifier: Apache-2.0
//
// The place of the greatest or least along an axis.
#ifndef GYRE_MODEL_OPS_SUPPORT_ARG_H
#define GYRE_MODEL_OPS_SUPPORT_ARG_H

#include "model/ops/support/element.h"

/** One type: whether element x takes the place of the best so far, s. */
typedef struct gy_arg_form {
    gy_dtype dtype;
    bool (*is_better)(const void *x, const void *s, bool last);
    const char *first_text, *last_text; // where the first, or the last, of equals counts
} gy_arg_form;

typedef struct gy_arg {
    const gy_arg_form *forms;
    size_t form_count;
} gy_arg;

gy_status gy_arg_infer(gy_node *node, gy_error *err);
gy_status gy_arg_eval(const gy_node *node, gy_error *err);
void gy_arg_emit(const gy_node *node, gy_text *out);

#define GY_ARG_FUNCTION(type, first, later)                                               \
    static bool better_##type(const void *from, const void *best, bool last)              \
    {                                                                                     \
        const GY_C_##type x = *(const GY_C_##type *)from, s = *(const GY_C_##type *)best; \
        return last ? later : first;                                                      \
    }
#define GY_ARG_ROW(type, first, later) {GY_##type, better_##type, #first, #later},
#define GY_ARG_FORMS(FORMS) \
    FORMS(GY_ARG_FUNCTION)  \
    static const gy_arg_form forms[] = {FORMS(GY_ARG_ROW)};

#endif
