// SPDX-License-Identifier: Apache-2.0
//
// Memory for features, which samples_image.c and samples_column.c fill.

#include "table/samples.h"

gy_status gy_samples_take(float **features, size_t rows, size_t cols, gy_arena *arena,
                          gy_error *err)
{
    if (cols != 0 && rows > GY_SAMPLE_BYTES_MAX / sizeof(float) / cols)
        return gy_fail(err, GY_LIMIT, "%zu samples of %zu features take over %zu bytes", rows, cols,
                       GY_SAMPLE_BYTES_MAX);
    *features = GY_NEW(arena, float, rows *cols + 1);
    if (*features == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu samples of %zu features", rows, cols);
    return GY_OK;
}
