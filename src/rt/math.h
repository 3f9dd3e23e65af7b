// SPDX-License-Identifier: 0BSD
//
// Float functions with the same bits on every processor: only + - * / and fma, which IEEE 754
// rounds in one way, in a fixed order, and no libm. Written without branches where it pays, so that
// a compiler vectorises loops over them. This text also goes out in emitted programs: strict C11,
// no header but stdint.h and float.h. Accuracy is in units in the last place (ulp) of the nearest
// float; the test counts it against higher precision over every exponent.
#ifndef GYRE_RT_MATH_H
#define GYRE_RT_MATH_H

#include <float.h>
#include <stdint.h>

#if defined(__FAST_MATH__)
#error "-ffast-math changes results; build without it"
#endif
#if FLT_EVAL_METHOD == 1 || FLT_EVAL_METHOD == 2
#error "float expressions must be evaluated in float (on i386: -msse2 -mfpmath=sse)"
#endif

static inline uint32_t gy_float_bits(float x)
{
    union {
        float number;
        uint32_t bits;
    } both = {.number = x};
    return both.bits;
}

static inline float gy_bits_float(uint32_t x)
{
    union {
        uint32_t bits;
        float number;
    } both = {.bits = x};
    return both.number;
}

/** The number of the lowest bit of x that is set; x is not 0. */
static inline uint32_t gy_lowest_bit(uint32_t x)
{
#if defined(__GNUC__)
    return (uint32_t)__builtin_ctz(x);
#else
    // That bit alone, as a float: its exponent is its number.
    return (gy_float_bits((float)(x & (0u - x))) >> 23) - 127u;
#endif
}

static inline float gy_fabsf(float x)
{
    return gy_bits_float(gy_float_bits(x) & 0x7fffffffu);
}

/** The magnitude of x with the sign of s. */
static inline float gy_copysignf(float x, float s)
{
    return gy_bits_float((gy_float_bits(x) & 0x7fffffffu) | (gy_float_bits(s) & 0x80000000u));
}

/** NaN in one form, 7fc00000: processors differ in the NaN that an operation makes. */
static inline float gy_canonf(float x)
{
    return x != x ? gy_bits_float(0x7fc00000u) : x;
}

/** x, at least low and at most high; a NaN stays, and so does -0 at a bound of 0. */
static inline float gy_clipf(float x, float low, float high)
{
    float y = low > x ? low : x;
    return high < y ? high : y;
}

/** The greater of m and x; the later of equals (+0 and -0 are equal); NaN if one is. */
static inline float gy_pool_maxf(float m, float x)
{
    return m > x || m != m ? m : x;
}

// GY_SOFT_FMA: for the test that compares the two.
#if (defined(__FP_FAST_FMAF) || defined(__ARM_FEATURE_FMA)) && !defined(GY_SOFT_FMA)
/** x × y + z, rounded once. */
static inline float gy_fmaf(float x, float y, float z)
{
    return __builtin_fmaf(x, y, z);
}
#else
/**
 * x × y + z, rounded once, for processors without fma. The product of two floats is exact in a
 * double; the sum is rounded to odd there (53 bits hold a float's 24 and more than 2 besides), so
 * that the second rounding, to float, is the only one that counts; subnormals too.
 */
static inline float gy_fmaf(float x, float y, float z)
{
    union {
        double number;
        uint64_t bits;
    } sum;
    double product = (double)x * (double)y, addend = (double)z;
    sum.number = product + addend;
    double part = sum.number - product;
    double lost = (product - (sum.number - part)) + (addend - part);
    // False for NaN: where the sum is inf or NaN, lost is NaN and the sum stays as it is.
    uint64_t inexact = (uint64_t)(lost < 0.0) | (uint64_t)(lost > 0.0);
    uint64_t even = inexact & ~sum.bits & 1u;
    uint64_t outward = (uint64_t)((lost > 0.0) == (sum.number > 0.0));
    sum.bits += even * outward;
    sum.bits -= even * (outward ^ 1u);
    return (float)sum.number;
}
#endif

/** Nearest whole number, halves to even; -0 and NaN kept. */
static inline float gy_rintf(float x)
{
    float size = gy_fabsf(x);
    float near = size < 8388608.0f ? (size + 8388608.0f) - 8388608.0f : size;
    return gy_copysignf(near, x);
}

static inline float gy_floorf(float x)
{
    float near = gy_rintf(x);
    return gy_copysignf(near > x ? near - 1.0f : near, x);
}

static inline float gy_ceilf(float x)
{
    float near = gy_rintf(x);
    return gy_copysignf(near < x ? near + 1.0f : near, x);
}

/**
 * Square root, rounded as IEEE 754 says (equal to a processor's own, tested for every mantissa):
 * three Newton steps from a guess of 1/sqrt, then two with an exact remainder (Markstein).
 */
static inline float gy_sqrtf(float x)
{
    // Small ones are scaled by 2^64, their roots by 2^-32, so that no remainder underflows.
    float scaled = x < 0x1p-64f ? x * 0x1p64f : x;
    float scale = x < 0x1p-64f ? 0x1p-32f : 1.0f;
    float guess = gy_bits_float(0x5f375a86u - (gy_float_bits(scaled) >> 1));
    float half = scaled * 0.5f;
    guess = guess * gy_fmaf(-half * guess, guess, 1.5f);
    guess = guess * gy_fmaf(-half * guess, guess, 1.5f);
    guess = guess * gy_fmaf(-half * guess, guess, 1.5f);
    float root = scaled * guess, slope = guess * 0.5f;
    root = gy_fmaf(gy_fmaf(-root, root, scaled), slope, root);
    root = gy_fmaf(gy_fmaf(-root, root, scaled), slope, root) * scale;
    float special = x == 0.0f || x != x || x > FLT_MAX ? x : gy_bits_float(0x7fc00000u);
    return x > 0.0f && x <= FLT_MAX ? root : special;
}

/** e^x; at most .8 ulp off. Overflows to inf, underflows through the subnormals to 0. */
static inline float gy_expf(float x)
{
    float v = x < -104.0f ? -104.0f : x;
    v = v > 89.0f ? 89.0f : v;
    // e^v = 2^n × e^r, |r| <= ln(2)/2. 1.5 × 2^23 makes the sum round to a whole number.
    float z = gy_fmaf(v, 1.44269504f, 12582912.0f);
    float n = z - 12582912.0f;
    float r = gy_fmaf(n, -0.693359375f, v);
    r = gy_fmaf(n, 2.12194440e-4f, r);
    float q = 0.00138214743f;
    q = gy_fmaf(q, r, 0.00836866256f);
    q = gy_fmaf(q, r, 0.0416682549f);
    q = gy_fmaf(q, r, 0.166665211f);
    q = gy_fmaf(q, r, 0.49999994f);
    float head = 1.0f + r, tail = r - (head - 1.0f);
    float power = head + gy_fmaf(r * r, q, tail);
    // 2^n as two factors, since n goes down to -150; only the last product rounds.
    uint32_t biased = gy_float_bits(z) - 0x4b400000u + 1024u; // n + 1024
    uint32_t first = biased >> 1, second = biased - first;
    return power * gy_bits_float((first - 385u) << 23) * gy_bits_float((second - 385u) << 23);
}

/** Natural logarithm; at most .92 ulp off. -inf at 0, NaN below. */
static inline float gy_logf(float x)
{
    // x = 2^k × m, m between sqrt(1/2) and sqrt(2); log m = f - f²/2 + f³ q(f), f = m - 1.
    float normal = x < FLT_MIN ? x * 8388608.0f : x;
    float shift = x < FLT_MIN ? 23.0f : 0.0f;
    uint32_t bits = gy_float_bits(normal) + (0x3f800000u - 0x3f3504f3u);
    float k = (float)(int32_t)(bits >> 23) - 127.0f - shift;
    float f = gy_bits_float((bits & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
    float q = -0.0764432028f;
    q = gy_fmaf(q, f, 0.127695099f);
    q = gy_fmaf(q, f, -0.131604001f);
    q = gy_fmaf(q, f, 0.142007202f);
    q = gy_fmaf(q, f, -0.166232258f);
    q = gy_fmaf(q, f, 0.200012654f);
    q = gy_fmaf(q, f, -0.250008255f);
    q = gy_fmaf(q, f, 0.333333313f);
    q = gy_fmaf(q, f, -0.5f);
    float result = gy_fmaf(q, f * f, gy_fmaf(k, -2.12194440e-4f, f));
    result = gy_fmaf(k, 0.693359375f, result);
    result = x <= FLT_MAX ? result : x;
    float special = x == 0.0f ? gy_bits_float(0xff800000u) : gy_bits_float(0x7fc00000u);
    return x > 0.0f ? result : special;
}

/** Hyperbolic tangent; at most 1.31 ulp off. */
static inline float gy_tanhf(float x)
{
    float size = gy_fabsf(x), square = size * size;
    float q = -0.00543316407f;
    q = gy_fmaf(q, square, 0.0203919038f);
    q = gy_fmaf(q, square, -0.0536630489f);
    q = gy_fmaf(q, square, 0.133305177f);
    q = gy_fmaf(q, square, -0.333332479f);
    float low = gy_fmaf(q * square, size, size);
    float high = 1.0f - 2.0f / (gy_expf(2.0f * size) + 1.0f);
    return gy_copysignf(size < 0.625f ? low : high, x);
}

/** Error function; at most 1.07 ulp off. */
static inline float gy_erff(float x)
{
    float size = gy_fabsf(x), square = size * size;
    float q = 8.00277485e-05f;
    q = gy_fmaf(q, square, -0.000805080403f);
    q = gy_fmaf(q, square, 0.00519246049f);
    q = gy_fmaf(q, square, -0.0268557407f);
    q = gy_fmaf(q, square, 0.112836257f);
    q = gy_fmaf(q, square, -0.376126289f);
    q = gy_fmaf(q, square, 0.128379166f);
    float low = gy_fmaf(q, size, size);
    // 1 - e^-h(|x|), h fitted to -log(erfc); from 4 on it is 1.
    float v = size > 4.0f ? 4.0f : size;
    float h = 2.11003844e-05f;
    h = gy_fmaf(h, v, -0.000434504618f);
    h = gy_fmaf(h, v, 0.00417119265f);
    h = gy_fmaf(h, v, -0.025119625f);
    h = gy_fmaf(h, v, 0.108280241f);
    h = gy_fmaf(h, v, 0.633346856f);
    h = gy_fmaf(h, v, 1.12951493f);
    h = gy_fmaf(h, v, -0.000174683286f);
    float high = 1.0f - gy_expf(-h);
    return gy_copysignf(size < 0.92f ? low : high, x);
}

/** 1 / (1 + e^-x); at most 2.6 ulp off, in the far negative too. */
static inline float gy_sigmoidf(float x)
{
    float small = gy_expf(-gy_fabsf(x));
    float part = 1.0f / (1.0f + small);
    return x < 0.0f ? small * part : part;
}

/**
 * x to the y. 2, 3, 1/2, 1 and -1 by products, root and quotient; else e^(y log x) with what the
 * logarithm's rounding lost put back. Special cases as in C's pow; NaN for x below 0 unless y is
 * whole.
 */
static inline float gy_powf(float x, float y)
{
    float size = gy_fabsf(x), log = gy_logf(size);
    float lost = size >= FLT_MIN && size <= 0x1p126f
                     ? gy_fmaf(size, gy_expf(-log), -1.0f) // size = e^log × (1 + lost)
                     : 0.0f;
    float power = y * log, result = gy_expf(power);
    if (power > -104.0f && power < 89.0f)
        result = gy_fmaf(result, gy_fmaf(y, lost, gy_fmaf(y, log, -power)), result);
    result = size == 1.0f ? 1.0f : result;
    float half = y * 0.5f;
    int is_whole = gy_rintf(y) == y, is_odd = is_whole && gy_rintf(half) != half;
    if (x < 0.0f && !is_whole)
        result = gy_bits_float(0x7fc00000u);
    if (x == 0.0f)
        result = y > 0.0f ? 0.0f : gy_bits_float(0x7f800000u);
    if (is_odd)
        result = gy_copysignf(result, x);
    result = x != x || y != y ? gy_bits_float(0x7fc00000u) : result;
    result = y == 2.0f ? x * x : y == 3.0f ? x * x * x : result;
    result = y == 0.5f ? gy_sqrtf(x) : y == 1.0f ? x : y == -1.0f ? 1.0f / x : result;
    return y == 0.0f || x == 1.0f ? 1.0f : result;
}

#endif
