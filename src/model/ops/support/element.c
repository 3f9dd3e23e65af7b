// SPDX-License-Identifier: Apache-2.0
//
// What elementwise operators share: broadcasting, the walk, the emitted loops.

#include "model/ops/support/element.h"

#include <assert.h>
#include <string.h>

const gy_element_form *gy_element_form_of(const gy_node *node)
{
    const gy_element *element = node->op->family;
    for (size_t i = 0; i < element->form_count; i++)
        if (element->forms[i].from == node->inputs[0]->dtype)
            return &element->forms[i];
    return NULL;
}

gy_status gy_element_infer(gy_node *node, gy_error *err)
{
    const gy_element_form *form = gy_element_form_of(node);
    if (form == NULL)
        return gy_node_type(node, 0, 0, err);
    size_t shape[GY_RANK_MAX] = {0}, rank = 0;
    for (size_t i = 0; i < node->input_count; i++) {
        const gy_tensor *input = node->inputs[i];
        GY_TRY(gy_node_type(node, i, 1u << form->from, err));
        if (i == 0) {
            rank = input->rank;
            memcpy(shape, input->shape, sizeof(shape));
            continue;
        }
        GY_TRY(gy_broadcast_shape(shape, &rank, node, input->shape, input->rank, err));
    }
    return gy_tensor_set(node->outputs[0], form->to, shape, rank, err);
}

static float parameter(const gy_node *node, const char *name, float otherwise)
{
    const gy_attribute *given = name == NULL ? NULL : gy_node_attribute(node, name);
    if (given != NULL && given->kind == GY_ATTRIBUTE_INT)
        return (float)given->integer;
    return name == NULL ? 0.0f : gy_node_float(node, name, otherwise);
}

static void parameters(float *p, float *q, const gy_node *node)
{
    const gy_element *element = node->op->family;
    *p = parameter(node, element->p, element->p_otherwise);
    *q = parameter(node, element->q, element->q_otherwise);
}

// Operands: the output, then the inputs from first on; in a folded operator the output comes again
// as a.
static void make_loop(gy_loop *loop, const gy_node *node, const gy_tensor *const *inputs,
                      size_t count)
{
    gy_loop_over(loop, node->outputs[0]->shape, node->outputs[0]->rank);
    for (size_t i = 0; i < count; i++)
        gy_loop_broadcast(loop, inputs[i]);
    gy_loop_simplify(loop);
}

void gy_element_eval_over(const gy_node *node, const gy_tensor *const *inputs, size_t count)
{
    const gy_element_form *form = gy_element_form_of(node);
    gy_loop loop;
    make_loop(&loop, node, inputs, count);
    float p, q;
    parameters(&p, &q, node);
    size_t from_bytes = gy_dtype_size(form->from), to_bytes = gy_dtype_size(form->to);
    gy_walk walk;
    if (!gy_walk_begin(&walk, &loop))
        return;
    do {
        const void *x[3];
        for (size_t i = 0; i < 3; i++) {
            size_t k = i < count ? i : 0;
            x[i] = (const char *)inputs[k]->data + (size_t)walk.at[k + 1] * from_bytes;
        }
        void *y = (char *)(uintptr_t)node->outputs[0]->data + (size_t)walk.at[0] * to_bytes;
        form->apply(y, x, p, q);
    } while (gy_walk_next(&walk));
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// A parameter that this type's expression does not name is not written.
static void emit_parameter(gy_text *out, char name, float value, const char *text)
{
    bool is_named = false;
    for (size_t i = 0; text[i] != '\0'; i++)
        is_named = is_named ||
                   (text[i] == name && !is_word(text[i + 1]) && (i == 0 || !is_word(text[i - 1])));
    if (!is_named)
        return;
    gy_text_add(out, "const float %c = ", name);
    gy_emit_float(out, value);
    gy_text_add(out, ";\n");
}

void gy_element_emit_over(const gy_node *node, const gy_tensor *const *inputs, size_t count,
                          gy_text *out)
{
    const gy_element_form *form = gy_element_form_of(node);
    gy_loop loop;
    make_loop(&loop, node, inputs, count);
    float p, q;
    parameters(&p, &q, node);
    emit_parameter(out, 'p', p, form->text);
    emit_parameter(out, 'q', q, form->text);
    size_t depth = gy_loop_open(out, &loop, 0);
    for (size_t i = 0; i < count; i++) {
        gy_indent(out, depth);
        gy_text_add(out, "const %s %c = %s[", gy_dtype_c(form->from), "abc"[i],
                    inputs[i] -> c_name);
        gy_loop_index(out, &loop, i + 1);
        gy_text_add(out, "];\n");
    }
    gy_indent(out, depth);
    gy_text_add(out, "%s[", node->outputs[0]->c_name);
    gy_loop_index(out, &loop, 0);
    gy_text_add(out, "] = (%s)(%s);\n", gy_dtype_c(form->to), form->text);
    gy_loop_close(out, 0, depth);
}

gy_status gy_element_eval(const gy_node *node, gy_error *err)
{
    (void)err;
    const gy_element *element = node->op->family;
    const gy_tensor *const *inputs = (const gy_tensor *const *)node->inputs;
    if (!element->is_folded) {
        gy_element_eval_over(node, inputs, node->input_count);
        return GY_OK;
    }
    // y = x0, then y = y op x1, y = y op x2, ...: the output is read where it is written.
    gy_loop loop;
    make_loop(&loop, node, inputs, 1);
    gy_loop_copy(&loop, (void *)(uintptr_t)node->outputs[0]->data, inputs[0]->data,
                 inputs[0]->dtype);
    for (size_t i = 1; i < node->input_count; i++) {
        const gy_tensor *pair[] = {node->outputs[0], inputs[i]};
        gy_element_eval_over(node, pair, 2);
    }
    return GY_OK;
}

void gy_element_emit(const gy_node *node, gy_text *out)
{
    if (node->outputs[0]->count == 0)
        return;
    const gy_element *element = node->op->family;
    const gy_tensor *const *inputs = (const gy_tensor *const *)node->inputs;
    if (!element->is_folded) {
        gy_element_emit_over(node, inputs, node->input_count, out);
        return;
    }
    gy_loop loop;
    make_loop(&loop, node, inputs, 1);
    gy_loop_emit_copy(out, &loop, node->outputs[0]->c_name, inputs[0]->c_name);
    for (size_t i = 1; i < node->input_count; i++) {
        const gy_tensor *pair[] = {node->outputs[0], inputs[i]};
        gy_element_emit_over(node, pair, 2, out);
    }
}
