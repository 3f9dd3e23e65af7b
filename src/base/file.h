// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_BASE_FILE_H
#define GYRE_BASE_FILE_H

#include <sys/stat.h>
#include <sys/types.h>

#include "gyre/base.h"

// Thin calls that every room uses in place of the system's, so that the fault switch reaches them.
// They behave like open, read, ... (-1 and errno); reads and writes go on after EINTR.
int gy_io_open(const char *path, int flags, mode_t mode);
int gy_io_open_at(int folder, const char *name, int flags, mode_t mode);
// Open for reading a path that must stay below folder, and pass through no link unless `links`:
// then through such that stay below as well. Else EXDEV or ELOOP.
int gy_io_open_beneath(int folder, const char *path, bool links);
ssize_t gy_io_read(int file, void *bytes, size_t size_bytes);              // may be short
ssize_t gy_io_read_at(int file, void *bytes, size_t size_bytes, off_t at); // may be short
int gy_io_write_all(int file, const void *bytes, size_t size_bytes);       // 0, or -1 and errno
int gy_io_sync(int file);
/** Let what is written so far go to the disk meanwhile: a later sync waits less. Never fails. */
void gy_io_start_sync(int file);
int gy_io_rename(const char *from, const char *to);
int gy_io_exchange(const char *one, const char *other); // both names, in one step; EINVAL: cannot
int gy_io_rename_new(const char *from, const char *to); // EEXIST where `to` exists
int gy_io_unlink(const char *path);
int gy_io_make_folder(const char *path); // 0 also if it exists

/**
 * Replace a file's contents in one step: a reader, or a crash, sees the old bytes or the new ones.
 * The folder is synced too: after GY_OK the new name survives a power cut. Permissions stay; where
 * path is a symbolic link, the file that it names is replaced. The draft is the hidden file
 * `.NAME.gyre-draft` beside it; what a killed process left of one goes with the next call. Writers
 * of one path wait for each other.
 * @return GY_OK; GY_LIMIT: path too long; GY_IO: the system's reason is in err, path is untouched.
 */
gy_status gy_file_replace(const char *path, const void *bytes, size_t size_bytes,
                          gy_error *err) GY_CHECKED;

/**
 * The same for a cache, which can be made again: nothing is synced, so that a power cut may leave
 * other bytes. What reads it has to see that.
 */
gy_status gy_file_replace_cache(const char *path, const void *bytes, size_t size_bytes,
                                gy_error *err) GY_CHECKED;

/**
 * Make a file of these bytes where there is none, whole or not at all, as durable as
 * gy_file_replace.
 * @param mode its permissions, less the umask: 0600 for what is secret.
 * @return as gy_file_replace; GY_REFUSED: something is at path, and stays as it is.
 */
gy_status gy_file_create(const char *path, const void *bytes, size_t size_bytes, mode_t mode,
                         gy_error *err) GY_CHECKED;

/** Sync the folder that holds path, so that its new names survive a power cut. */
gy_status gy_file_sync_folder(const char *path, gy_error *err) GY_CHECKED;

/**
 * Read a whole file into the arena, NUL-terminated.
 * @param limit_bytes a larger file is GY_LIMIT.
 * @return GY_OK, GY_NOT_FOUND, GY_LIMIT, GY_IO, GY_NO_MEMORY; err names the file.
 */
gy_status gy_file_read(char **bytes, size_t *size_bytes, const char *path, size_t limit_bytes,
                       gy_arena *arena, gy_error *err) GY_CHECKED;

/** A file's bytes mapped for reading; release with gy_file_unmap. An empty file maps to "". */
typedef struct gy_file_map {
    const unsigned char *bytes;
    size_t size_bytes;
} gy_file_map;
gy_status gy_file_map_open(gy_file_map *map, const char *path, gy_error *err) GY_CHECKED;
void gy_file_map_close(gy_file_map *map);

/** Make a folder and those above it. */
gy_status gy_file_make_folders(const char *path, gy_error *err) GY_CHECKED;

/** Whether something is there; follows links. */
bool gy_file_exists(const char *path);

/**
 * Take a kernel lock on path (created if missing), waiting for the one who holds it. A dead process
 * holds none.
 * @param lock [out] to be closed with gy_file_unlock.
 * @param wait_ms_max over it: GY_REFUSED with the holder's process id where the kernel tells it.
 */
gy_status gy_file_lock(int *lock, const char *path, bool shared, unsigned wait_ms_max,
                       gy_error *err) GY_CHECKED;
void gy_file_unlock(int lock);

/**
 * The folder at or above start that holds `name`: how a project (".gyre") or a git work tree
 * (".git") is found. @return GY_OK; GY_NOT_FOUND: none up to the root; GY_NO_MEMORY.
 */
gy_status gy_file_find_upward(char **folder, const char *start, const char *name, gy_arena *arena,
                              gy_error *err) GY_CHECKED;

#endif
