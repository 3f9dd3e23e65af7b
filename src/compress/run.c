// SPDX-License-Identifier: Apache-2.0
//
// Runs of the graph for calibration: layers by loops that a compiler vectorises, all else by the
// operators' own eval. Values that have 8 bits are rounded where they are made, which is what
// QuantizeLinear and DequantizeLinear do. Sums are products and additions in one order, each
// rounded: the same bits everywhere, though not those of the reference, whose products are not
// rounded.

#include <float.h>
#include <string.h>

#include "compress/work.h"
#include "model/op.h"
#include "rt/math.h"

void gy_round_values(float *values, size_t count, const gy_activation *to)
{
    float scale = to->scale, zero = (float)to->zero;
    for (size_t i = 0; i < count; i++) {
        // The sum with 1.5 x 2^23 rounds half to even, exact where the value is not cut anyway.
        float steps = values[i] / scale;
        steps = steps < -1e6f ? -1e6f : steps > 1e6f ? 1e6f : steps;
        steps = (steps + 12582912.0f) - 12582912.0f + zero;
        steps = steps < 0.0f ? 0.0f : steps > GY_LEVELS ? (float)GY_LEVELS : steps;
        values[i] = (steps - zero) * scale;
    }
}

// ---- what is seen

static void observe_values(gy_activation *seen, const float *values, size_t count, size_t rows)
{
    for (size_t i = 0; i < count; i++) {
        seen->least = values[i] < seen->least ? values[i] : seen->least;
        seen->greatest = values[i] > seen->greatest ? values[i] : seen->greatest;
    }
    // A prime step meets every place of a sample sooner or later.
    size_t left = seen->seen_capacity - seen->seen_count, wanted = rows * 131;
    wanted = wanted > left ? left : wanted;
    for (size_t i = 0; i < wanted && i < count; i++)
        seen->seen[seen->seen_count++] = values[i * 7919 % count];
}

// The squares and peaks of a layer's inputs, for the choice of weight scales and for balance: of
// planes of a convolution, of single numbers of a product.
static void observe_inputs(gy_layer *layer, bool is_plain)
{
    const gy_tensor *x = layer->node->inputs[0];
    size_t plane = layer->kind == GY_LAYER_CONV ? x->count / (x->shape[0] * x->shape[1]) : 1;
    size_t group = layer->fan_in / layer->taps;
    const float *values = x->data;
    for (size_t i = 0; i < x->count / plane; i++, values += plane) {
        double sum = 0;
        float peak = 0;
        for (size_t k = 0; k < plane; k++) {
            float size = gy_fabsf(values[k]);
            sum += (double)size * (double)size;
            peak = size > peak ? size : peak;
        }
        size_t channel = i % layer->channels;
        if (is_plain && peak > layer->peaks[channel])
            layer->peaks[channel] = peak;
        for (size_t tap = 0; tap < layer->taps; tap++)
            layer->power[channel % group * layer->taps + tap] += sum;
    }
}

// ---- a run

static void finish_value(gy_compressor *work, ptrdiff_t place, size_t rows)
{
    if (place == GY_NO_PLACE)
        return;
    gy_activation *activation = &work->activations[place];
    float *values = (float *)(uintptr_t)activation->tensor->data;
    size_t count = activation->tensor->count / work->batch * rows;
    if (work->observing && activation->root == (size_t)place)
        observe_values(activation, values, count, rows);
    // What only moves values finds them rounded already.
    if (activation->is_on && activation->root == (size_t)place)
        gy_round_values(values, count, activation);
}

static gy_status run_step(gy_compressor *work, const gy_step *step, gy_error *err)
{
    gy_layer *layer = step->layer == GY_NO_PLACE ? NULL : &work->layers[step->layer];
    if (layer != NULL && work->observing)
        observe_inputs(layer, work->quarters == 0);
    if (layer != NULL && layer->kind == GY_LAYER_CONV)
        gy_compress_run_conv(work, step);
    else if (layer != NULL)
        gy_compress_run_product(work, step);
    else if (!gy_compress_run_light(step)) {
        if (step->node->op->eval == NULL)
            return gy_fail(err, GY_UNSUPPORTED, "node '%s': the reference cannot run %s",
                           step->node->name, step->node->op->type);
        return step->node->op->eval(step->node, err);
    }
    return GY_OK;
}

static gy_status run_steps(gy_compressor *work, size_t begin, size_t end, size_t rows,
                           gy_error *err)
{
    for (size_t i = begin; i < end; i++) {
        GY_TRY(run_step(work, &work->steps[i], err));
        finish_value(work, work->steps[i].activation, rows);
    }
    return GY_OK;
}

// Copy a batch of rows; the last batch is filled up with its first row, and what comes of that is
// not looked at.
static void copy_rows(void *into, const void *from, size_t row_bytes, size_t batch, size_t rows)
{
    for (size_t i = 0; i < batch; i++)
        memcpy((uint8_t *)into + i * row_bytes,
               (const uint8_t *)from + (i < rows ? i : 0) * row_bytes, row_bytes);
}

// Run one batch from the model's input, or from what is kept of it.
static gy_status run_batch(gy_compressor *work, const gy_inputs *inputs, size_t at, size_t rows,
                           gy_error *err)
{
    gy_tensor *first = inputs->first == NULL ? work->graph->inputs[0] : work->first;
    size_t row_bytes = first->count / work->batch * gy_dtype_size(first->dtype);
    const uint8_t *from = inputs->first == NULL ? inputs->bytes : (const uint8_t *)inputs->first;
    copy_rows((void *)(uintptr_t)first->data, from + at * row_bytes, row_bytes, work->batch, rows);
    for (size_t i = 0; i < work->activation_count; i++)
        if (work->activations[i].tensor == first)
            finish_value(work, (ptrdiff_t)i, rows);
    return run_steps(work, inputs->first == NULL ? 0 : work->prefix, work->step_count, rows, err);
}

// A float model that makes no numbers of a sample shows no range and nothing to compare with.
static gy_status check_outputs(const gy_compressor *work, const gy_inputs *inputs, size_t at,
                               size_t rows, gy_error *err)
{
    const float *values = work->output->data;
    for (size_t i = 0; i < rows * work->outputs; i++) {
        if (gy_fabsf(values[i]) <= FLT_MAX)
            continue;
        const char *odd = values[i] != values[i] ? "not a number" : "infinite";
        size_t row = (at + i / work->outputs) * inputs->all_rows / inputs->rows;
        if (inputs->all_rows == 0)
            return gy_fail(err, GY_INVALID, "output '%s' is %s for an image of '%s'",
                           work->output->name, odd, inputs->path);
        return gy_fail(err, GY_INVALID,
                       "output '%s' is %s for row %zu of '%s' (are there NaN, infinite or huge "
                       "values in it?)",
                       work->output->name, odd, row + 1, inputs->path);
    }
    return GY_OK;
}

gy_status gy_compressor_run(float *outputs, gy_compressor *work, const gy_part *part, gy_error *err)
{
    const gy_tensor *output = work->output;
    for (size_t at = part->begin; at < part->end; at += work->batch) {
        size_t rows = part->end - at < work->batch ? part->end - at : work->batch;
        GY_TRY(run_batch(work, part->inputs, at, rows, err));
        GY_TRY(check_outputs(work, part->inputs, at, rows, err));
        if (outputs != NULL)
            memcpy(outputs + (at - part->begin) * work->outputs, output->data,
                   rows * work->outputs * sizeof(float));
    }
    return GY_OK;
}

gy_status gy_compressor_keep(gy_inputs *inputs, gy_compressor *work, gy_error *err)
{
    if (work->first == NULL || work->prefix == 0)
        return GY_OK;
    size_t row_bytes = work->first->count / work->batch * sizeof(float);
    uint8_t *kept = gy_arena_take(work->arena, inputs->rows, row_bytes);
    if (kept == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu samples of %zu bytes", inputs->rows,
                       row_bytes);
    gy_compressor_switch(work, false);
    void *input = (void *)(uintptr_t)work->graph->inputs[0]->data;
    for (size_t at = 0; at < inputs->rows; at += work->batch) {
        size_t rows = inputs->rows - at < work->batch ? inputs->rows - at : work->batch;
        copy_rows(input, inputs->bytes + at * inputs->row_bytes, inputs->row_bytes, work->batch,
                  rows);
        GY_TRY(run_steps(work, 0, work->prefix, rows, err));
        memcpy(kept + at * row_bytes, work->first->data, rows * row_bytes);
    }
    inputs->first = (float *)(void *)kept;
    return GY_OK;
}
