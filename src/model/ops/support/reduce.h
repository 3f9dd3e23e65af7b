// SPDX-License-Identifier: Apache-2.0
//
// Reductions over axes. The elements of one output are numbered in row order; number r goes to lane
// r % 16, and the lanes are merged by one fixed tree: the order hangs on the shape alone.
#ifndef GYRE_MODEL_OPS_SUPPORT_REDUCE_H
#define GYRE_MODEL_OPS_SUPPORT_REDUCE_H

#include "model/ops/support/element.h"

/**
 * One type of a reduction, as C expressions that eval runs and emit writes: s is a lane, x an
 * element, t the other lane, n the number of elements (a float), m the greatest element (only if
 * `shifts`, else 0).
 */
typedef struct gy_reduce_form {
    gy_dtype dtype; // of elements, lanes and output
    void (*start)(void *s);
    void (*step)(void *s, const void *x, float m);
    void (*merge)(void *s, const void *t);
    void (*finish)(void *y, const void *s, float n, float m);
    const char *start_text, *step_text, *merge_text, *finish_text;
} gy_reduce_form;

typedef struct gy_reduce {
    const gy_reduce_form *forms;
    size_t form_count;
    bool shifts; // float32 only
} gy_reduce;

gy_status gy_reduce_infer(gy_node *node, gy_error *err);
gy_status gy_reduce_eval(const gy_node *node, gy_error *err);
void gy_reduce_emit(const gy_node *node, gy_text *out);

/** The nests: kept, over the outputs (operands y, x), and reduced (operand x twice). */
gy_status gy_reduce_nests(gy_loop *kept, gy_loop *reduced, const gy_node *node,
                          gy_error *err) GY_CHECKED;

#define GY_REDUCE_FUNCTIONS(type, start, step, merge, finish)                           \
    static void start_##type(void *s)                                                   \
    {                                                                                   \
        *(GY_C_##type *)s = start;                                                      \
    }                                                                                   \
    static void step_##type(void *to, const void *from, float m)                        \
    {                                                                                   \
        const GY_C_##type s = *(const GY_C_##type *)to, x = *(const GY_C_##type *)from; \
        (void)m, (void)s;                                                               \
        *(GY_C_##type *)to = (GY_C_##type)(step);                                       \
    }                                                                                   \
    static void merge_##type(void *to, const void *from)                                \
    {                                                                                   \
        const GY_C_##type s = *(const GY_C_##type *)to, t = *(const GY_C_##type *)from; \
        *(GY_C_##type *)to = (GY_C_##type)(merge);                                      \
    }                                                                                   \
    static void finish_##type(void *y, const void *from, float n, float m)              \
    {                                                                                   \
        const GY_C_##type s = *(const GY_C_##type *)from;                               \
        (void)n, (void)m;                                                               \
        *(GY_C_##type *)y = (GY_C_##type)(finish);                                      \
    }
#define GY_REDUCE_ROW(type, start, step, merge, finish)                 \
    {GY_##type, start_##type, step_##type, merge_##type, finish_##type, \
     #start,    #step,        #merge,      #finish},
#define GY_REDUCE_FORMS(FORMS) \
    FORMS(GY_REDUCE_FUNCTIONS) \
    static const gy_reduce_form forms[] = {FORMS(GY_REDUCE_ROW)};

#define GY_REDUCE_OP                                                              \
    .inputs_min = 1, .inputs_max = 2, .outputs_max = 1, .infer = gy_reduce_infer, \
    .eval = gy_reduce_eval, .emit = gy_reduce_emit

#endif
