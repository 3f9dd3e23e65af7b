// SPDX-License-Identifier: Apache-2.0
//
// Numbers and their decimal spellings, the same on every machine and in every locale.
#ifndef GYRE_BASE_DECIMAL_H
#define GYRE_BASE_DECIMAL_H

#include "gyre/base.h"

/** A number as digits times ten to the exponent; digits do not end in 0; zero is 0 and 0. */
typedef struct gy_decimal {
    uint64_t digits;
    int32_t exponent;
    bool negative;
} gy_decimal;

/** The shortest decimal that reads back as the same value, and of those the nearest. Finite. */
gy_decimal gy_decimal_of_double(double value);
gy_decimal gy_decimal_of_float(float value);

/** Any integer. */
gy_decimal gy_decimal_of_integer(int64_t value);

/**
 * Read [-] digits [. digits] [e|E [+|-] digits], at least one digit before the exponent: the
 * nearest double, half to even.
 * @return false: it is not spelled so, or beyond a double's range.
 */
bool gy_decimal_parse(double *value, const char *text, size_t length);

enum { GY_DECIMAL_BYTES = 32 };

/**
 * Spell a double shortest: 0.1, 100, 1e+20, 1.5e-07, nan, inf. As Python's repr, without ".0".
 * @return the length. out is NUL-terminated.
 */
size_t gy_decimal_spell(char out[GY_DECIMAL_BYTES], double value);
size_t gy_decimal_spell_float(char out[GY_DECIMAL_BYTES], float value);

enum { GY_POWER_FIRST = -342, GY_POWER_LAST = 324 };

/** 10^k as 128 bits, rounded up, high half first: gy_powers[k - GY_POWER_FIRST]. */
extern const uint64_t gy_powers[GY_POWER_LAST - GY_POWER_FIRST + 1][2];

#endif
