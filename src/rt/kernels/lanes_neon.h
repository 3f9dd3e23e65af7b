// SPDX-License-Identifier: 0BSD
//
// Vectors of 8 floats with Neon.
#ifndef GYRE_RT_KERNELS_LANES_NEON_H
#define GYRE_RT_KERNELS_LANES_NEON_H

#include <stddef.h>

#include "rt/math.h"

#include <arm_neon.h>
#define GY_LANES_NAME "neon"
#define GY_INLINE static inline __attribute__((always_inline))
typedef struct gy_v8 {
    float32x4_t a, b;
} gy_v8;

GY_INLINE gy_v8 gy_v8_load(const float *p)
{
    return (gy_v8){vld1q_f32(p), vld1q_f32(p + 4)};
}
GY_INLINE void gy_v8_store(float *p, gy_v8 v)
{
    vst1q_f32(p, v.a);
    vst1q_f32(p + 4, v.b);
}
GY_INLINE gy_v8 gy_v8_load_part(const float *p, size_t n)
{
    float lane[8] = {0};
    for (size_t i = 0; i < n; i++)
        lane[i] = p[i];
    return gy_v8_load(lane);
}
GY_INLINE void gy_v8_store_part(float *p, gy_v8 v, size_t n)
{
    float lane[8];
    gy_v8_store(lane, v);
    for (size_t i = 0; i < n; i++)
        p[i] = lane[i];
}
GY_INLINE gy_v8 gy_v8_set(float x)
{
    return (gy_v8){vdupq_n_f32(x), vdupq_n_f32(x)};
}
GY_INLINE gy_v8 gy_v8_fma(gy_v8 a, gy_v8 b, gy_v8 c)
{
    return (gy_v8){vfmaq_f32(c.a, a.a, b.a), vfmaq_f32(c.b, a.b, b.b)};
}
GY_INLINE gy_v8 gy_v8_add(gy_v8 a, gy_v8 b)
{
    return (gy_v8){vaddq_f32(a.a, b.a), vaddq_f32(a.b, b.b)};
}
GY_INLINE gy_v8 gy_v8_div(gy_v8 a, gy_v8 b)
{
    return (gy_v8){vdivq_f32(a.a, b.a), vdivq_f32(a.b, b.b)};
}
// Comparisons and choices, not vmaxq: that orders zeros and takes any NaN.
GY_INLINE float32x4_t gy_v4_clip(float32x4_t v, float32x4_t low, float32x4_t high)
{
    v = vbslq_f32(vcgtq_f32(low, v), low, v);
    return vbslq_f32(vcltq_f32(high, v), high, v);
}
GY_INLINE gy_v8 gy_v8_clip(gy_v8 v, gy_v8 low, gy_v8 high)
{
    return (gy_v8){gy_v4_clip(v.a, low.a, high.a), gy_v4_clip(v.b, low.b, high.b)};
}
GY_INLINE float32x4_t gy_v4_pool_max(float32x4_t m, float32x4_t x)
{
    uint32x4_t number = vceqq_f32(m, m);
    return vbslq_f32(vbicq_u32(number, vcgtq_f32(m, x)), x, m);
}
GY_INLINE gy_v8 gy_v8_pool_max(gy_v8 m, gy_v8 x)
{
    return (gy_v8){gy_v4_pool_max(m.a, x.a), gy_v4_pool_max(m.b, x.b)};
}

#endif
