// SPDX-License-Identifier: Apache-2.0

#include "value/panels.h"

gy_status gy_panels_make(gy_panels *panels, const float *features, const uint32_t *order,
                         size_t rows, size_t cols, gy_arena *arena, gy_error *err)
{
    size_t count = (rows + GY_PANEL - 1) / GY_PANEL;
    float *values = GY_NEW(arena, float, count *cols *GY_PANEL);
    if (values == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to lay out %zu samples", rows);
    for (size_t i = 0; i < rows; i++) {
        float *panel = values + i / GY_PANEL * cols * GY_PANEL + i % GY_PANEL;
        const float *row = features + (order != NULL ? order[i] : i) * cols;
        for (size_t col = 0; col < cols; col++)
            panel[col * GY_PANEL] = row[col];
    }
    *panels = (gy_panels){values, rows, cols, count, gy_value_kernels_pick()};
    return GY_OK;
}
