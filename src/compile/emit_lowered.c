// SPDX-License-Identifier: Apache-2.0
//
// The C statements of lowered nodes: a shape and a call of its kernel.

#include "compile/emit.h"
#include "compile/emit_shape.h"
#include "compile/prepare.h"
#include "rt/math.h"

// A kernel that pools windows of 2 × 2 in registers.
static void emit_pooled_2(gy_text *out, const gy_node *node, gy_conv_shape c, size_t x_first)
{
    const gy_conv_state *s = node->state;
    c.rows = s->y.rows, c.cols = s->y.cols;
    gy_emit_conv_shape(out, &c);
    gy_text_add(out, "gy_conv_pool_run(&c, %s + %zu, %s, %s, %s + %zu);\n", node->inputs[0]->c_name,
                x_first, node->inputs[1]->c_name, node->inputs[2]->c_name, node->outputs[0]->c_name,
                gy_image_first(&s->y));
}

// Rows of the convolution go to the scratch, a row of windows at a time.
static void emit_pooled(gy_text *out, const gy_node *node, gy_conv_shape c, size_t x_first)
{
    const gy_conv_state *s = node->state;
    size_t x_step = s->pool_rows * c.x_row;
    size_t cols = s->y.cols * s->pool_cols;
    gy_pool_shape p = gy_emit_rows_pool(s);
    c.images = 1, c.rows = s->pool_rows, c.cols = cols;
    c.y_row = cols * s->y.channels;
    c.low = gy_bits_float(0xff800000u), c.high = gy_bits_float(0x7f800000u);
    gy_emit_conv_shape(out, &c);
    gy_emit_pool_shape(out, &p);
    gy_text_add(out, "for (size_t n = 0; n < %zu; n++)\n", s->y.images);
    gy_text_add(out, "    for (size_t i = 0; i < %zu; i++) {\n", s->y.rows);
    gy_text_add(out, "        gy_conv_run(&c, %s + n * %zu + i * %zu + %zu, %s, %s, %s);\n",
                node->inputs[0]->c_name, c.x_image, x_step, x_first, node->inputs[1]->c_name,
                node->inputs[2]->c_name, node->scratch->c_name);
    gy_text_add(out, "        gy_max_pool_run(&p, %s, %s + n * %zu + i * %zu + %zu);\n",
                node->scratch->c_name, node->outputs[0]->c_name, gy_emit_image_size(&s->y),
                gy_image_row(&s->y), gy_image_first(&s->y));
    gy_text_add(out, "    }\n");
}

static void emit_conv(gy_text *out, const gy_node *node, const gy_target *target)
{
    const gy_conv_state *s = node->state;
    gy_conv_shape c = gy_emit_conv_of(s);
    size_t x_first = gy_emit_first_tap(s);
    size_t y_first = gy_image_first(&s->y);
    const char *x = node->inputs[0]->c_name, *w = node->inputs[1]->c_name;
    const char *bias = node->inputs[2]->c_name, *y = node->outputs[0]->c_name;
    gy_emit_border(out, node->outputs[0], &s->y, 0);
    if (s->pool_rows * s->pool_cols > 1) {
        if (node->scratch == NULL)
            emit_pooled_2(out, node, c, x_first);
        else
            emit_pooled(out, node, c, x_first);
        return;
    }
    bool depthwise = gy_conv_is_depthwise(s);
    if (depthwise || s->groups == 1) {
        gy_emit_conv_shape(out, &c);
        gy_text_add(out, "gy_%s_run(&c, %s + %zu, %s, %s, %s + %zu);\n",
                    depthwise ? "depthwise" : "conv", x, x_first, w, bias, y, y_first);
        return;
    }
    size_t inputs = s->x.channels / s->groups, outputs = s->y.channels / s->groups;
    size_t packed = gy_conv_packed_outputs(target, outputs);
    c.outputs = outputs;
    gy_emit_conv_shape(out, &c);
    gy_text_add(out, "for (size_t g = 0; g < %zu; g++)\n", s->groups);
    gy_text_add(out, "    gy_conv_run(&c, %s + g * %zu + %zu, %s + g * %zu, %s + g * %zu, ", x,
                inputs, x_first, w, packed * s->kernel_rows * s->kernel_cols * inputs, bias,
                packed);
    gy_text_add(out, "%s + g * %zu + %zu);\n", y, outputs, y_first);
}

static void emit_pool(gy_text *out, const gy_node *node)
{
    const gy_pool_state *s = node->state;
    gy_pool_shape p = gy_emit_pool_of(s);
    gy_emit_border(out, node->outputs[0], &s->y, 0);
    gy_emit_pool_shape(out, &p);
    gy_text_add(out, "gy_%s_pool_run(&p, %s + %zu, %s + %zu);\n",
                node->op == &gy_lowered_max_pool ? "max" : "mean", node->inputs[0]->c_name,
                gy_image_first(&s->x), node->outputs[0]->c_name, gy_image_first(&s->y));
}

static void emit_layout(gy_text *out, const gy_node *node)
{
    const gy_layout_state *s = node->state;
    const char *x = node->inputs[0]->c_name, *y = node->outputs[0]->c_name;
    gy_dtype dtype = node->inputs[0]->dtype;
    const char *type = dtype == GY_FLOAT32 ? "f32" : "u8";
    // Bytes of either sign are moved as the same type.
    const char *to = dtype == GY_INT8 ? "(uint8_t *)" : "";
    const char *from = dtype == GY_INT8 ? "(const uint8_t *)" : "";
    if (s->kind != GY_LAYOUT_TO_PLAIN)
        gy_emit_border(out, node->outputs[0], &s->y, s->border_byte);
    gy_emit_image_shape(out, "s", s->kind == GY_LAYOUT_TO_PLAIN ? &s->x : &s->y);
    if (s->kind == GY_LAYOUT_COPY) {
        gy_emit_image_shape(out, "from", &s->x);
        gy_text_add(out, "gy_image_copy_%s(%s%s, &s, %s%s, &from);\n", type, to, y, from, x);
    } else {
        gy_text_add(out, "gy_image_%s_plain_%s(%s%s, %s%s, &s);\n",
                    s->kind == GY_LAYOUT_TO_PLAIN ? "to" : "from", type, to, y, from, x);
    }
}

static void emit_add(gy_text *out, const gy_node *node)
{
    const gy_add_state *s = node->state;
    gy_emit_border(out, node->outputs[0], &s->y, 0);
    gy_emit_image_shape(out, "a", &s->a);
    gy_emit_image_shape(out, "b", &s->b);
    gy_emit_image_shape(out, "y", &s->y);
    gy_text_add(out, "gy_add_run(%s, &y, %s, &a, %s, &b, ", node->outputs[0]->c_name,
                node->inputs[0]->c_name, node->inputs[1]->c_name);
    gy_emit_float(out, s->low);
    gy_text_add(out, ", ");
    gy_emit_float(out, s->high);
    gy_text_add(out, ");\n");
}

static void emit_view(gy_text *out, const gy_node *node)
{
    const gy_tensor *x = node->inputs[0];
    gy_text_add(out, "memcpy(%s, %s, %zu);\n", node->outputs[0]->c_name, x->c_name,
                x->count * gy_dtype_size(x->dtype));
}

void gy_emit_lowered(gy_text *out, const gy_node *node, const gy_target *target)
{
    if (node->op == &gy_lowered_conv)
        emit_conv(out, node, target);
    else if (node->op == &gy_lowered_max_pool || node->op == &gy_lowered_mean_pool)
        emit_pool(out, node);
    else if (node->op == &gy_lowered_layout)
        emit_layout(out, node);
    else if (node->op == &gy_lowered_add)
        emit_add(out, node);
    else if (node->op == &gy_lowered_quant_conv || node->op == &gy_lowered_quant_max_pool ||
             node->op == &gy_lowered_quantize || node->op == &gy_lowered_table ||
             node->op == &gy_lowered_quant_add || node->op == &gy_lowered_quant_mean)
        gy_emit_lowered_quant(out, node, target);
    else
        emit_view(out, node);
}
