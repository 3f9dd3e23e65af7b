// SPDX-License-Identifier: Apache-2.0
//
// Sums of products of bytes, one element of the output after the other.

#include "model/ops/support/integer.h"

#include <string.h>

gy_status gy_bytes_read(gy_bytes *bytes, const gy_node *node, size_t x, size_t zero, gy_error *err)
{
    GY_TRY(gy_node_type(node, x, GY_BYTES, err));
    *bytes = (gy_bytes){node->inputs[x], gy_node_input(node, zero)};
    if (bytes->zero != NULL)
        GY_TRY(gy_node_type(node, zero, 1u << bytes->x->dtype, err));
    return GY_OK;
}

gy_status gy_one_or_each(const gy_node *node, size_t i, size_t count, gy_error *err)
{
    const gy_tensor *given = gy_node_input(node, i);
    if (given != NULL && given->count != 1 && given->count != count)
        return gy_node_fail(node, GY_FORMAT, err, "'%s' has %zu values, must be 1 or %zu",
                            given->name, given->count, count);
    return GY_OK;
}

static void emit_zero(gy_text *out, const char *name, const gy_tensor *zero, const char *index,
                      size_t depth)
{
    if (zero == NULL)
        gy_line(out, depth, "const int32_t %s = 0;", name);
    else
        gy_line(out, depth, "const int32_t %s = %s[%s];", name, zero->c_name,
                zero->count == 1 ? "0" : index);
}

// ---- products of matrices

static gy_status set_product(gy_integer_product *p, const gy_node *node, bool turn_a, bool turn_b,
                             gy_error *err)
{
    const gy_tensor *a = p->a.x, *b = p->b.x;
    size_t a_shape[] = {a->shape[a->rank - 2], a->shape[a->rank - 1]};
    size_t b_shape[] = {b->shape[b->rank - 2], b->shape[b->rank - 1]};
    p->rows = a_shape[turn_a];
    p->inner = a_shape[!turn_a];
    p->cols = b_shape[!turn_b];
    p->a_row = turn_a ? 1 : a_shape[1];
    p->a_inner = turn_a ? a_shape[1] : 1;
    p->b_inner = turn_b ? 1 : b_shape[1];
    p->b_col = turn_b ? b_shape[1] : 1;
    p->a_batch = p->rows * p->inner;
    p->b_batch = b->rank == 2 ? 0 : p->inner * p->cols;
    if (b_shape[turn_b] != p->inner)
        return gy_node_fail(node, GY_FORMAT, err, "%zu columns times %zu rows", p->inner,
                            b_shape[turn_b]);
    return GY_OK;
}

gy_status gy_integer_product_read(gy_integer_product *p, const gy_node *node, gy_bytes a,
                                  gy_bytes b, const bool turned[2], gy_error *err)
{
    bool may_turn = a.x->rank == 2 || !(turned[0] || turned[1]);
    if (a.x->rank < 2 || b.x->rank < 2 || (b.x->rank != 2 && b.x->rank != a.x->rank) || !may_turn)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "%s of %zu and %zu dimensions",
                            node->op->type, a.x->rank, b.x->rank);
    *p = (gy_integer_product){.a = a, .b = b, .batch = 1};
    for (size_t i = 0; i + 2 < a.x->rank; i++) {
        if (b.x->rank != 2 && a.x->shape[i] != b.x->shape[i])
            return gy_node_fail(node, GY_UNSUPPORTED, err, "%s that broadcasts is not supported",
                                node->op->type);
        p->batch *= a.x->shape[i];
    }
    return set_product(p, node, turned[0], turned[1], err);
}

gy_status gy_integer_product_output(gy_tensor *y, const gy_integer_product *p, gy_dtype dtype,
                                    gy_error *err)
{
    const gy_tensor *a = p->a.x;
    size_t shape[GY_RANK_MAX];
    memcpy(shape, a->shape, sizeof(shape));
    shape[a->rank - 2] = p->rows;
    shape[a->rank - 1] = p->cols;
    return gy_tensor_set(y, dtype, shape, a->rank, err);
}

uint32_t gy_integer_product_sum(const gy_integer_product *p, size_t at)
{
    size_t j = at % p->cols, i = at / p->cols % p->rows, n = at / p->cols / p->rows;
    uint32_t sum = 0;
    int32_t a_zero = gy_zero_at(p->a.zero, i), b_zero = gy_zero_at(p->b.zero, j);
    for (size_t k = 0; k < p->inner; k++) {
        int32_t a = gy_byte_at(p->a.x, n * p->a_batch + i * p->a_row + k * p->a_inner);
        int32_t b = gy_byte_at(p->b.x, n * p->b_batch + j * p->b_col + k * p->b_inner);
        sum += (uint32_t)((a - a_zero) * (b - b_zero));
    }
    return sum;
}

size_t gy_integer_product_emit(gy_text *out, const gy_integer_product *p)
{
    size_t depth = gy_emit_for(out, "n", p->batch, 0);
    depth = gy_emit_for(out, "i", p->rows, depth);
    depth = gy_emit_for(out, "j", p->cols, depth);
    gy_line(out, depth, "const size_t at = (n * %zu + i) * %zu + j;", p->rows, p->cols);
    gy_line(out, depth, "uint32_t sum = 0;");
    if (p->inner == 0)
        return depth;
    emit_zero(out, "a_zero", p->a.zero, "i", depth);
    emit_zero(out, "b_zero", p->b.zero, "j", depth);
    gy_line(out, depth, "for (size_t k = 0; k < %zu; k++)", p->inner);
    gy_line(out, depth + 1, "sum += (uint32_t)((%s[n * %zu + i * %zu + k * %zu] - a_zero) *",
            p->a.x->c_name, p->a_batch, p->a_row, p->a_inner);
    gy_line(out, depth + 1, "                  (%s[n * %zu + j * %zu + k * %zu] - b_zero));",
            p->b.x->c_name, p->b_batch, p->b_col, p->b_inner);
    return depth;
}

// ---- convolutions

gy_status gy_integer_conv_read(gy_integer_conv *conv, const gy_node *node, gy_bytes x, gy_bytes w,
                               gy_error *err)
{
    if (w.x->rank != x.x->rank || w.x->rank < 3)
        return gy_node_fail(node, GY_FORMAT, err, "weights of %zu dimensions, input of %zu",
                            w.x->rank, x.x->rank);
    *conv = (gy_integer_conv){.x = x, .w = w, .maps = w.x->shape[0]};
    GY_TRY(gy_window_read(&conv->window, node, w.x->shape + 2, err));
    int64_t groups = gy_node_int(node, "group", 1);
    if (groups < 1 || (size_t)groups > conv->maps || conv->maps % (size_t)groups != 0 ||
        w.x->shape[1] * (size_t)groups != x.x->shape[1])
        return gy_node_fail(node, GY_FORMAT, err,
                            "weights for %zu × %zu channels in %lld groups, input has %zu",
                            conv->maps, w.x->shape[1], (long long)groups, x.x->shape[1]);
    conv->groups = (size_t)groups;
    return GY_OK;
}

uint32_t gy_integer_conv_sum(size_t *map, const gy_integer_conv *conv, size_t at)
{
    const gy_window *window = &conv->window;
    size_t plane = window->in[0] * window->in[1] * window->in[2], o[3];
    for (size_t i = 3; i-- > 0; at /= window->out[i])
        o[i] = at % window->out[i];
    size_t n = at / conv->maps, m = *map = at % conv->maps;
    size_t taps = window->kernel[0] * window->kernel[1] * window->kernel[2];
    size_t channels = conv->w.x->shape[1], in[3], k[3];
    size_t first = n * window->channels + m / (conv->maps / conv->groups) * channels;
    int32_t x_zero = gy_zero_at(conv->x.zero, 0), w_zero = gy_zero_at(conv->w.zero, m);
    uint32_t sum = 0;
    for (size_t tap = 0; tap < taps; tap++) {
        k[2] = tap % window->kernel[2];
        k[1] = tap / window->kernel[2] % window->kernel[1];
        k[0] = tap / window->kernel[2] / window->kernel[1];
        bool inside = true;
        for (size_t i = 0; i < 3; i++)
            inside = gy_window_tap(&in[i], window, i, o[i], k[i]) && inside;
        size_t place = (in[0] * window->in[1] + in[1]) * window->in[2] + in[2];
        for (size_t c = 0; inside && c < channels; c++) {
            int32_t x = gy_byte_at(conv->x.x, (first + c) * plane + place);
            int32_t w = gy_byte_at(conv->w.x, (m * channels + c) * taps + tap);
            sum += (uint32_t)((x - x_zero) * (w - w_zero));
        }
    }
    return sum;
}

static void emit_taps(gy_text *out, const gy_integer_conv *conv, size_t depth)
{
    const gy_window *window = &conv->window;
    size_t plane = window->in[0] * window->in[1] * window->in[2];
    size_t taps = window->kernel[0] * window->kernel[1] * window->kernel[2];
    size_t channels = conv->w.x->shape[1];
    size_t inner = gy_window_emit_taps(out, window, depth);
    size_t deepest = gy_emit_for(out, "c", channels, inner);
    gy_indent(out, deepest);
    gy_text_add(out, "const int32_t x = ");
    bool is_padded = gy_window_emit_inside(out, window);
    gy_text_add(out, "%s%s[(n * %zu + m / %zu * %zu + c) * %zu + ", is_padded ? " ? " : "",
                conv->x.x->c_name, window->channels, conv->maps / conv->groups, channels, plane);
    gy_window_emit_in(out, window);
    gy_text_add(out, "] - x_zero%s;\n", is_padded ? " : 0" : "");
    gy_indent(out, deepest);
    gy_text_add(out, "sum += (uint32_t)(x * (%s[(m * %zu + c) * %zu + ", conv->w.x->c_name,
                channels, taps);
    gy_window_emit_kernel(out, window);
    gy_text_add(out, "] - w_zero));\n");
    gy_emit_close(out, depth, deepest);
}

size_t gy_integer_conv_emit(gy_text *out, const gy_integer_conv *conv)
{
    const gy_window *window = &conv->window;
    size_t depth = gy_emit_for(out, "n", window->batch, 0);
    depth = gy_emit_for(out, "m", conv->maps, depth);
    depth = gy_window_emit_places(out, window, depth);
    gy_indent(out, depth);
    gy_text_add(out, "const size_t at = (n * %zu + m) * %zu + ", conv->maps,
                window->out[0] * window->out[1] * window->out[2]);
    gy_window_emit_out(out, window);
    gy_text_add(out, ";\n");
    gy_line(out, depth, "uint32_t sum = 0;");
    emit_zero(out, "x_zero", conv->x.zero, "0", depth);
    emit_zero(out, "w_zero", conv->w.zero, "m", depth);
    emit_taps(out, conv, depth);
    return depth;
}
