// SPDX-License-Identifier: Apache-2.0
//
// Growing text, and the JSON spellings of strings and numbers that every output shares.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/number.h"
#include "base/text.h"
#include "base/utf8.h"

static bool reserve(gy_text *text, size_t more)
{
    if (text->status != GY_OK)
        return false;
    if (more >= SIZE_MAX / 2 - text->length) {
        text->status = GY_NO_MEMORY;
        return false;
    }
    size_t needed = text->length + more + 1;
    if (needed <= text->capacity)
        return true;
    char *grown = gy_fault_memory() ? NULL : realloc(text->bytes, 2 * needed);
    if (grown == NULL) {
        text->status = GY_NO_MEMORY;
        return false;
    }
    text->bytes = grown;
    text->capacity = 2 * needed;
    return true;
}

void gy_text_append(gy_text *text, const void *bytes, size_t length)
{
    if (!reserve(text, length))
        return;
    if (length > 0)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void gy_text_add_args(gy_text *text, const char *format, va_list args)
{
    va_list again;
    if (text->status != GY_OK)
        return;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length >= 0 && reserve(text, (size_t)length)) {
        vsnprintf(text->bytes + text->length, text->capacity - text->length, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void gy_text_add(gy_text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gy_text_add_args(text, format, args);
    va_end(args);
}

void gy_text_release(gy_text *text)
{
    free(text->bytes);
    *text = (gy_text){0};
}

void gy_text_json_string(gy_text *text, const char *bytes, size_t length)
{
    const unsigned char *at = (const unsigned char *)bytes, *end = at + length;
    gy_text_append(text, "\"", 1);
    while (at < end) {
        const unsigned char *plain = at;
        size_t size = 0;
        while (at < end && *at >= 0x20 && *at != '"' && *at != '\\' &&
               (size = gy_utf8_length(at, (size_t)(end - at))) > 0)
            at += size;
        gy_text_append(text, plain, (size_t)(at - plain));
        if (at == end)
            break;
        if (*at == '"' || *at == '\\')
            gy_text_add(text, "\\%c", *at);
        else if (*at == '\n')
            gy_text_append(text, "\\n", 2);
        else if (*at == '\t')
            gy_text_append(text, "\\t", 2);
        else if (*at < 0x20)
            gy_text_add(text, "\\u%04x", *at);
        else
            gy_text_append(text, "\xef\xbf\xbd", 3);
        at++;
    }
    gy_text_append(text, "\"", 1);
}

void gy_text_json_member(gy_text *text, const char *key, const char *value)
{
    bool is_first = text->length > 0 && text->bytes[text->length - 1] == '{';
    gy_text_add(text, "%s\"%s\":%s", is_first ? "" : ",", key, value == NULL ? "null" : "");
    if (value != NULL)
        gy_text_json_string(text, value, strlen(value));
}

void gy_text_json_number(gy_text *text, double value)
{
    if (!isfinite(value)) {
        gy_text_append(text, "null", 4);
        return;
    }
    gy_number_text digits = gy_number_shortest(value);
    gy_text_append(text, digits.bytes, strlen(digits.bytes));
}
