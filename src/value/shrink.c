// SPDX-License-Identifier: Apache-2.0
//
// Images made smaller by whole blocks, for judges that take every pixel.

#include "value/shrink.h"

static void shrink_one(float *to, const float *from, const gy_samples *small,
                       const gy_samples *samples, size_t block)
{
    size_t channels = samples->channels;
    float share = 1.0f / (float)(block * block);
    for (size_t y = 0; y < small->height; y++)
        for (size_t x = 0; x < small->width; x++)
            for (size_t channel = 0; channel < channels; channel++) {
                float sum = 0.0f;
                for (size_t i = 0; i < block * block; i++) {
                    size_t row = y * block + i / block, col = x * block + i % block;
                    sum += from[(row * samples->width + col) * channels + channel];
                }
                to[(y * small->width + x) * channels + channel] = sum * share;
            }
}

gy_status gy_shrink(gy_samples *small, const gy_samples *samples, gy_arena *arena, gy_error *err)
{
    *small = *samples;
    size_t longest = samples->width > samples->height ? samples->width : samples->height;
    if (longest <= GY_SHRINK_SIDE_MAX)
        return GY_OK;
    size_t block = (longest + GY_SHRINK_SIDE_MAX - 1) / GY_SHRINK_SIDE_MAX;
    if (samples->width < block || samples->height < block) // a line, not a picture
        return GY_OK;
    small->width = samples->width / (uint32_t)block;
    small->height = samples->height / (uint32_t)block;
    small->cols = (size_t)small->width * small->height * samples->channels;
    float *features = GY_NEW(arena, float, samples->rows * small->cols);
    if (features == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to shrink %zu images", samples->rows);
    for (size_t row = 0; row < samples->rows; row++)
        shrink_one(features + row * small->cols, samples->features + row * samples->cols, small,
                   samples, block);
    small->features = features;
    return GY_OK;
}
