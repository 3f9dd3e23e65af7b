// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_COMPILE_REPORT_H
#define GYRE_COMPILE_REPORT_H

#include "compile/emit.h"
#include "gyre/compile.h"

/** What a prepared program needs. */
gy_status gy_report_make(gy_compile_report *report, const gy_program *program, gy_arena *arena,
                         gy_error *err) GY_CHECKED;

/** GY_LIMIT: over a budget of the options; err names what is to blame and what would fit. */
gy_status gy_report_check(const gy_compile_report *report, const gy_compile_options *options,
                          gy_error *err) GY_CHECKED;

#endif
