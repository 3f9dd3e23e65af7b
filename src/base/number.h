// SPDX-License-Identifier: Apache-2.0
//
// Decimal spellings of doubles, the same in every locale: a program that loads libgyre may have set
// one that writes 0,5.
#ifndef GYRE_BASE_NUMBER_H
#define GYRE_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/** A number's spelling, by value. */
typedef struct gy_number_text {
    char bytes[32];
} gy_number_text;

/** The shortest decimal that reads back as the same finite value (%g's form). */
gy_number_text gy_number_shortest(double value);

/**
 * The double nearest to a decimal spelling (strtod's forms), NUL-terminated at length. Over the
 * range: infinity.
 * @return whether all of it was read.
 */
bool gy_number_read(double *value, const char *text, size_t length);

/** Whether text is a number as JSON spells it (RFC 8259, section 6). */
bool gy_number_is_json(const char *text, size_t length);

#endif
