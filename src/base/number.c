// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "base/number.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

// The C locale for this thread, until it is handed back. In glibc and musl it takes no memory.
static locale_t enter_c_locale(void)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return plain == (locale_t)0 ? (locale_t)0 : uselocale(plain);
}

static void leave_c_locale(locale_t before)
{
    if (before != (locale_t)0)
        uselocale(before);
}

gy_number_text gy_number_shortest(double value)
{
    gy_number_text text;
    locale_t before = enter_c_locale();
    // Up to 15 digits always come back, and %g leaves zeros out; but a subnormal has fewer to tell.
    int precision = value > -0x1p-1022 && value < 0x1p-1022 ? 1 : 15;
    for (; precision <= 17; precision++) {
        snprintf(text.bytes, sizeof(text.bytes), "%.*g", precision, value);
        if (strtod(text.bytes, NULL) == value)
            break;
    }
    leave_c_locale(before);
    return text;
}

bool gy_number_read(double *value, const char *text, size_t length)
{
    char *end;
    locale_t before = enter_c_locale();
    *value = strtod(text, &end);
    leave_c_locale(before);
    return length > 0 && end == text + length;
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

bool gy_number_is_json(const char *text, size_t length)
{
    const char *at = text, *end = text + length;
    if (at < end && *at == '-')
        at++;
    const char *digits = at;
    at = skip_digits(at, end);
    if (at == digits || (*digits == '0' && at > digits + 1))
        return false;
    if (at < end && *at == '.') {
        digits = ++at;
        at = skip_digits(at, end);
        if (at == digits)
            return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        digits = at;
        at = skip_digits(at, end);
        if (at == digits)
            return false;
    }
    return at == end;
}
