// SPDX-License-Identifier: 0BSD
//
// Run a compiled model on every sample of in.bin and write out.bin.
// MODEL, CALLS, INPUT_BYTES, OUTPUT_BYTES, ARENA_BYTES are given when this is compiled.

#include <stdio.h>

#include "rt/abi.h"

// Ports lie one after the other, each at a multiple of 8 bytes.
#define PORT_BYTES(size) (((size) + 7u) / 8u * 8u)

const gy_abi_model *MODEL(void);

static _Alignas(64) unsigned char arena[ARENA_BYTES + 1];
static _Alignas(64) unsigned char input[INPUT_BYTES + 1];
static _Alignas(64) unsigned char output[OUTPUT_BYTES + 1];

int main(void)
{
    const gy_abi_model *model = MODEL();
    static const void *inputs[64];
    static void *outputs[64];
    size_t at = 0;
    FILE *in = fopen("in.bin", "rb"), *out = fopen("out.bin", "wb");
    if (in == NULL || out == NULL || model->input_count > 64 || model->output_count > 64)
        return 71;
    for (size_t i = 0; i < model->input_count; at += PORT_BYTES(model->inputs[i++].size_bytes))
        inputs[i] = input + at;
    at = 0;
    for (size_t i = 0; i < model->output_count; at += PORT_BYTES(model->outputs[i++].size_bytes))
        outputs[i] = output + at;
    for (size_t call = 0; call < CALLS; call++) {
        if (fread(input, 1, INPUT_BYTES, in) != INPUT_BYTES)
            return 71;
        model->run(inputs, outputs, arena, NULL);
        if (fwrite(output, 1, OUTPUT_BYTES, out) != OUTPUT_BYTES)
            return 72;
    }
    return fclose(out) == 0 ? 0 : 72;
}
