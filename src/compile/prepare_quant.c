// SPDX-License-Identifier: Apache-2.0
//
// Packing the weights of convolutions of bytes.

#include <string.h>

#include "compile/emit_shape.h"
#include "compile/prepare.h"

static size_t taps_of(const gy_conv_state *s)
{
    return s->kernel_rows * s->kernel_cols * (s->x.channels / s->groups);
}

bool gy_quant_pools_itself(const gy_conv_state *s, const gy_target *target)
{
    return target->kernels == GY_KERNELS_M4 && s->pool_rows == 2 && s->pool_cols == 2;
}

enum { STRIP_BYTES = 2048 }; // no more than that is widened at a time, if two pixels need no more

// As quant_m4.h lays it out: a run is filled up to an even number of taps, all to one of four.
static size_t filled_taps(const gy_conv_shape *c)
{
    return (c->tap_rows * c->tap_cols * ((c->run + 1) / 2) + 1) / 2 * 4;
}

// Rows that two rows of pixels both read are there once.
static size_t strip_count(const gy_conv_shape *c, size_t columns, bool pools)
{
    size_t pixels = pools ? 2 * columns : columns;
    size_t rows = !pools                        ? c->tap_rows
                  : c->x_row == c->tap_row_step ? c->tap_rows + 1
                                                : 2 * c->tap_rows;
    size_t width = (pixels - 1) * c->x_col + (c->tap_cols - 1) * c->tap_col_step + c->run;
    return rows * ((width + 4) / 4 * 4);
}

// As quant_depthwise_m4.h does: words of two taps, fours of two words.
static size_t words_of(const gy_conv_state *s)
{
    return s->dilate_cols == 1 || s->kernel_cols == 1 ? (s->kernel_cols + 1) / 2 : s->kernel_cols;
}

// What a strip of rows of y reads, of four channels.
static size_t planes_count(const gy_conv_state *s, size_t rows)
{
    size_t dilate = s->kernel_cols == 1 ? 1 : s->dilate_cols;
    size_t cols = (s->cols - 1) * s->step_cols + (s->kernel_cols - 1) * dilate + 1;
    size_t lines = (rows - 1) * s->step_rows + (s->kernel_rows - 1) * s->dilate_rows + 1;
    return 4 * lines * ((cols + (dilate == 1 ? 2 : dilate) + 3) / 2 * 2);
}

size_t gy_quant_strip_columns(const gy_conv_state *s, const gy_target *target)
{
    bool pools = gy_quant_pools_itself(s, target);
    gy_conv_shape c = gy_emit_conv_of(s);
    size_t columns = pools ? s->y.cols : s->cols, least = pools ? 1 : 2;
    if (gy_conv_is_depthwise(s)) {
        size_t rows = s->rows;
        while (rows > 1 && planes_count(s, rows) * sizeof(int16_t) > STRIP_BYTES)
            rows = (rows + 1) / 2;
        return rows;
    }
    while (columns > least && strip_count(&c, columns, pools) * sizeof(int16_t) > STRIP_BYTES)
        columns = pools ? (columns + 1) / 2 : (columns + 3) / 4 * 2;
    return columns;
}

size_t gy_quant_strip_count(const gy_conv_state *s, const gy_target *target)
{
    bool pools = gy_quant_pools_itself(s, target);
    gy_conv_shape c = gy_emit_conv_of(s);
    size_t taps = filled_taps(&c), runs = c.tap_rows * c.tap_cols;
    if (gy_conv_is_depthwise(s))
        return planes_count(s, gy_quant_strip_columns(s, target));
    if (runs == 1 && !pools)
        return (s->cols == 1 ? 1 : 2) * taps;
    return (pools ? 4 : 2) * taps + strip_count(&c, gy_quant_strip_columns(s, target), pools);
}

/** How the weights of one group of outputs are packed. */
typedef struct packing {
    size_t bytes, constants; // of weights; count of biases and of factors
    size_t outputs, taps;
    gy_conv_shape c; // its runs of taps
} packing;

// [pair of outputs][run of taps][pair of taps][2 taps][2 outputs]: widened, a word's even bytes are
// two taps of one output and its odd bytes those of the other.
static void pack_pairs(int8_t *to, const int8_t *from, const packing *p)
{
    size_t width = (p->c.run + 1) / 2 * 2, taps = filled_taps(&p->c);
    for (size_t m = 0; m < p->outputs; m++)
        for (size_t k = 0; k < p->taps; k++) {
            size_t tap = k / p->c.run * width + k % p->c.run;
            to[m / 2 * 2 * taps + tap * 2 + m % 2] = from[m * p->taps + k];
        }
}

// Panels of 16 outputs; within a run of taps [4 taps][16][4].
static void pack_panels(int8_t *to, const int8_t *from, const packing *p)
{
    size_t runs = p->c.tap_rows * p->c.tap_cols, run = p->c.run;
    for (size_t first = 0; first < p->outputs; first += 16)
        for (size_t r = 0; r < runs; r++)
            for (size_t k = 0; k < run; k += 4, to += 64)
                for (size_t i = 0; i < 64; i++) {
                    size_t output = first + i / 4, tap = k + i % 4;
                    if (output < p->outputs && tap < run)
                        to[i] = from[output * p->taps + r * run + tap];
                }
}

static void pack_turned(int8_t *to, const int8_t *from, const packing *p)
{
    for (size_t m = 0; m < p->outputs; m++)
        for (size_t k = 0; k < p->taps; k++)
            to[k * p->outputs + m] = from[m * p->taps + k];
}

// [channel][tap row][four taps], in the order 0 2 1 3; dilated taps are 0 and 1 of a four.
static void pack_fours(int8_t *to, const int8_t *from, const packing *p, const gy_conv_state *s)
{
    size_t cols = s->kernel_cols, words = words_of(s), fours = (words + 1) / 2;
    for (size_t m = 0; m < p->outputs * s->kernel_rows; m++)
        for (size_t k = 0; k < cols; k++) {
            size_t word = words == cols ? k : k / 2, half = words == cols ? 0 : k % 2;
            to[(m * fours + word / 2) * 4 + half * 2 + word % 2] = from[m * cols + k];
        }
}

static packing choose(const gy_conv_state *s, const gy_target *target, size_t groups)
{
    packing p = {.outputs = s->y.channels / groups, .taps = taps_of(s)};
    bool small = target->kernels == GY_KERNELS_M4;
    gy_conv_taps(&p.c, s);
    p.constants = small ? (p.outputs + 1) / 2 * 2 : (p.outputs + 15) / 16 * 16;
    if (gy_conv_is_depthwise(s))
        p.bytes = p.outputs * (small ? s->kernel_rows * ((words_of(s) + 1) / 2 * 4) : p.taps);
    else if (small)
        p.bytes = p.constants * filled_taps(&p.c);
    else
        p.bytes = p.constants * p.c.tap_rows * p.c.tap_cols * ((p.c.run + 3) / 4 * 4);
    return p;
}

gy_status gy_prepare_quant(gy_node *node, const gy_target *target, gy_arena *arena, gy_error *err)
{
    const gy_quant_state *q = node->state;
    bool depthwise = gy_conv_is_depthwise(&q->conv);
    size_t groups = depthwise ? 1 : q->conv.groups;
    packing p = choose(&q->conv, target, groups);
    const int8_t *from = node->inputs[1]->data;
    const gy_tensor *old[2] = {node->inputs[2], node->inputs[3]};
    void *to, *constants;
    GY_TRY(gy_tensor_constant(&node->inputs[1], &to, arena, node->name, GY_INT8,
                              (size_t[]){groups * p.bytes}, 1, err));
    for (size_t g = 0; g < groups; g++) {
        int8_t *packed = (int8_t *)to + g * p.bytes;
        const int8_t *group = from + g * p.outputs * p.taps;
        if (depthwise && target->kernels == GY_KERNELS_M4)
            pack_fours(packed, group, &p, &q->conv);
        else if (depthwise)
            pack_turned(packed, group, &p);
        else if (target->kernels == GY_KERNELS_M4)
            pack_pairs(packed, group, &p);
        else
            pack_panels(packed, group, &p);
    }
    for (size_t i = 0; i < 2; i++) { // biases and factors are four bytes both
        GY_TRY(gy_tensor_constant(&node->inputs[2 + i], &constants, arena, node->name,
                                  old[i]->dtype, (size_t[]){groups * p.constants}, 1, err));
        for (size_t g = 0; g < groups; g++)
            memcpy((char *)constants + 4 * g * p.constants,
                   (const char *)old[i]->data + 4 * g * p.outputs, 4 * p.outputs);
    }
    return GY_OK;
}

gy_status gy_prepare_quant_scratch(gy_node *node, const gy_target *target, gy_arena *arena,
                                   gy_error *err)
{
    const gy_quant_state *q = node->state;
    const gy_conv_state *s = &q->conv;
    bool small = target->kernels == GY_KERNELS_M4, pools = s->pool_rows * s->pool_cols > 1;
    bool itself = gy_quant_pools_itself(s, target);
    size_t rows = pools && !itself ? s->pool_rows * s->y.cols * s->pool_cols * s->y.channels : 0;
    size_t strip = small ? gy_quant_strip_count(s, target) : 0;
    if (rows + strip == 0)
        return GY_OK;
    node->scratch = gy_tensor_new(arena, node->name);
    if (node->scratch == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the scratch of node '%s'", node->name);
    return gy_tensor_set(node->scratch, small ? GY_INT16 : GY_UINT8,
                         (size_t[]){small ? strip + (rows + 1) / 2 : rows}, 1, err);
}
