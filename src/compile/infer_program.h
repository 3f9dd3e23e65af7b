// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_COMPILE_INFER_PROGRAM_H
#define GYRE_COMPILE_INFER_PROGRAM_H

#include "compile/infer_job.h"

/**
 * Run a job as a program of its own, natively or under an emulator, and count what it takes.
 * GY_UNSUPPORTED: no way is known to run programs for the job's target.
 */
gy_status gy_infer_program(const gy_infer_job *job, gy_error *err) GY_CHECKED;

#endif
