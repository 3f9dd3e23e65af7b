// SPDX-License-Identifier: Apache-2.0
//
// The one door to the files that rows of a table name.
#ifndef GYRE_TABLE_NAMED_H
#define GYRE_TABLE_NAMED_H

#include "gyre/table.h"

enum { GY_NAMED_PATH_BYTES = 4096 };

/** A file that a row names, open for reading. Close `file`. */
typedef struct gy_named {
    char path[GY_NAMED_PATH_BYTES];
    int file;
    size_t size_bytes;
} gy_named;

/**
 * Open what a row names: in the table's folder, unless it begins with '/'. It has to be a regular
 * file below that folder, or in the project that holds it; links and '..' may lead anywhere in
 * there. With GYRE_OUTSIDE in the environment, it may be anywhere (SECURITY.md).
 *
 * @param folder with a final slash, as in gy_table.
 * @return GY_OK; the row's own fault: GY_NOT_FOUND (nothing there), GY_REFUSED (outside),
 *         GY_FORMAT (no file, no permission, no path); the machine's: GY_IO. A row's fault is a
 *         finding; after the machine's nothing is known of the row, and the command has to fail.
 */
gy_status gy_named_open(gy_named *named, const char *folder, const char *name, size_t length,
                        gy_error *err) GY_CHECKED;

/**
 * Decode the image that a row names. The file is read, not mapped: it is its owner's, who may cut
 * it short meanwhile.
 * @return as gy_named_open and gy_image_decode; GY_LIMIT: over GY_IMAGE_BYTES_MAX; GY_NO_MEMORY.
 */
gy_status gy_named_image(gy_image *image, const char *folder, const char *name, size_t length,
                         gy_arena *arena, gy_error *err) GY_CHECKED;

/** Its sides alone. Takes nothing from the arena for good. */
gy_status gy_named_measure(gy_image *image, const char *folder, const char *name, size_t length,
                           gy_arena *arena, gy_error *err) GY_CHECKED;

/** Whether a failure says nothing of the row: the disk, the memory, a decoder that is not there. */
bool gy_named_must_fail(gy_status status, const gy_error *why);

#endif
