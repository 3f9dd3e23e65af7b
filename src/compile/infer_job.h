// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_COMPILE_INFER_JOB_H
#define GYRE_COMPILE_INFER_JOB_H

#include "compile/vocabulary.h"
#include "gyre/compile.h"

/** A run on arrays: `calls` calls; call i reads inputs[k] + i × the bytes of port k. */
typedef struct gy_infer_job {
    const char *model_path;
    const gy_infer_options *options;
    gy_model *model;                 // opened
    const gy_port *inputs, *outputs; // as the program has them: numbers for texts
    gy_vocabularies texts;
    size_t input_count, output_count;
    const void **input_data;
    void **output_data;
    size_t calls;
    gy_infer_counts *counts;
    gy_arena *arena;
} gy_infer_job;

/** Compile the job's model into folder/program. */
gy_status gy_infer_compile(gy_compile_report *report, const gy_infer_job *job, const char *folder,
                           const char *levels, gy_error *err) GY_CHECKED;

#endif
