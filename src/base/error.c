// SPDX-License-Identifier: Apache-2.0
//
// Statuses and errors: one list makes texts and exit codes.

#include <stdarg.h>
#include <stdio.h>

#include "gyre/base.h"

gy_status gy_fail(gy_error *err, gy_status status, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->message, sizeof(err->message), format, args);
        va_end(args);
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
