// SPDX-License-Identifier: Apache-2.0
//
// Ids as text. How an id is computed: base/hash.c, table/row_id.c.

#include <string.h>

#include "gyre/base.h"

gy_id_hex gy_id_text(const gy_id *id)
{
    static const char digits[] = "0123456789abcdef";
    gy_id_hex hex;
    for (size_t i = 0; i < sizeof(id->bytes); i++) {
        hex.text[2 * i] = digits[id->bytes[i] >> 4];
        hex.text[2 * i + 1] = digits[id->bytes[i] & 15];
    }
    hex.text[64] = '\0';
    return hex;
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

gy_status gy_id_parse(gy_id *id, const char *text, gy_error *err)
{
    gy_id parsed;
    size_t length = strnlen(text, 65);
    for (size_t i = 0; i < 32 && length == 64; i++) {
        int high = digit_value(text[2 * i]), low = digit_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            length = 0;
        else
            parsed.bytes[i] = (uint8_t)(high << 4 | low);
    }
    if (length != 64)
        return gy_fail(err, GY_INVALID, "'%.70s' is not an id (64 hex digits)", text);
    *id = parsed;
    return GY_OK;
}

int gy_id_compare(const gy_id *a, const gy_id *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}
