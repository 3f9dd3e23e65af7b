// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_TABLE_FINDING_H
#define GYRE_TABLE_FINDING_H

#include "gyre/table.h"

/** Findings from the bytes of JSON lines; `name` is what messages call them. */
gy_status gy_findings_parse(gy_finding **findings, size_t *count, const char *bytes,
                            size_t size_bytes, const char *name, gy_arena *arena,
                            gy_error *err) GY_CHECKED;

#endif
