// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_COMPILE_INFER_H
#define GYRE_COMPILE_INFER_H

#include "gyre/compile.h"

/** A run on arrays: `calls` calls; call i reads inputs[k] + i × the bytes of port k. */
typedef struct gy_infer_job {
    const char *model_path;
    const gy_infer_options *options;
    gy_model *model; // opened
    const gy_port *inputs, *outputs;
    size_t input_count, output_count;
    const void **input_data;
    void **output_data;
    size_t calls;
    gy_infer_counts *counts;
    gy_arena *arena;
} gy_infer_job;

gy_status gy_infer_host(const gy_infer_job *job, gy_error *err) GY_CHECKED;
gy_status gy_infer_reference(const gy_infer_job *job, gy_error *err) GY_CHECKED;
/** As a program of its own, natively or under an emulator. */
gy_status gy_infer_program(const gy_infer_job *job, gy_error *err) GY_CHECKED;

/** A fresh temporary folder; to be removed with gy_folder_remove. */
gy_status gy_infer_folder(char **path, gy_arena *arena, gy_error *err) GY_CHECKED;
/** Compile the job's model into folder/program. */
gy_status gy_infer_compile(gy_compile_report *report, const gy_infer_job *job, const char *folder,
                           const char *levels, gy_error *err) GY_CHECKED;

#endif
