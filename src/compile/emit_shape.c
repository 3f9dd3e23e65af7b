// SPDX-License-Identifier: Apache-2.0
//
// The shapes that kernels are called with, made from lowered nodes, and their C.

#include "compile/emit_shape.h"

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

size_t gy_emit_first_tap(const gy_conv_state *s)
{
    return (s->x.top - s->pad_top) * gy_image_row(&s->x) +
           (s->x.left - s->pad_left) * s->x.channels;
}

gy_pool_shape gy_emit_pool_of(const gy_pool_state *s)
{
    return (gy_pool_shape){.images = s->y.images,
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
