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
