// SPDX-License-Identifier: Apache-2.0
//
// What a command made from what, for gyre why.
#ifndef GYRE_CLI_DEED_H
#define GYRE_CLI_DEED_H

#include "cli/command.h"

enum { GY_DEED_FROM_MAX = 8 };

/** A thing that was made. */
typedef struct gy_deed {
    const char *what;                   // "compiled"
    const char *path;                   // of what was made
    const gy_id *id;                    // of what was made; NULL: of the file at path
    const char *params;                 // a JSON object; NULL: none
    const char *from[GY_DEED_FROM_MAX]; // paths, the first few that are not NULL
} gy_deed;

/** Record deeds in the ledger of the project around. Without a project nothing is recorded. */
gy_status gy_deeds_record(const gy_deed *deeds, size_t count, const gy_cli *cli,
                          gy_error *err) GY_CHECKED;

#endif
