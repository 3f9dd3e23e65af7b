// SPDX-License-Identifier: Apache-2.0
//
// Shortest decimals by Schubfach (R. Giulietti, "The Schubfach way to render doubles", 2020), and
// their inverse: one 128-bit product whose error bounds are checked, with strtod for the rare
// number that lies too near a tie.

#define _GNU_SOURCE
#include "base/decimal.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 gy_wide;

static gy_decimal normal(uint64_t digits, int exponent, bool negative)
{
    if (digits == 0)
        return (gy_decimal){0, 0, false};
    while (digits % 10 == 0) {
        digits /= 10;
        exponent++;
    }
    return (gy_decimal){digits, exponent, negative};
}

gy_decimal gy_decimal_of_integer(int64_t value)
{
    bool negative = value < 0;
    return normal(negative ? 0 - (uint64_t)value : (uint64_t)value, 0, negative);
}

// floor(log10(2^e)), floor(log10(3/4 2^e)) and floor(log2(10^e)): exact for all exponents here.
static int log10_of_power2(int e)
{
    return (e * 1262611) >> 22;
}

static int log10_of_three_quarters_power2(int e)
{
    return (e * 1262611 - 524031) >> 22;
}

static int log2_of_power10(int e)
{
    return (e * 1741647) >> 19;
}

// The upper 64 of the 192 bits of power * c, with the lowest bit set if any below is (beyond what
// rounding the power up may have added).
static uint64_t product_to_odd(const uint64_t power[2], uint64_t c)
{
    gy_wide low = (gy_wide)power[1] * c;
    gy_wide high = (gy_wide)power[0] * c + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

// The shortest decimal in the interval that rounds to c 2^q. near_below: the lower neighbour is
// only half as far, because c is a power of two.
static gy_decimal shortest(uint64_t c, int q, bool near_below, bool negative)
{
    bool odd = (c & 1) != 0;
    int k = near_below ? log10_of_three_quarters_power2(q) : log10_of_power2(q);
    int h = q + log2_of_power10(-k) + 1;
    const uint64_t *power = gy_powers[-k - GY_POWER_FIRST];
    uint64_t below = product_to_odd(power, (4 * c - (near_below ? 1 : 2)) << h) + odd;
    uint64_t here = product_to_odd(power, (4 * c) << h);
    uint64_t above = product_to_odd(power, (4 * c + 2) << h) - odd;

    uint64_t s = here / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool down = below <= 40 * tens, up = 40 * tens + 40 <= above;
        if (down != up)
            return normal(tens + up, k + 1, negative);
    }
    bool down = below <= 4 * s, up = 4 * s + 4 <= above;
    if (down != up)
        return normal(s + up, k, negative);
    uint64_t middle = 4 * s + 2;
    return normal(s + (here > middle || (here == middle && (s & 1) != 0)), k, negative);
}

gy_decimal gy_decimal_of_double(double value)
{
    enum { MANTISSA_BITS = 52, BIAS = 1075 };
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    bool negative = bits >> 63 != 0;
    uint64_t mantissa = bits & ((UINT64_C(1) << MANTISSA_BITS) - 1);
    int exponent = (int)(bits >> MANTISSA_BITS & 0x7ff);

    // Whole numbers below 2^53 are their own digits.
    double magnitude = fabs(value);
    if (magnitude < 9007199254740992.0 && magnitude == floor(magnitude))
        return normal((uint64_t)magnitude, 0, negative);
    if (exponent == 0)
        return shortest(mantissa, 1 - BIAS, false, negative);
    return shortest(mantissa | UINT64_C(1) << MANTISSA_BITS, exponent - BIAS,
                    mantissa == 0 && exponent > 1, negative);
}

gy_decimal gy_decimal_of_float(float value)
{
    enum { MANTISSA_BITS = 23, BIAS = 150 };
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    bool negative = bits >> 31 != 0;
    uint32_t mantissa = bits & ((UINT32_C(1) << MANTISSA_BITS) - 1);
    int exponent = (int)(bits >> MANTISSA_BITS & 0xff);

    float magnitude = fabsf(value);
    if (magnitude < 16777216.0f && magnitude == floorf(magnitude))
        return normal((uint64_t)magnitude, 0, negative);
    if (exponent == 0)
        return mantissa == 0 ? (gy_decimal){0, 0, false}
                             : shortest(mantissa, 1 - BIAS, false, negative);
    return shortest(mantissa | UINT32_C(1) << MANTISSA_BITS, exponent - BIAS,
                    mantissa == 0 && exponent > 1, negative);
}

// ---- reading

typedef struct spelling {
    uint64_t digits; // the first 19 significant ones
    int64_t exponent;
    bool negative;
    bool cut; // there were more digits, not all zero
} spelling;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool read_exponent(int64_t *exponent, const char *at, const char *end)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end)
        return false;
    int64_t value = 0;
    for (; at < end; at++) {
        if (!is_digit(*at))
            return false;
        if (value < 100000)
            value = 10 * value + (*at - '0');
    }
    *exponent += negative ? -value : value;
    return true;
}

static bool read_spelling(spelling *out, const char *text, size_t length)
{
    const char *at = text, *end = text + length;
    *out = (spelling){0};
    if (at < end && *at == '-') {
        out->negative = true;
        at++;
    }
    bool any = false, point = false;
    int significant = 0;
    for (; at < end && (is_digit(*at) || (*at == '.' && !point)); at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        any = true;
        uint64_t digit = (uint64_t)(*at - '0');
        if (significant < 19) {
            out->digits = 10 * out->digits + digit;
            significant += out->digits != 0;
            out->exponent -= point;
        } else {
            out->cut = out->cut || digit != 0;
            out->exponent += !point;
        }
    }
    if (!any)
        return false;
    if (at == end)
        return true;
    return (*at == 'e' || *at == 'E') && read_exponent(&out->exponent, at + 1, end);
}

// The double nearest to digits 10^exponent when the digits are exact or, if cut, one too low in
// their last place. False: the bounds on both sides of the product round differently.
static bool round_product(double *value, const spelling *in)
{
    if (in->exponent < -307 || in->exponent > 288)
        return false; // near the ends of the range: denormals, overflow
    const uint64_t *power = gy_powers[in->exponent - GY_POWER_FIRST];
    int zeros = __builtin_clzll(in->digits);
    uint64_t w = in->digits << zeros;
    uint64_t slack = (in->cut ? UINT64_C(1) << zeros : 0) + 2;
    gy_wide low = (gy_wide)power[1] * w;
    gy_wide high = (gy_wide)power[0] * w + (uint64_t)(low >> 64);
    // The true product lies within [high - 2, high + slack + 1) in units of 2^64.
    gy_wide least = high - 2, most = high + slack;
    if (in->cut) // one more in the last digit adds power << zeros
        most += ((gy_wide)1 << 64) << zeros;
    if (most < high)
        return false;
    // 128 bits, the top one or the one below set: keep 53, round half to even.
    int top = least >> 127 != 0 ? 127 : 126;
    if ((most >> 127 != 0 ? 127 : 126) != top)
        return false;
    int drop = top - 52;
    gy_wide half = (gy_wide)1 << (drop - 1), mask = ((gy_wide)1 << drop) - 1;
    gy_wide kept = least >> drop;
    bool up = (least & mask) > half, up_most = (most & mask) > half;
    if (kept != most >> drop || up != up_most || (least & mask) == half || (most & mask) == half ||
        (least & mask) < 4)
        return false;
    uint64_t mantissa = (uint64_t)kept + up;
    int exponent = drop + 64 + log2_of_power10((int)in->exponent) - 127 - zeros;
    *value = ldexp((double)mantissa, exponent);
    return true;
}

static bool parse_slowly(double *value, const char *text, size_t length)
{
    char small[128];
    char *copy = small;
    // Past 800 digits only whether one is not zero can matter; strtod reads all of them anyway.
    gy_text long_text = {0};
    if (length >= sizeof(small)) {
        gy_text_append(&long_text, text, length);
        copy = long_text.bytes;
    } else {
        memcpy(small, text, length);
        small[length] = '\0';
    }
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    bool good = long_text.status == GY_OK && plain != (locale_t)0;
    if (good)
        *value = strtod_l(copy, NULL, plain);
    if (plain != (locale_t)0)
        freelocale(plain);
    gy_text_release(&long_text);
    return good && isfinite(*value);
}

bool gy_decimal_parse(double *value, const char *text, size_t length)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    spelling in;
    if (!read_spelling(&in, text, length))
        return false;
    if (in.digits == 0 && !in.cut) {
        *value = in.negative ? -0.0 : 0.0;
        return true;
    }
    // Both factors exact in a double: one rounding (Clinger 1990).
    if (!in.cut && in.digits <= UINT64_C(9007199254740992) && in.exponent >= -22 &&
        in.exponent <= 22) {
        double digits = (double)in.digits;
        *value = in.exponent < 0 ? digits / powers[-in.exponent] : digits * powers[in.exponent];
    } else if (!round_product(value, &in)) {
        return parse_slowly(value, text, length);
    }
    if (in.negative)
        *value = -*value;
    return true;
}

// ---- spelling

static size_t spell(char *out, gy_decimal number)
{
    enum { POINT_MIN = -4, POINT_MAX = 16 }; // as Python's repr
    char digits[24];
    int count = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number.digits);
    int point = count + number.exponent; // digits before the point
    char *at = out;
    if (number.negative)
        *at++ = '-';
    if (point > POINT_MAX || point <= POINT_MIN) {
        at += snprintf(at, 24, "%c%s%s", digits[0], count > 1 ? "." : "", digits + 1);
        at += snprintf(at, 8, "e%c%02d", point > 0 ? '+' : '-', abs(point - 1));
        return (size_t)(at - out);
    }
    if (point <= 0) {
        at += snprintf(at, 28, "0.%.*s%s", -point, "0000", digits);
        return (size_t)(at - out);
    }
    for (int i = 0; i < count || i < point; i++) {
        if (i == point)
            *at++ = '.';
        *at++ = i < count ? digits[i] : '0';
    }
    *at = '\0';
    return (size_t)(at - out);
}

static size_t spell_special(char *out, double value)
{
    strcpy(out, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
    return strlen(out);
}

size_t gy_decimal_spell(char out[GY_DECIMAL_BYTES], double value)
{
    return isfinite(value) ? spell(out, gy_decimal_of_double(value)) : spell_special(out, value);
}

size_t gy_decimal_spell_float(char out[GY_DECIMAL_BYTES], float value)
{
    return isfinite(value) ? spell(out, gy_decimal_of_float(value))
                           : spell_special(out, (double)value);
}
