// SPDX-License-Identifier: Apache-2.0
//
// A folder that appears whole or not at all.
#ifndef GYRE_COMPILE_FOLDER_H
#define GYRE_COMPILE_FOLDER_H

#include "gyre/base.h"

typedef struct gy_folder {
    const char *path;  // where it will be
    const char *draft; // where it is being made
    int lock;          // on the draft, while this process lives
} gy_folder;

/** Start a folder beside its place. @return GY_INVALID: something that gyre did not make is there.
 */
gy_status gy_folder_start(gy_folder *folder, const char *path, gy_arena *arena,
                          gy_error *err) GY_CHECKED;
gy_status gy_folder_write(const gy_folder *folder, const char *name, const void *bytes,
                          size_t size_bytes, gy_arena *arena, gy_error *err) GY_CHECKED;
/** Put it in its place, in that of an older one if there is one. */
gy_status gy_folder_finish(gy_folder *folder, gy_arena *arena, gy_error *err) GY_CHECKED;
/** Throw the draft away, if it was not finished. */
void gy_folder_drop(gy_folder *folder);
/** Remove a folder of files. */
void gy_folder_remove(const char *path);

#endif
