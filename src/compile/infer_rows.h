// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_COMPILE_INFER_ROWS_H
#define GYRE_COMPILE_INFER_ROWS_H

#include "gyre/compile.h"

/**
 * How many samples a call must hold for the outputs to be the model's: 0 if they may come one by
 * one, or all that are given where the model lets samples meet (a Softmax along the first axis, a
 * mean over the batch). Only of a model whose first axis is free.
 */
gy_status gy_infer_rows_together(size_t *batch, const char *model_path, gy_model *model,
                                 const gy_array *inputs, size_t input_count,
                                 const gy_infer_options *options, gy_arena *arena,
                                 gy_error *err) GY_CHECKED;

#endif
