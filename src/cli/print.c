// SPDX-License-Identifier: Apache-2.0
//
// What several commands print alike.

#define _POSIX_C_SOURCE 200809L
#include <time.h>

#include "cli/command.h"

void gy_progress(const gy_cli *cli, const char *what, size_t done, size_t total)
{
    static double started, shown; // of the one bar that this process shows
    if (!cli->progress || cli->quiet)
        return;
    struct timespec now_time;
    clock_gettime(CLOCK_MONOTONIC, &now_time);
    double now = (double)now_time.tv_sec + 1e-9 * (double)now_time.tv_nsec;
    if (done == 0 || started == 0.0)
        started = now;
    bool ends = total > 0 && done >= total;
    if (now - started < 1.0 || (now - shown < 0.1 && !ends))
        return;
    shown = now;
    if (total == 0)
        fprintf(stderr, "\r\033[K%s: %zu", what, done);
    else
        fprintf(stderr, "\r\033[K%s: %zu of %zu (%zu %%)", what, done, total, done * 100 / total);
    if (ends)
        fprintf(stderr, "\r\033[K");
}

gy_status gy_print_text(const gy_cli *cli, gy_text *text, gy_error *err)
{
    gy_status status = text->status;
    if (status != GY_OK)
        status = gy_fail(err, status, "no memory for the results");
    else if (text->length > 0)
        fwrite(text->bytes, 1, text->length, cli->out);
    gy_text_release(text);
    return status;
}
