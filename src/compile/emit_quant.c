// SPDX-License-Identifier: Apache-2.0
//
// The C statements of lowered nodes on bytes.

#include "compile/emit.h"
#include "compile/emit_shape.h"
#include "compile/prepare.h"
#include "rt/math.h"

static const char *kind_of(const gy_tensor *y)
{
    return y->dtype == GY_INT8    ? "GY_QUANT_INT8"
           : y->dtype == GY_UINT8 ? "GY_QUANT_UINT8"
                                  : "GY_QUANT_FLOAT";
}

static bool is_small(const gy_target *target)
{
    return target->kernels == GY_KERNELS_M4;
}

static void emit_quant_shape(gy_text *out, const gy_node *node, const gy_conv_shape *c,
                             const gy_target *target)
{
    const gy_quant_state *q = node->state;
    gy_emit_conv_shape(out, c);
    gy_text_add(out,
                "const gy_quant_shape q = {\n    .c = c,\n    .is_signed = %s,\n    .kind = %s,\n",
                q->is_signed ? "true" : "false", kind_of(node->outputs[0]));
    gy_text_add(out, "    .zero = %d,\n    .low = ", q->zero);
    gy_emit_float(out, q->conv.low);
    gy_text_add(out, ",\n    .high = ");
    gy_emit_float(out, q->conv.high);
    if (is_small(target))
        gy_text_add(out, ",\n    .strip = %zu", gy_quant_strip_columns(&q->conv, target));
    gy_text_add(out, ",\n};\n");
}

// The last arguments of a call: constants, and what is behind them.
static void emit_constants(gy_text *out, const gy_node *node)
{
    gy_text_add(out, "%s, %s, %s, ", node->inputs[1]->c_name, node->inputs[2]->c_name,
                node->inputs[3]->c_name);
}

// Windows that the kernel does not pool itself: rows of the convolution go to the scratch, behind
// the widened rows where the kernel needs them.
static void emit_rows(gy_text *out, const gy_node *node, gy_conv_shape c, size_t x_first,
                      const gy_target *target)
{
    const gy_quant_state *q = node->state;
    const gy_conv_state *s = &q->conv;
    size_t x_image = c.x_image, x_step = s->pool_rows * c.x_row;
    gy_pool_shape p = gy_emit_rows_pool(s);
    c.images = 1, c.rows = s->pool_rows, c.cols = p.x_cols;
    c.y_row = p.x_row;
    emit_quant_shape(out, node, &c, target);
    gy_emit_pool_shape(out, &p);
    const char *scratch = node->scratch->c_name;
    if (is_small(target))
        gy_text_add(out, "uint8_t *rows = (uint8_t *)(%s + %zu);\n", scratch,
                    gy_quant_strip_count(s, target));
    gy_text_add(out, "for (size_t n = 0; n < %zu; n++)\n", s->y.images);
    gy_text_add(out, "    for (size_t i = 0; i < %zu; i++) {\n", s->y.rows);
    gy_text_add(out, "        gy_quant_run(&q, %s + n * %zu + i * %zu + %zu, ",
                node->inputs[0]->c_name, x_image, x_step, x_first);
    emit_constants(out, node);
    gy_text_add(out, is_small(target) ? "rows, %s);\n" : "%s);\n", scratch);
    gy_text_add(out, "        gy_quant_max_pool_run(&p, %s, %s + n * %zu + i * %zu + %zu, %s);\n",
                is_small(target) ? "rows" : scratch, node->outputs[0]->c_name,
                gy_emit_image_size(&s->y), gy_image_row(&s->y), gy_image_first(&s->y),
                node->outputs[0]->dtype == GY_INT8 ? "true" : "false");
    gy_text_add(out, "    }\n");
}

// One call, or one for each group of channels.
static void emit_calls(gy_text *out, const gy_node *node, gy_conv_shape c, size_t x_first,
                       const gy_target *target)
{
    const gy_quant_state *q = node->state;
    const gy_conv_state *s = &q->conv;
    const char *x = node->inputs[0]->c_name, *y = node->outputs[0]->c_name;
    size_t y_first = gy_image_first(&s->y);
    bool depthwise = gy_conv_is_depthwise(s);
    size_t groups = depthwise ? 1 : s->groups;
    bool pools = s->pool_rows * s->pool_cols > 1;
    c.outputs = s->y.channels / groups;
    if (pools)
        c.rows = s->y.rows, c.cols = s->y.cols;
    emit_quant_shape(out, node, &c, target);
    const char *name = depthwise ? "_depthwise" : pools ? "_pool" : "";
    if (groups == 1) {
        gy_text_add(out, "gy_quant%s_run(&q, %s + %zu, ", name, x, x_first);
        if (depthwise && is_small(target))
            gy_text_add(out, "%zu, ", gy_image_row(&s->x));
        emit_constants(out, node);
        gy_text_add(out, "%s + %zu", y, y_first);
    } else {
        size_t constants = node->inputs[2]->count / groups;
        gy_text_add(out, "for (size_t g = 0; g < %zu; g++)\n", groups);
        gy_text_add(out, "    gy_quant_run(&q, %s + g * %zu + %zu, ", x, s->x.channels / groups,
                    x_first);
        gy_text_add(out, "%s + g * %zu, %s + g * %zu, %s + g * %zu, ", node->inputs[1]->c_name,
                    node->inputs[1]->count / groups, node->inputs[2]->c_name, constants,
                    node->inputs[3]->c_name, constants);
        gy_text_add(out, "%s + g * %zu + %zu", y, c.outputs, y_first);
    }
    gy_text_add(out, is_small(target) ? ", %s);\n" : ");\n",
                node->scratch == NULL ? "" : node->scratch->c_name);
}

static void emit_conv(gy_text *out, const gy_node *node, const gy_target *target)
{
    const gy_quant_state *q = node->state;
    const gy_conv_state *s = &q->conv;
    size_t x_first = gy_emit_first_tap(s);
    gy_conv_shape c = gy_emit_conv_of(s);
    gy_emit_border(out, node->outputs[0], &s->y, q->zero & 255);
    if (s->pool_rows * s->pool_cols > 1 && !gy_quant_pools_itself(s, target))
        emit_rows(out, node, c, x_first, target);
    else
        emit_calls(out, node, c, x_first, target);
}

static void emit_pool(gy_text *out, const gy_node *node)
{
    const gy_pool_state *s = node->state;
    gy_pool_shape p = gy_emit_pool_of(s);
    gy_emit_border(out, node->outputs[0], &s->y, s->border_byte);
    gy_emit_pool_shape(out, &p);
    gy_text_add(out, "gy_quant_max_pool_run(&p, %s + %zu, %s + %zu, %s);\n",
                node->inputs[0]->c_name, gy_image_first(&s->x), node->outputs[0]->c_name,
                gy_image_first(&s->y), node->inputs[0]->dtype == GY_INT8 ? "true" : "false");
}

static void emit_quantize(gy_text *out, const gy_node *node)
{
    const gy_quantize_state *s = node->state;
    const gy_tensor *y = node->outputs[0];
    int32_t least = (y->dtype == GY_INT8 ? -128 : 0) - s->zero;
    gy_text_add(out, "gy_quantize_run(%s%s, %s, %zu, ", y->dtype == GY_INT8 ? "(uint8_t *)" : "",
                y->c_name, node->inputs[0]->c_name, y->count);
    gy_emit_float(out, s->scale);
    gy_text_add(out, ", %d, %d.0f, %d.0f);\n", s->zero, least, least + 255);
}

static void emit_table(gy_text *out, const gy_node *node)
{
    const gy_table_state *s = node->state;
    const gy_tensor *x = node->inputs[0], *y = node->outputs[0];
    gy_emit_border(out, y, &s->y, s->border_byte);
    gy_emit_image_shape(out, "from", &s->x);
    gy_emit_image_shape(out, "to", &s->y);
    gy_text_add(out, "gy_table_run(%s%s, &to, %s%s, &from, %s);\n",
                y->dtype == GY_INT8 ? "(uint8_t *)" : "", y->c_name,
                x->dtype == GY_INT8 ? "(const uint8_t *)" : "", x->c_name, node->inputs[1]->c_name);
}

static void emit_scale(gy_text *out, const char *name, const gy_quantize_state *s,
                       const gy_tensor *bytes)
{
    gy_text_add(out, "const gy_quant_scale %s = {", name);
    gy_emit_float(out, s->scale);
    gy_text_add(out, ", %d, %s};\n", s->zero, bytes->dtype == GY_INT8 ? "true" : "false");
}

static void emit_sum(gy_text *out, const gy_node *node)
{
    const gy_quant_sum_state *s = node->state;
    const gy_tensor *x = node->inputs[0], *y = node->outputs[0];
    const char *to = y->dtype == GY_INT8 ? "(uint8_t *)" : "";
    const char *from = x->dtype == GY_INT8 ? "(const uint8_t *)" : "";
    gy_emit_border(out, y, &s->y, s->border_byte);
    emit_scale(out, "to", &s->to, y);
    emit_scale(out, "from", &s->from[0], x);
    gy_emit_image_shape(out, "xs", &s->x[0]);
    if (node->op == &gy_lowered_quant_mean) {
        gy_text_add(out, "gy_quant_mean_run(%s%s + %zu, %zu, &to, %s%s, &xs, &from);\n", to,
                    y->c_name, gy_image_first(&s->y), gy_emit_image_size(&s->y), from, x->c_name);
        return;
    }
    const gy_tensor *b = node->inputs[1];
    emit_scale(out, "from_b", &s->from[1], b);
    gy_emit_image_shape(out, "bs", &s->x[1]);
    gy_emit_image_shape(out, "ys", &s->y);
    gy_text_add(out, "gy_quant_add_run(%s%s, &ys, &to, %s%s, &xs, &from, %s%s, &bs, &from_b, ", to,
                y->c_name, from, x->c_name, b->dtype == GY_INT8 ? "(const uint8_t *)" : "",
                b->c_name);
    gy_emit_float(out, s->low);
    gy_text_add(out, ", ");
    gy_emit_float(out, s->high);
    gy_text_add(out, ");\n");
}

void gy_emit_lowered_quant(gy_text *out, const gy_node *node, const gy_target *target)
{
    if (node->op == &gy_lowered_quant_conv)
        emit_conv(out, node, target);
    else if (node->op == &gy_lowered_quantize)
        emit_quantize(out, node);
    else if (node->op == &gy_lowered_quant_add || node->op == &gy_lowered_quant_mean)
        emit_sum(out, node);
    else if (node->op == &gy_lowered_table)
        emit_table(out, node);
    else
        emit_pool(out, node);
}
