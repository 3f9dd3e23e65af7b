// SPDX-License-Identifier: Apache-2.0
//
// The kernels in plain C: the reference, and what runs where nothing better does.

#include "base/hash.h"
#include "rt/math.h"
#include "value/kernel.h"

typedef struct vector {
    float lane[GY_VALUE_LANES];
} vector;

static inline vector vector_load(const float *from)
{
    vector v;
    for (size_t l = 0; l < GY_VALUE_LANES; l++)
        v.lane[l] = from[l];
    return v;
}

static inline void vector_store(float *to, vector v)
{
    for (size_t l = 0; l < GY_VALUE_LANES; l++)
        to[l] = v.lane[l];
}

static inline vector vector_load_part(const float *from, size_t count)
{
    vector v = {{0}};
    for (size_t l = 0; l < count; l++)
        v.lane[l] = from[l];
    return v;
}

static inline void vector_store_part(float *to, vector v, size_t count)
{
    for (size_t l = 0; l < count; l++)
        to[l] = v.lane[l];
}

static inline vector vector_all(float value)
{
    vector v;
    for (size_t l = 0; l < GY_VALUE_LANES; l++)
        v.lane[l] = value;
    return v;
}

static inline vector vector_sub(vector a, vector b)
{
    for (size_t l = 0; l < GY_VALUE_LANES; l++)
        a.lane[l] -= b.lane[l];
    return a;
}

static inline vector vector_fma(vector a, vector b, vector c)
{
    for (size_t l = 0; l < GY_VALUE_LANES; l++)
        c.lane[l] = gy_fmaf(a.lane[l], b.lane[l], c.lane[l]);
    return c;
}

static inline unsigned vector_below(vector v, vector limit)
{
    unsigned found = 0;
    for (size_t l = 0; l < GY_VALUE_LANES; l++)
        found |= (unsigned)(v.lane[l] < limit.lane[l]) << l;
    return found;
}

#include "value/kernel_body.h"

const gy_value_kernels gy_value_kernels_plain = {.name = "plain", VALUE_KERNELS};

const gy_value_kernels *gy_value_kernels_pick(void)
{
#if defined(__x86_64__)
    if (gy_cpu_level() >= GY_CPU_AVX2)
        return &gy_value_kernels_avx2;
#endif
    return &gy_value_kernels_plain;
}
