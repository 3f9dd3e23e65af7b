// SPDX-License-Identifier: Apache-2.0
//
// Runs a model by the reference on the arrays of a file.
// usage: run_model MODEL IN.npz OUT.npz [BATCH]

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "gyre/model.h"

static gy_status run(char **args, gy_arena *arena, gy_error *err)
{
    gy_array *inputs, outputs[64];
    size_t input_count, output_count;
    gy_model *model;
    gy_model_options options = {.batch = args[4] == NULL ? 0 : strtoul(args[4], NULL, 10)};
    GY_TRY(gy_arrays_read(&inputs, &input_count, args[2], arena, err));
    GY_TRY(gy_model_open(&model, args[1], &options, err));
    gy_model_outputs(model, &output_count);
    gy_status status = output_count > 64 ? gy_fail(err, GY_LIMIT, "over 64 outputs") : GY_OK;
    if (status == GY_OK)
        status = gy_model_run(outputs, model, inputs, input_count, arena, err);
    if (status == GY_OK)
        status = gy_arrays_write(outputs, output_count, args[3], err);
    gy_model_close(model);
    return status;
}

int main(int count, char **args)
{
    if (count < 4)
        return 2;
    gy_arena arena = GY_ARENA_INIT;
    gy_error err = {0};
    gy_status status = run(args, &arena, &err);
    if (status != GY_OK)
        fprintf(stderr, "%s\n", err.message);
    gy_arena_release(&arena);
    return gy_status_exit_code(status);
}
