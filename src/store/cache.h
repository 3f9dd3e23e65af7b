// SPDX-License-Identifier: Apache-2.0
//
// What is known of a dataset's files by their stat: which need not be read again. A cache: lost or
// damaged, it costs time alone.
#ifndef GYRE_STORE_CACHE_H
#define GYRE_STORE_CACHE_H

#include "store/tree.h"

/** The files of one version, as the work tree held them. */
typedef struct gy_cache {
    gy_file_map map; // names of the listing point into it
    gy_pointer pointer;
    gy_listing listing;
} gy_cache;

/**
 * Load the cache of a dataset.
 * @return false: none, or not to be used; *cache is then empty.
 */
bool gy_cache_load(gy_cache *cache, const gy_store *store, const char *path, gy_arena *arena);
void gy_cache_close(gy_cache *cache);

/**
 * Save what the listing knows. Not synced, and a failure is none: it is a cache.
 * @param stamp_ns files and folders changed at or after it could change again unseen: their stat is
 * not kept.
 */
void gy_cache_save(const gy_store *store, const char *path, const gy_pointer *pointer,
                   const gy_listing *listing, int64_t stamp_ns);

/** Now, by the clock of the file system that holds the store; 0: unknown. */
int64_t gy_cache_clock_ns(const gy_store *store);

/** Note what tells a changed file from one that stayed. */
void gy_stat_mark_set(gy_stat_mark *mark, const struct stat *found);
static inline bool gy_stat_mark_equal(const gy_stat_mark *a, const gy_stat_mark *b)
{
    return a->inode == b->inode && a->size_bytes == b->size_bytes &&
           a->changed_ns == b->changed_ns && a->modified_ns == b->modified_ns;
}

#endif
