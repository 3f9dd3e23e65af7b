// SPDX-License-Identifier: Apache-2.0
//
// Statuses and errors: one list makes texts and exit codes.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gyre/base.h"

enum { LONG_BYTES_MAX = 9000 }; // two paths, and words

// Whether a byte continues a character of UTF-8.
static bool continues(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

// A text that is too long loses its middle: what failed stands at its start, why at its end.
static void shorten(char *message, size_t size, const char *text, size_t length)
{
    size_t head = size / 2, tail = size - head - 4;
    while (head > 0 && continues(text[head]))
        head--;
    while (tail > 0 && continues(text[length - tail]))
        tail--;
    memcpy(message, text, head);
    memcpy(message + head, "...", 3);
    memcpy(message + head + 3, text + length - tail, tail + 1);
}

gy_status gy_fail(gy_error *err, gy_status status, const char *format, ...)
{
    if (err != NULL) {
        char text[LONG_BYTES_MAX];
        va_list args;
        va_start(args, format);
        int length = vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        size_t used = length < 0 ? 0 : strnlen(text, sizeof(text));
        if (used < sizeof(err->message))
            memcpy(err->message, text, used + 1);
        else
            shorten(err->message, sizeof(err->message), text, used);
        if (length < 0)
            err->message[0] = '\0';
        err->status = status;
    }
    return status;
}

const char *gy_status_text(gy_status status)
{
    static const char *const texts[] = {
#define STATUS(name, exit_code, text) text,
        GY_STATUS_LIST(STATUS)
#undef STATUS
    };
    return texts[status];
}

int gy_status_exit_code(gy_status status)
{
    static const int codes[] = {
#define STATUS(name, exit_code, text) exit_code,
        GY_STATUS_LIST(STATUS)
#undef STATUS
    };
    return codes[status];
}

const char *gy_version(void)
{
    return GYRE_VERSION;
}
