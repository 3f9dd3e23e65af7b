// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_COMPILE_INFER_CALL_H
#define GYRE_COMPILE_INFER_CALL_H

#include "gyre/compile.h"

/** As gy_infer, with as many samples a call as the options say, whether or not they meet. */
gy_status gy_infer_call(gy_array **outputs, size_t *output_count, gy_infer_counts *counts,
                        const char *model_path, const gy_array *inputs, size_t input_count,
                        const gy_infer_options *options, gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
