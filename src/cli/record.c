// SPDX-License-Identifier: Apache-2.0
//
// What commands about the ledger print alike.

#define _POSIX_C_SOURCE 200809L
#include "cli/record.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

gy_time_words gy_time_text(int64_t time_us)
{
    gy_time_words words;
    struct tm utc;
    time_t seconds = (time_t)(time_us / 1000000);
    if (gmtime_r(&seconds, &utc) == NULL ||
        strftime(words.text, sizeof(words.text), "%Y-%m-%d %H:%M UTC", &utc) == 0)
        snprintf(words.text, sizeof(words.text), "an unknown time");
    return words;
}

void gy_json_text(gy_text *out, const char *text)
{
    if (text == NULL)
        gy_text_add(out, "null");
    else
        gy_text_json_string(out, text, strlen(text));
}

// What a line says, without who said it and when: that stands behind the last three spaces.
static size_t said_length(const char *line, size_t length)
{
    for (size_t at = length; at > 3; at--)
        if (memcmp(line + at - 3, "   ", 3) == 0)
            return at - 3;
    return length;
}

gy_status gy_record_line(gy_text *out, size_t from, const char *prefix, const gy_record *record,
                         gy_arena *scratch, gy_error *err)
{
    size_t begin = out->length;
    gy_text_add(out, "  %s", prefix);
    GY_TRY(gy_record_words(out, record, scratch, err));
    gy_text_add(out, "\n");
    if (out->status != GY_OK)
        return GY_OK; // told by whoever prints it
    size_t said = said_length(out->bytes + begin, out->length - begin);
    for (size_t at = from, end; at < begin; at = end) {
        const char *newline = memchr(out->bytes + at, '\n', begin - at);
        end = newline == NULL ? begin : (size_t)(newline - out->bytes) + 1;
        if (said_length(out->bytes + at, end - at) != said ||
            memcmp(out->bytes + at, out->bytes + begin, said) != 0)
            continue;
        memmove(out->bytes + at, out->bytes + end, out->length - end);
        out->length -= end - at;
        out->bytes[out->length] = '\0';
        break;
    }
    return GY_OK;
}
