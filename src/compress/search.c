// SPDX-License-Identifier: Apache-2.0
//
// What is chosen by trying: how far channels are evened out, how ranges are taken, each range on
// its own, and whether biases are corrected. Judged by samples that none of it comes from, or a
// choice would be praised by what it was made of.

#include <math.h>
#include <string.h>

#include "compress/work.h"

/** What a search holds on to. */
typedef struct search {
    gy_compressor *work;
    const gy_part *fit, *judge;
    float *expected, *outputs; // of judge, float and of 8 bits
} search;

static size_t best_of(const float *values, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        best = values[i] > values[best] ? i : best;
    return best;
}

gy_compress_judgement gy_compress_judge(const float *outputs, const float *expected, size_t rows,
                                        size_t columns)
{
    gy_compress_judgement judged = {0};
    double error = 0, variance = 0;
    for (size_t i = 0; i < rows; i++, outputs += columns, expected += columns) {
        double mean = 0, mean_expected = 0;
        for (size_t k = 0; columns > 1 && k < columns; k++) {
            mean += (double)outputs[k] / (double)columns;
            mean_expected += (double)expected[k] / (double)columns;
        }
        for (size_t k = 0; k < columns; k++) {
            double wanted = (double)expected[k] - mean_expected;
            double off = (double)outputs[k] - mean - wanted;
            error += off * off;
            variance += wanted * wanted;
        }
        judged.flipped += best_of(outputs, columns) != best_of(expected, columns);
    }
    judged.noise = variance > 0 ? error / variance : error;
    return judged;
}

static gy_status try_it(gy_compress_judgement *judged, search *s, gy_error *err)
{
    gy_compressor_switch(s->work, true);
    GY_TRY(gy_compressor_run(s->outputs, s->work, s->judge, err));
    *judged = gy_compress_judge(s->outputs, s->expected, s->judge->end - s->judge->begin,
                                s->work->outputs);
    return GY_OK;
}

static gy_status balance_and_observe(search *s, int quarters, gy_error *err)
{
    gy_compress_balance(s->work, quarters);
    GY_TRY(gy_compress_observe(s->work, s->fit, err));
    for (size_t i = 0; i < s->work->layer_count; i++)
        if (s->work->layers[i].why_float == NULL)
            gy_layer_quantize(&s->work->layers[i], NULL);
    return GY_OK;
}

static gy_status choose_balance(gy_compress_report *report, search *s, gy_error *err)
{
    gy_compress_judgement judged;
    double least = INFINITY;
    int quarters = 0;
    gy_observer observer = GY_MIN_MAX;
    for (int tried = 0; tried <= 4; tried++) {
        GY_TRY(balance_and_observe(s, tried, err));
        for (gy_observer way = GY_MIN_MAX; way < GY_OBSERVERS; way++) {
            gy_compress_set_ranges(s->work, way);
            GY_TRY(try_it(&judged, s, err));
            if (judged.noise < least) {
                least = judged.noise;
                quarters = tried;
                observer = way;
            }
        }
    }
    GY_TRY(balance_and_observe(s, quarters, err));
    gy_compress_set_ranges(s->work, observer);
    report->balance = quarters / 4.0;
    report->observer = gy_observer_name(observer);
    report->noise = least;
    return GY_OK;
}

// Each range a little smaller or greater, while that helps.
static gy_status refine_ranges(gy_compress_report *report, search *s, gy_error *err)
{
    static const float shares[] = {0.9f, 1.1f, 0.8f, 1.2f};
    for (size_t i = 0; i < s->work->activation_count; i++) {
        gy_activation *activation = &s->work->activations[i], best = *activation;
        if (activation->root != i)
            continue;
        for (size_t k = 0; k < sizeof(shares) / sizeof(shares[0]); k++) {
            gy_compress_judgement judged;
            gy_activation_set(activation, best.low * shares[k], best.high * shares[k]);
            GY_TRY(try_it(&judged, s, err));
            if (judged.noise < report->noise) {
                report->noise = judged.noise;
                best = *activation;
            }
        }
        *activation = best;
    }
    return GY_OK;
}

static gy_status make_exact(gy_compress_report *report, search *s, gy_error *err)
{
    gy_compress_judgement judged;
    gy_compress_make_exact(s->work);
    GY_TRY(try_it(&judged, s, err));
    report->noise = judged.noise;
    return GY_OK;
}

// ---- biases: what rounding shifts in the mean of each output, its bias takes back

static gy_status sum_outputs(search *s, gy_layer *layer, double *sums, bool is_on, gy_error *err)
{
    memset(sums, 0, layer->outputs * sizeof(*sums));
    gy_compressor_switch(s->work, is_on);
    layer->sums = sums;
    gy_status status = gy_compressor_run(NULL, s->work, s->fit, err);
    layer->sums = NULL;
    return status;
}

static gy_status correct_layer(search *s, gy_layer *layer, gy_error *err)
{
    double *expected = GY_NEW(s->work->arena, double, layer->outputs);
    double *sums = GY_NEW(s->work->arena, double, layer->outputs);
    if (expected == NULL || sums == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu outputs", layer->outputs);
    GY_TRY(sum_outputs(s, layer, expected, false, err));
    GY_TRY(sum_outputs(s, layer, sums, true, err));
    size_t batches = (s->fit->end - s->fit->begin + s->work->batch - 1) / s->work->batch;
    double count = (double)(layer->node->outputs[0]->count / layer->outputs * batches);
    for (size_t m = 0; m < layer->outputs; m++)
        layer->correction[m] += (float)((expected[m] - sums[m]) / count);
    return GY_OK;
}

static gy_status correct_biases(gy_compress_report *report, search *s, gy_error *err)
{
    gy_compress_judgement judged;
    for (size_t i = 0; i < s->work->layer_count; i++) {
        gy_layer *layer = &s->work->layers[i];
        if (layer->why_float != NULL || layer->kind == GY_LAYER_MATMUL)
            continue;
        GY_TRY(correct_layer(s, layer, err));
        GY_TRY(try_it(&judged, s, err));
        if (judged.noise < report->noise)
            report->noise = judged.noise;
        else
            memset(layer->correction, 0, layer->outputs * sizeof(float));
    }
    return GY_OK;
}

gy_status gy_compress_search(gy_compress_report *report, gy_compressor *work, const gy_part *fit,
                             const gy_part *judge, gy_error *err)
{
    size_t rows = judge->end - judge->begin;
    search s = {.work = work, .fit = fit, .judge = judge};
    s.expected = GY_NEW(work->arena, float, rows * work->outputs);
    s.outputs = GY_NEW(work->arena, float, rows * work->outputs);
    if (s.expected == NULL || s.outputs == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu outputs", rows * work->outputs);
    gy_compressor_switch(work, false);
    GY_TRY(gy_compressor_run(s.expected, work, judge, err));
    GY_TRY(choose_balance(report, &s, err));
    GY_TRY(refine_ranges(report, &s, err));
    GY_TRY(make_exact(report, &s, err));
    return correct_biases(report, &s, err);
}
