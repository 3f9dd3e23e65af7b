// SPDX-License-Identifier: Apache-2.0
//
// What a folder holds, in memory (a listing) and as stored objects: one tree a folder, named by its
// hash, which covers all below it (docs/formats/tree.md).
#ifndef GYRE_STORE_TREE_H
#define GYRE_STORE_TREE_H

#include <sys/stat.h>

#include "store/writer.h"

enum { GY_TREE_VERSION = 1, GY_TREE_DEPTH_MAX = 128 };

/** What tells that a file may have changed. */
typedef struct gy_stat_mark {
    uint64_t inode, size_bytes;
    int64_t changed_ns, modified_ns; // ctime, mtime
} gy_stat_mark;

/** One file. Its name is in the listing's arena, or in a mapped cache that outlives it. */
typedef struct gy_list_file {
    const char *name; // NUL-terminated
    gy_id id;
    gy_stat_mark mark;
    uint32_t folder; // number of its folder
    bool has_id;
    bool executable;
    bool is_new; // its stat is not as it was when it was last known
} gy_list_file;

typedef struct gy_list_folder {
    const char *name; // "" for the root
    uint32_t parent;
    uint32_t file_first, file_count;     // in files, sorted by name
    uint32_t folder_first, folder_count; // below it, in folders, sorted by name
    uint32_t depth;
    gy_stat_mark mark;
    gy_id id;                // of its tree, when known
    uint64_t samples, bytes; // of all below it, when known
} gy_list_folder;

/**
 * All of a dataset. Folders stand breadth first: each behind its parent, those of one parent side
 * by side. A single file is a listing of one file in one folder.
 */
typedef struct gy_listing {
    gy_arena *arena;
    gy_list_file *files;
    size_t file_count, file_capacity;
    gy_list_folder *folders;
    size_t folder_count, folder_capacity;
    bool is_folder;
    bool is_known; // of a scan: all of it is as the cache has it
} gy_listing;

gy_status gy_listing_add_file(gy_listing *listing, const gy_list_file *file,
                              gy_error *err) GY_CHECKED;
gy_status gy_listing_add_folder(gy_listing *listing, const gy_list_folder *folder,
                                gy_error *err) GY_CHECKED;

/** The path of a file, relative to the dataset; NULL: no memory. "" for a single file. */
char *gy_listing_path(const gy_listing *listing, const gy_list_file *file, gy_arena *arena);
/** The path of a folder with a final slash; "" for the root. */
char *gy_listing_folder_path(const gy_listing *listing, uint32_t folder, gy_arena *arena);

/** Where a file of to is in from under the same path with the same id, copy what its stat was. */
void gy_listing_copy_marks(gy_listing *to, const gy_listing *from);

/**
 * Make the trees of a listing, deepest first, and put those that the store has not.
 * @param writer NULL: only compute the ids.
 * All files must have their ids.
 */
gy_status gy_tree_write(gy_pointer *pointer, gy_listing *listing, gy_writer *writer,
                        gy_error *err) GY_CHECKED;

/** One entry of a parsed tree. */
typedef struct gy_tree_entry {
    const char *name; // not NUL-terminated
    size_t name_length;
    gy_id id;
    uint64_t samples, bytes; // samples: of folders
    bool is_folder, executable;
} gy_tree_entry;

/** Reads a tree entry by entry. */
typedef struct gy_tree_reader {
    const uint8_t *at, *end;
    uint64_t files_left, folders_left;
    gy_tree_entry last; // to hold the order against
} gy_tree_reader;

/** Start. GY_FORMAT: not a tree; GY_UNSUPPORTED: of a newer gyre. */
gy_status gy_tree_open(gy_tree_reader *reader, const uint8_t *bytes, size_t size_bytes,
                       gy_error *err) GY_CHECKED;
/** @param entry [out] *more false: the end, all bytes used. GY_FORMAT: malformed. */
gy_status gy_tree_next(bool *more, gy_tree_entry *entry, gy_tree_reader *reader,
                       gy_error *err) GY_CHECKED;

/** The listing that a version's trees tell. */
gy_status gy_listing_of_version(gy_listing *listing, gy_store *store, const gy_pointer *pointer,
                                gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
