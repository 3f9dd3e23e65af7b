// SPDX-License-Identifier: 0BSD
//
// Vectors of 8 floats in plain C.
#ifndef GYRE_RT_KERNELS_LANES_PLAIN_H
#define GYRE_RT_KERNELS_LANES_PLAIN_H

#include <stddef.h>

#include "rt/math.h"

#define GY_LANES_NAME "plain"
#define GY_INLINE static inline
typedef struct gy_v8 {
    float lane[8];
} gy_v8;

GY_INLINE gy_v8 gy_v8_load_part(const float *p, size_t n)
{
    gy_v8 v = {{0}};
    for (size_t i = 0; i < n; i++)
        v.lane[i] = p[i];
    return v;
}
GY_INLINE void gy_v8_store_part(float *p, gy_v8 v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = v.lane[i];
}
GY_INLINE gy_v8 gy_v8_load(const float *p)
{
    return gy_v8_load_part(p, 8);
}
GY_INLINE void gy_v8_store(float *p, gy_v8 v)
{
    gy_v8_store_part(p, v, 8);
}
GY_INLINE gy_v8 gy_v8_set(float x)
{
    gy_v8 v;
    for (size_t i = 0; i < 8; i++)
        v.lane[i] = x;
    return v;
}
GY_INLINE gy_v8 gy_v8_fma(gy_v8 a, gy_v8 b, gy_v8 c)
{
    for (size_t i = 0; i < 8; i++)
        c.lane[i] = gy_fmaf(a.lane[i], b.lane[i], c.lane[i]);
    return c;
}
GY_INLINE gy_v8 gy_v8_add(gy_v8 a, gy_v8 b)
{
    for (size_t i = 0; i < 8; i++)
        a.lane[i] = a.lane[i] + b.lane[i];
    return a;
}
GY_INLINE gy_v8 gy_v8_div(gy_v8 a, gy_v8 b)
{
    for (size_t i = 0; i < 8; i++)
        a.lane[i] = a.lane[i] / b.lane[i];
    return a;
}
GY_INLINE gy_v8 gy_v8_clip(gy_v8 v, gy_v8 low, gy_v8 high)
{
    for (size_t i = 0; i < 8; i++)
        v.lane[i] = gy_clipf(v.lane[i], low.lane[i], high.lane[i]);
    return v;
}
GY_INLINE gy_v8 gy_v8_pool_max(gy_v8 m, gy_v8 x)
{
    for (size_t i = 0; i < 8; i++)
        m.lane[i] = gy_pool_maxf(m.lane[i], x.lane[i]);
    return m;
}

#endif
