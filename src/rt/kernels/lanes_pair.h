// SPDX-License-Identifier: 0BSD
//
// Vectors of 16 floats as two of 8.
#ifndef GYRE_RT_KERNELS_LANES_PAIR_H
#define GYRE_RT_KERNELS_LANES_PAIR_H

typedef struct gy_v16 {
    gy_v8 a, b;
} gy_v16;

GY_INLINE gy_v16 gy_v16_load(const float *p)
{
    return (gy_v16){gy_v8_load(p), gy_v8_load(p + 8)};
}
GY_INLINE void gy_v16_store(float *p, gy_v16 v)
{
    gy_v8_store(p, v.a);
    gy_v8_store(p + 8, v.b);
}
GY_INLINE gy_v16 gy_v16_load_part(const float *p, size_t n)
{
    if (n <= 8)
        return (gy_v16){gy_v8_load_part(p, n), gy_v8_set(0.0f)};
    return (gy_v16){gy_v8_load(p), gy_v8_load_part(p + 8, n - 8)};
}
GY_INLINE void gy_v16_store_part(float *p, gy_v16 v, size_t n)
{
    gy_v8_store_part(p, v.a, n < 8 ? n : 8);
    if (n > 8)
        gy_v8_store_part(p + 8, v.b, n - 8);
}
GY_INLINE gy_v16 gy_v16_set(float x)
{
    return (gy_v16){gy_v8_set(x), gy_v8_set(x)};
}
GY_INLINE gy_v16 gy_v16_fma(gy_v16 a, gy_v16 b, gy_v16 c)
{
    return (gy_v16){gy_v8_fma(a.a, b.a, c.a), gy_v8_fma(a.b, b.b, c.b)};
}
GY_INLINE gy_v16 gy_v16_add(gy_v16 a, gy_v16 b)
{
    return (gy_v16){gy_v8_add(a.a, b.a), gy_v8_add(a.b, b.b)};
}
GY_INLINE gy_v16 gy_v16_div(gy_v16 a, gy_v16 b)
{
    return (gy_v16){gy_v8_div(a.a, b.a), gy_v8_div(a.b, b.b)};
}
GY_INLINE gy_v16 gy_v16_clip(gy_v16 v, gy_v16 low, gy_v16 high)
{
    return (gy_v16){gy_v8_clip(v.a, low.a, high.a), gy_v8_clip(v.b, low.b, high.b)};
}
GY_INLINE gy_v16 gy_v16_pool_max(gy_v16 m, gy_v16 x)
{
    return (gy_v16){gy_v8_pool_max(m.a, x.a), gy_v8_pool_max(m.b, x.b)};
}

#endif
