// SPDX-License-Identifier: Apache-2.0
//
// The store of a project, as the files of this room share it.
#ifndef GYRE_STORE_STORE_H
#define GYRE_STORE_STORE_H

#include "base/arena.h"
#include "gyre/store.h"
#include "store/pack.h"
#include "store/zstd.h"

enum {
    GY_PROJECT_VERSION = 1,
    GY_PATH_BYTES_MAX = 4096,
    GY_BROKEN_PACKS_MAX = 64, // whose names are kept
    // How long a writer waits for another: long enough for any add.
    GY_LOCK_WAIT_MS_MAX = 24 * 3600 * 1000
};

/** What reading needs, one a thread: the block decoded last, and zstd's contexts. */
typedef struct gy_reader {
    gy_zstd zstd;
    gy_arena arena; // scratch, rewound after each block
    const gy_pack *pack;
    uint32_t block;
    uint8_t *bytes; // of the decoded block; NULL: none
    size_t capacity;
} gy_reader;

struct gy_store {
    gy_arena arena;
    char *project;
    int project_folder; // open
    int store_folder;   // .gyre
    bool packs_open;
    gy_pack *packs; // by number, ascending
    size_t pack_count;
    const char *broken_packs; // lines of packs that could not be opened, for messages; NULL: none
    const char *broken_names[GY_BROKEN_PACKS_MAX];
    size_t broken_count;
    gy_reader reader;
};

/** A path in the arena: the project's folder, "/", path. NULL: no memory. */
char *gy_store_path(const gy_store *store, const char *path, gy_arena *arena);

/** Take the lock of those who write. Wait for another one. Leftovers of a dead writer are removed.
 */
gy_status gy_store_lock(int *lock, gy_store *store, gy_error *err) GY_CHECKED;

/** Map all packs, unless they are already. A pack that cannot be read is noted and left out. */
gy_status gy_store_open_packs(gy_store *store, gy_error *err) GY_CHECKED;
void gy_store_close_packs(gy_store *store);

/** Find an object, newest pack first. @param from start below this pack: pack_count for all. */
bool gy_store_find(size_t *pack, gy_place *place, const gy_store *store, const gy_id *id,
                   size_t from);

void gy_reader_release(gy_reader *reader);

/**
 * Decode a block into bytes[raw_bytes]. Its stored bytes are checked first.
 * @return GY_FORMAT: damaged; GY_NOT_FOUND: a base is missing.
 */
gy_status gy_reader_decode(uint8_t *bytes, gy_reader *reader, const gy_store *store,
                           const gy_pack *pack, const gy_block *block, gy_error *err) GY_CHECKED;

/**
 * The bytes of the object at place, in the reader until its next call. Not yet verified against an
 * id: see gy_reader_get.
 */
gy_status gy_reader_at(const uint8_t **bytes, gy_reader *reader, const gy_store *store,
                       const gy_pack *pack, const gy_place *place, gy_error *err) GY_CHECKED;

/** What an object is. */
typedef struct gy_object {
    const uint8_t *bytes; // or the recipe; in the reader until its next call
    size_t size_bytes;
    bool is_recipe;
} gy_object;

/**
 * Read an object; where one copy is damaged, another. Bytes are verified against id; a recipe is
 * not: what its chunks make is to be verified by the caller.
 */
gy_status gy_reader_get(gy_object *object, gy_reader *reader, const gy_store *store,
                        const gy_id *id, gy_error *err) GY_CHECKED;

// ---- recipes: the chunks of a large object, in order

enum { GY_RECIPE_RECORD_BYTES = 36 };

typedef struct gy_recipe_chunk {
    gy_id id;
    uint32_t length;
} gy_recipe_chunk;

/** Read chunk number `at`; false: behind the end. */
bool gy_recipe_chunk_at(gy_recipe_chunk *chunk, const uint8_t *recipe, size_t recipe_bytes,
                        size_t at);

/** The length of the object that a recipe makes. GY_FORMAT: malformed. */
gy_status gy_recipe_length(uint64_t *length, const uint8_t *recipe, size_t recipe_bytes,
                           gy_error *err) GY_CHECKED;

/** Called with the pieces of an object in order. */
typedef gy_status gy_piece_visit(void *context, const uint8_t *bytes, size_t size_bytes,
                                 gy_error *err);

/**
 * Read an object piece by piece in bounded memory. Pieces come before the whole is verified: keep
 * nothing of them unless GY_OK is returned.
 */
gy_status gy_reader_stream(gy_reader *reader, const gy_store *store, const gy_id *id,
                           gy_piece_visit *visit, void *context, gy_error *err) GY_CHECKED;

#endif
