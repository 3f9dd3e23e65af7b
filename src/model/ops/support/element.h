// SPDX-License-Identifier: Apache-2.0
//
// Operators that compute each output element from one element of each input. One C expression an
// operator and type is both what eval runs and what emit writes, so that the two cannot differ.
#ifndef GYRE_MODEL_OPS_SUPPORT_ELEMENT_H
#define GYRE_MODEL_OPS_SUPPORT_ELEMENT_H

#include "model/ops/support/loop.h"
#include "rt/math.h" // expressions may use its functions

/** One type of such an operator. In its expression the inputs are a, b and c, parameters p and q.
 */
typedef struct gy_element_form {
    gy_dtype from, to; // of all inputs; of the output
    void (*apply)(void *y, const void *const *x, float p, float q);
    const char *text; // the expression
} gy_element_form;

/** An operator as a list of forms. parameters NULL: none. */
typedef struct gy_element {
    const gy_element_form *forms;
    size_t form_count;
    const char *p, *q;              // attributes that p and q are; NULL: 0
    float p_otherwise, q_otherwise; // where the attribute is not given
    bool is_folded;                 // any number of inputs, taken two by two from the left
} gy_element;

gy_status gy_element_infer(gy_node *node, gy_error *err);
gy_status gy_element_eval(const gy_node *node, gy_error *err);
void gy_element_emit(const gy_node *node, gy_text *out);
/** Eval and emit over other operands than the node's inputs (at most 3). */
void gy_element_eval_over(const gy_node *node, const gy_tensor *const *inputs, size_t count);
void gy_element_emit_over(const gy_node *node, const gy_tensor *const *inputs, size_t count,
                          gy_text *out);
/** The form for the node's type. NULL: none. */
const gy_element_form *gy_element_form_of(const gy_node *node);

#define GY_C_FLOAT32 float
#define GY_C_FLOAT64 double
#define GY_C_INT8 int8_t
#define GY_C_UINT8 uint8_t
#define GY_C_INT16 int16_t
#define GY_C_UINT16 uint16_t
#define GY_C_INT32 int32_t
#define GY_C_UINT32 uint32_t
#define GY_C_INT64 int64_t
#define GY_C_UINT64 uint64_t
#define GY_C_BOOL uint8_t

#define GY_ELEMENT_APPLY(from, to, expression)                                \
    static void apply_##from(void *y, const void *const *x, float p, float q) \
    {                                                                         \
        const GY_C_##from a = *(const GY_C_##from *)x[0];                     \
        const GY_C_##from b = *(const GY_C_##from *)x[1];                     \
        const GY_C_##from c = *(const GY_C_##from *)x[2];                     \
        (void)a, (void)b, (void)c, (void)p, (void)q;                          \
        *(GY_C_##to *)y = (GY_C_##to)(expression);                            \
    }
#define GY_ELEMENT_ROW(from, to, expression) {GY_##from, GY_##to, apply_##from, #expression},

// The functions and the table `forms` of an operator's FORMS(FORM) list of FORM(from, to,
// expression).
#define GY_ELEMENT_FORMS(FORMS) \
    FORMS(GY_ELEMENT_APPLY)     \
    static const gy_element_form forms[] = {FORMS(GY_ELEMENT_ROW)};

// The rest of a row of the table whose inputs are elements.
#define GY_ELEMENT_OP(count)                                                               \
    .inputs_min = count, .inputs_max = count, .outputs_max = 1, .infer = gy_element_infer, \
    .eval = gy_element_eval, .emit = gy_element_emit

#define GY_ELEMENT_COUNT (sizeof(forms) / sizeof(forms[0]))

#endif
