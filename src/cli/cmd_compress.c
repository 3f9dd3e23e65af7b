// SPDX-License-Identifier: Apache-2.0
//
// gyre compress: a model in 8 bits, and what that costs.

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "cli/deed.h"

typedef struct compress_options {
    const char *out, *calibrate, *holdout;
    gy_texts keep;
    size_t bits, samples;
    double scale, loss_max; // NaN: any loss
    bool report;
} compress_options;

static const gy_option options[] = {
    {GY_OPTION_TEXT, "out", 'o', "FILE", offsetof(compress_options, out), "the new model"},
    {GY_OPTION_TEXT, "calibrate", 0, "DATA", offsetof(compress_options, calibrate),
     "samples that ranges are taken from: a table of images, or an .npz"},
    {GY_OPTION_TEXT, "holdout", 0, "DATA", offsetof(compress_options, holdout),
     "samples to judge the result by; otherwise a third of the others"},
    {GY_OPTION_SIZE, "bits", 0, "N", offsetof(compress_options, bits), "8, the only one so far"},
    {GY_OPTION_TEXTS, "keep", 0, "NODE", offsetof(compress_options, keep),
     "a node that stays float; may be given several times"},
    {GY_OPTION_SIZE, "samples", 0, "N", offsetof(compress_options, samples),
     "how many samples to calibrate with (1000)"},
    {GY_OPTION_NUMBER, "scale", 0, "X", offsetof(compress_options, scale),
     "what the model takes as white (255 for an input of type uint8, else 1)"},
    {GY_OPTION_FLAG, "report", 0, NULL, offsetof(compress_options, report),
     "also tell what each layer alone costs"},
    {GY_OPTION_NUMBER, "max-loss", 0, "POINTS", offsetof(compress_options, loss_max),
     "keep the costliest layers float until no more accuracy is lost (without labels: no more "
     "labels change), or refuse"},
    GY_OPTIONS_END,
};

static void add_number(gy_text *out, const char *name, double value)
{
    gy_text_add(out, ",\"%s\":", name);
    gy_text_json_number(out, value);
}

static void add_layers(gy_text *out, const gy_compress_report *report)
{
    for (size_t i = 0; i < report->layer_count; i++) {
        const gy_compress_layer *layer = &report->layers[i];
        gy_text_add(out, "%s{\"name\":", i == 0 ? "" : ",");
        gy_text_json_string(out, layer->name, strlen(layer->name));
        gy_text_add(out, ",\"type\":\"%s\",\"bits\":%d,\"weights\":%zu", layer->type,
                    layer->why_float == NULL ? 8 : 32, layer->weights);
        if (layer->why_float == NULL) {
            add_number(out, "input_scale", (double)layer->input_scale);
            gy_text_add(out, ",\"input_zero\":%d,\"exact\":%s", layer->input_zero,
                        layer->exact ? "true" : "false");
        } else {
            gy_text_add(out, ",\"why_float\":");
            gy_text_json_string(out, layer->why_float, strlen(layer->why_float));
        }
        if (!isnan(layer->cost)) {
            add_number(out, "cost", layer->cost);
            gy_text_add(out, ",\"flipped\":%zu", layer->flipped);
        }
        gy_text_add(out, "}");
    }
}

static gy_status print_json(const gy_cli *cli, const gy_compress_report *report, gy_error *err)
{
    gy_text out = {0};
    gy_text_add(&out, "{\"bytes_float\":%zu,\"bytes\":%zu,\"calibrated\":%zu,\"judged\":%zu",
                report->bytes_float, report->bytes, report->calibrated, report->judged);
    gy_text_add(&out, ",\"holdout\":%s,\"flipped\":%zu,\"observer\":\"%s\"",
                report->has_holdout ? "true" : "false", report->flipped, report->observer);
    add_number(&out, "balance", report->balance);
    add_number(&out, "noise", report->noise);
    add_number(&out, "accuracy_float", report->accuracy_float);
    add_number(&out, "accuracy", report->accuracy);
    add_number(&out, "loss", report->loss);
    gy_text_add(&out, ",\"layers\":[");
    add_layers(&out, report);
    gy_text_add(&out, "]}\n");
    gy_status status = out.status;
    if (status == GY_OK)
        fputs(out.bytes, cli->out);
    gy_text_release(&out);
    return status == GY_OK ? GY_OK : gy_fail(err, status, "no memory to print");
}

static void print_layer(const gy_cli *cli, const gy_compress_layer *layer)
{
    double step = (double)layer->input_scale;
    fprintf(cli->out, "%-24s %-7s %9zu  ", layer->name, layer->type, layer->weights);
    if (layer->why_float != NULL)
        fprintf(cli->out, "float: %s\n", layer->why_float);
    else
        fprintf(cli->out, "%10.4g %10.4g %8.2g %% %8zu\n", step * (0 - layer->input_zero),
                step * (255 - layer->input_zero), 100 * layer->cost, layer->flipped);
}

static void print_text(const gy_cli *cli, const compress_options *chosen,
                       const gy_compress_report *report)
{
    fprintf(cli->out, "%s: %zu bytes, before %zu\n", chosen->out, report->bytes,
            report->bytes_float);
    if (!isnan(report->loss))
        fprintf(cli->out, "%zu of %zu samples %s another label, ", report->flipped, report->judged,
                report->flipped == 1 ? "has" : "have");
    fprintf(cli->out, "error %.2g %% of the outputs' variance\n", 100 * report->noise);
    if (!isnan(report->accuracy))
        fprintf(cli->out, "accuracy %.4f, before %.4f, on %s\n", report->accuracy,
                report->accuracy_float,
                report->has_holdout ? chosen->holdout : "calibration samples held out");
    if (report->note[0] != '\0')
        fprintf(cli->out, "%s\n", report->note);
    if (chosen->report)
        fprintf(cli->out, "%-24s %-7s %9s  %10s %10s %10s %8s\n", "layer", "type", "weights",
                "input from", "to", "error", "labels");
    for (size_t i = 0; i < report->layer_count; i++)
        if (chosen->report || report->layers[i].why_float != NULL)
            print_layer(cli, &report->layers[i]);
}

static gy_status compress_run(gy_cli *cli, gy_error *err)
{
    compress_options chosen = {.loss_max = NAN};
    GY_TRY(gy_options_parse(&chosen, &gy_command_compress, cli, err));
    if (chosen.out == NULL || chosen.calibrate == NULL)
        return gy_fail(err, GY_INVALID, "%s is missing (see gyre compress --help)",
                       chosen.out == NULL ? "-o FILE" : "--calibrate DATA");
    const gy_compress_options how = {.bits = chosen.bits,
                                     .keep = chosen.keep.items,
                                     .keep_count = chosen.keep.count,
                                     .scale = chosen.scale,
                                     .calibrate_max = chosen.samples,
                                     .sensitivity = chosen.report,
                                     .has_loss_max = !isnan(chosen.loss_max),
                                     .loss_max = chosen.loss_max};
    gy_compress_report report;
    GY_TRY(gy_compress(&report, chosen.out, cli->args[0], chosen.calibrate, chosen.holdout, &how,
                       cli->arena, err));
    const gy_deed deed = {.what = "compressed to 8 bits",
                          .path = chosen.out,
                          .from = {cli->args[0], chosen.calibrate, chosen.holdout}};
    GY_TRY(gy_deeds_record(&deed, 1, cli, err));
    if (cli->json)
        return print_json(cli, &report, err);
    print_text(cli, &chosen, &report);
    return GY_OK;
}

const gy_command gy_command_compress = {
    .name = "compress",
    .usage = "gyre compress [OPTION...] MODEL.onnx -o OUT.onnx --calibrate DATA",
    .summary = "write a model with 8-bit weights and activations, and tell what that costs",
    .group = "models",
    .details =
        "Convolutions and matrix products get int8 weights with a scale for each output channel "
        "and uint8 inputs; the outputs of the model stay float. The new model is standard ONNX, "
        "with QuantizeLinear and DequantizeLinear. Ranges, the evening out of channels and the "
        "correction of biases are chosen by samples that they do not come from. Layers that spoil "
        "the result stay float and are named, while over 5 % of the labels change or of the "
        "outputs' variance is error; --max-loss sets another bound. --report shows for each layer "
        "what its input ranges over, and the error of the outputs and the labels changed when it "
        "alone has 8 bits.",
    .examples = "gyre compress model.onnx -o model.int8.onnx --calibrate labels.csv --holdout "
                "test.npz\n",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = compress_run,
};
