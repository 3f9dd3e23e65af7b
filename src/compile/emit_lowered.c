// SPDX-License-Identifier: Apache-2.0
//
// The C statements of lowered nodes: a shape and a call of its kernel.

#include <stdarg.h>

#include "compile/emit.h"
#include "rt/kernels/shape.h"
#include "rt/math.h"

// One field of a struct's initialiser.
static void field(gy_text *out, const char *name, size_t value)
{
    gy_text_add(out, "    .%s = %zu,\n", name, value);
}

static void float_field(gy_text *out, const char *name, float value)
{
    gy_text_add(out, "    .%s = ", name);
    gy_emit_float(out, value);
    gy_text_add(out, ",\n");
}

void gy_emit_image_shape(gy_text *out, const char *name, const gy_image_shape *s)
{
    gy_text_add(out, "const gy_image_shape %s = {%zu, %zu, %zu, %zu, %zu, %zu, %zu, %zu};\n", name,
                s->images, s->rows, s->cols, s->channels, s->top, s->left, s->bottom, s->right);
}

void gy_emit_conv_shape(gy_text *out, const gy_conv_shape *c)
{
    gy_text_add(out, "const gy_conv_shape c = {\n");
    field(out, "images", c->images), field(out, "rows", c->rows), field(out, "cols", c->cols);
    field(out, "tap_rows", c->tap_rows), field(out, "tap_cols", c->tap_cols);
    field(out, "run", c->run);
    field(out, "tap_row_step", c->tap_row_step), field(out, "tap_col_step", c->tap_col_step);
    field(out, "x_image", c->x_image), field(out, "x_row", c->x_row), field(out, "x_col", c->x_col);
    field(out, "y_image", c->y_image), field(out, "y_row", c->y_row), field(out, "y_col", c->y_col);
    field(out, "outputs", c->outputs);
    float_field(out, "low", c->low), float_field(out, "high", c->high);
    gy_text_add(out, "};\n");
}

void gy_emit_pool_shape(gy_text *out, const gy_pool_shape *p)
{
    gy_text_add(out, "const gy_pool_shape p = {\n");
    field(out, "images", p->images), field(out, "rows", p->rows), field(out, "cols", p->cols);
    field(out, "channels", p->channels);
    field(out, "x_rows", p->x_rows), field(out, "x_cols", p->x_cols);
    field(out, "tap_rows", p->tap_rows), field(out, "tap_cols", p->tap_cols);
    field(out, "step_rows", p->step_rows), field(out, "step_cols", p->step_cols);
    field(out, "dilate_rows", p->dilate_rows), field(out, "dilate_cols", p->dilate_cols);
    field(out, "pad_top", p->pad_top), field(out, "pad_left", p->pad_left);
    field(out, "x_image", p->x_image), field(out, "x_row", p->x_row);
    field(out, "y_image", p->y_image), field(out, "y_row", p->y_row), field(out, "y_col", p->y_col);
    field(out, "count", p->count);
    float_field(out, "low", p->low), float_field(out, "high", p->high);
    gy_text_add(out, "};\n");
}

size_t gy_emit_image_size(const gy_image_shape *s)
{
    return (s->top + s->rows + s->bottom) * gy_image_row(s);
}

static bool has_border(const gy_image_shape *s)
{
    return s->top + s->left + s->bottom + s->right > 0;
}

void gy_emit_border(gy_text *out, const gy_tensor *y, const gy_image_shape *s, int byte)
{
    if (!has_border(s))
        return;
    gy_emit_image_shape(out, "border", s);
    gy_text_add(out, "gy_image_border(%s, &border, sizeof(%s[0]), %d);\n", y->c_name, y->c_name,
                byte);
}

void gy_conv_taps(gy_conv_shape *c, const gy_conv_state *s)
{
    size_t row = gy_image_row(&s->x), inputs = s->x.channels / s->groups;
    c->tap_rows = s->kernel_rows;
    c->tap_cols = s->kernel_cols;
    c->run = inputs;
    c->tap_row_step = s->dilate_rows * row;
    c->tap_col_step = s->dilate_cols * s->x.channels;
    if (s->groups == 1 && (s->dilate_cols == 1 || s->kernel_cols == 1)) {
        c->run = s->kernel_cols * inputs;
        c->tap_cols = 1;
        c->tap_col_step = 0;
    }
    if (c->tap_cols == 1 && c->run == c->tap_row_step) {
        c->run *= c->tap_rows;
        c->tap_rows = 1;
        c->tap_row_step = 0;
    }
}

gy_conv_shape gy_emit_conv_of(const gy_conv_state *s)
{
    gy_conv_shape c = {.images = s->y.images,
                       .rows = s->rows,
                       .cols = s->cols,
                       .x_image = gy_emit_image_size(&s->x),
                       .x_row = s->step_rows * gy_image_row(&s->x),
                       .x_col = s->step_cols * s->x.channels,
                       .y_image = gy_emit_image_size(&s->y),
                       .y_row = gy_image_row(&s->y),
                       .y_col = s->y.channels,
                       .outputs = s->y.channels,
                       .low = s->low,
                       .high = s->high};
    gy_conv_taps(&c, s);
    return c;
}

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

gy_pool_shape gy_emit_rows_pool(const gy_conv_state *s)
{
    size_t cols = s->y.cols * s->pool_cols, channels = s->y.channels;
    return (gy_pool_shape){.images = 1,
                           .rows = 1,
                           .cols = s->y.cols,
                           .channels = channels,
                           .x_rows = s->pool_rows,
                           .x_cols = cols,
                           .tap_rows = s->pool_rows,
                           .tap_cols = s->pool_cols,
                           .step_rows = s->pool_rows,
                           .step_cols = s->pool_cols,
                           .dilate_rows = 1,
                           .dilate_cols = 1,
                           .x_row = cols * channels,
                           .y_col = channels,
                           .low = s->low,
                           .high = s->high};
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
    size_t x_first =
        (s->x.top - s->pad_top) * gy_image_row(&s->x) + (s->x.left - s->pad_left) * s->x.channels;
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
    gy_pool_shape p = {.images = s->y.images,
                       .rows = s->y.rows,
                       .cols = s->y.cols,
                       .channels = s->y.channels,
                       .x_rows = s->x.rows,
                       .x_cols = s->x.cols,
                       .tap_rows = s->kernel_rows,
                       .tap_cols = s->kernel_cols,
                       .step_rows = s->step_rows,
                       .step_cols = s->step_cols,
                       .dilate_rows = s->dilate_rows,
                       .dilate_cols = s->dilate_cols,
                       .pad_top = s->pad_top,
                       .pad_left = s->pad_left,
                       .x_image = gy_emit_image_size(&s->x),
                       .x_row = gy_image_row(&s->x),
                       .y_image = gy_emit_image_size(&s->y),
                       .y_row = gy_image_row(&s->y),
                       .y_col = s->y.channels,
                       .count = s->count,
                       .low = s->low,
                       .high = s->high};
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
             node->op == &gy_lowered_quantize)
        gy_emit_lowered_quant(out, node, target);
    else
        emit_view(out, node);
}
