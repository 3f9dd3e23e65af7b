// SPDX-License-Identifier: Apache-2.0
//
// Paths as texts: joined, clean, one above the other. Nothing is looked up.
#ifndef GYRE_BASE_PATH_H
#define GYRE_BASE_PATH_H

#include "gyre/base.h"

/** "folder/path", or path if it is absolute; NULL: no memory. */
const char *gy_path_join(gy_arena *arena, const char *folder, const char *path);

/** path without ".", ".." and double slashes; "" for the folder itself; NULL: no memory. */
const char *gy_path_clean(gy_arena *arena, const char *path);

/** Whether one of two clean paths is the other or a folder above it. */
bool gy_path_overlaps(const char *a, const char *b);

#endif
