// SPDX-License-Identifier: Apache-2.0
//
// Calls relative to an open folder: for sixty thousand small files, the path is most of the cost.
#ifndef GYRE_BASE_FOLDER_H
#define GYRE_BASE_FOLDER_H

#include <sys/stat.h>
#include <sys/types.h>

#include "gyre/base.h"

// As fstatat, mkdirat, unlinkat, renameat (-1 and errno), through the fault switch. A name is never
// followed if it is a symbolic link.
int gy_io_stat_at(int folder, const char *name, struct stat *found);
int gy_io_make_folder_at(int folder, const char *name); // 0 also if it exists
int gy_io_unlink_at(int folder, const char *name);
int gy_io_remove_folder_at(int folder, const char *name);
int gy_io_rename_at(int from_folder, const char *from, int to_folder, const char *to);

/** Write back all that was written to the file system that holds file: one call for many files. */
int gy_io_sync_all(int file);

typedef enum gy_file_type {
    GY_TYPE_FILE,
    GY_TYPE_FOLDER,
    GY_TYPE_LINK,
    GY_TYPE_OTHER
} gy_file_type;

/** One name in a folder. */
typedef struct gy_folder_name {
    const char *name;
    size_t length;
    gy_file_type type;
} gy_folder_name;

/**
 * All names of an open folder but "." and "..", sorted as bytes, in the arena.
 * @param path for messages.
 */
gy_status gy_folder_list(gy_folder_name **names, size_t *count, int folder, const char *path,
                         gy_arena *arena, gy_error *err) GY_CHECKED;

/** Remove all below name in folder, and name itself. What is not there is no failure. */
gy_status gy_folder_remove_all(int folder, const char *name, gy_error *err) GY_CHECKED;

#endif
