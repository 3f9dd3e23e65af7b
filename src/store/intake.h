// SPDX-License-Identifier: Apache-2.0
//
// Files on their way from the work tree into a writer.
#ifndef GYRE_STORE_INTAKE_H
#define GYRE_STORE_INTAKE_H

#include "store/rows.h"
#include "store/scan.h"
#include "store/writer.h"

typedef struct gy_intake {
    gy_writer *writer;
    const gy_data *data;
    gy_listing *listing;
    const gy_id *older_root; // of a single file's older version; NULL: none
    gy_rows rows;            // of a single file
    size_t files_read;
    gy_store_progress *progress; // NULL: none
    void *context;
    struct gy_batch *batch;
} gy_intake;

/**
 * Read every file of the listing that has no id, or whose id the store has not; put its bytes, give
 * it its id.
 */
gy_status gy_intake_run(gy_intake *intake, gy_error *err) GY_CHECKED;

#endif
