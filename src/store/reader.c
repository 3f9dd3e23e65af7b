// SPDX-License-Identifier: Apache-2.0
//
// Objects read back: a block is decoded, through its bases where it is a delta, and what comes out
// is verified against the id. Where one copy is damaged, another pack may hold a good one.

#define _GNU_SOURCE
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "store/bytes.h"

void gy_reader_release(gy_reader *reader)
{
    gy_zstd_release(&reader->zstd);
    gy_arena_release(&reader->arena);
    reader->pack = NULL;
    reader->bytes = NULL;
    reader->capacity = 0;
}

// Where the bytes of a base stand: a copy of bytes, not a recipe, less deep than what needs it, in
// a block that is whole.
static gy_status find_base(const gy_pack **pack, gy_place *place, gy_block *block,
                           const gy_store *store, const gy_id *id, uint8_t depth, gy_error *err)
{
    size_t at = store->pack_count;
    while (gy_store_find(&at, place, store, id, at)) {
        *pack = &store->packs[at];
        gy_pack_block(block, *pack, place->block);
        if (!place->is_recipe && block->depth < depth && place->offset == 0 &&
            place->length == block->raw_bytes && block->raw_bytes <= GY_CHUNK_BYTES_MAX &&
            gy_pack_block_is_whole(*pack, block))
            return GY_OK;
    }
    return gy_fail(err, GY_NOT_FOUND, "object %s, which others are told by, is missing or damaged",
                   gy_id_text(id).text);
}

static gy_status decode_delta(uint8_t *bytes, gy_reader *reader, const gy_store *store,
                              const gy_pack *pack, const gy_block *block, gy_error *err)
{
    const gy_pack *base_packs[GY_PACK_BASES_MAX];
    gy_block bases[GY_PACK_BASES_MAX];
    size_t prefix_bytes = 0;
    for (size_t i = 0; i < block->base_count; i++) {
        gy_place place;
        GY_TRY(find_base(&base_packs[i], &place, &bases[i], store, gy_pack_base(pack, block, i),
                         block->depth, err));
        prefix_bytes += bases[i].raw_bytes;
    }
    gy_arena_mark mark = gy_arena_here(&reader->arena);
    uint8_t *prefix = GY_NEW(&reader->arena, uint8_t, prefix_bytes);
    if (prefix == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu bytes of older versions",
                       prefix_bytes);
    gy_status status = GY_OK;
    size_t at = 0;
    for (size_t i = 0; status == GY_OK && i < block->base_count; i++) {
        status = gy_reader_decode(prefix + at, reader, store, base_packs[i], &bases[i], err);
        at += bases[i].raw_bytes;
    }
    if (status == GY_OK)
        status = gy_zstd_unpack(bytes, block->raw_bytes, pack->map.bytes + block->offset,
                                block->stored_bytes, prefix, prefix_bytes, &reader->zstd, err);
    gy_arena_rewind(&reader->arena, mark);
    return status;
}

gy_status gy_reader_decode(uint8_t *bytes, gy_reader *reader, const gy_store *store,
                           const gy_pack *pack, const gy_block *block, gy_error *err)
{
    if (!gy_pack_block_is_whole(pack, block))
        return gy_fail(err, GY_FORMAT, "pack '%s' is damaged at byte %llu", pack->name,
                       (unsigned long long)block->offset);
    const uint8_t *stored = pack->map.bytes + block->offset;
    switch (block->codec) {
    case GY_CODEC_RAW:
        memcpy(bytes, stored, block->raw_bytes);
        return GY_OK;
    case GY_CODEC_ZSTD:
        return gy_zstd_unpack(bytes, block->raw_bytes, stored, block->stored_bytes, NULL, 0,
                              &reader->zstd, err);
    default:
        return decode_delta(bytes, reader, store, pack, block, err);
    }
}

gy_status gy_reader_at(const uint8_t **bytes, gy_reader *reader, const gy_store *store,
                       const gy_pack *pack, const gy_place *place, gy_error *err)
{
    if (reader->pack != pack || reader->block != place->block || reader->bytes == NULL) {
        gy_block block;
        gy_pack_block(&block, pack, place->block);
        reader->pack = NULL;
        if (block.raw_bytes > reader->capacity || reader->bytes == NULL) {
            gy_arena_release(&reader->arena);
            reader->arena = (gy_arena)GY_ARENA_INIT;
            reader->capacity = block.raw_bytes < 256 * 1024 ? 256 * 1024 : block.raw_bytes;
            reader->bytes = GY_NEW(&reader->arena, uint8_t, reader->capacity);
        }
        if (reader->bytes == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a block of %u bytes", block.raw_bytes);
        GY_TRY(gy_reader_decode(reader->bytes, reader, store, pack, &block, err));
        reader->pack = pack;
        reader->block = place->block;
    }
    *bytes = reader->bytes + place->offset;
    return GY_OK;
}

gy_status gy_reader_get(gy_object *object, gy_reader *reader, const gy_store *store,
                        const gy_id *id, gy_error *err)
{
    gy_place place;
    gy_error first = {0}; // what is wrong with the newest copy
    size_t at = store->pack_count;
    while (gy_store_find(&at, &place, store, id, at)) {
        const gy_pack *pack = &store->packs[at];
        gy_error broken = {0};
        gy_status status = gy_reader_at(&object->bytes, reader, store, pack, &place, &broken);
        if (status == GY_OK && !place.is_recipe) {
            gy_id found;
            gy_id_of_bytes(&found, object->bytes, place.length);
            if (gy_id_compare(&found, id) != 0)
                status = gy_fail(&broken, GY_FORMAT,
                                 "its bytes in pack '%s' are others than stored", pack->name);
        }
        if (status == GY_OK) {
            object->size_bytes = place.length;
            object->is_recipe = place.is_recipe;
            return GY_OK;
        }
        if (status != GY_FORMAT && status != GY_NOT_FOUND)
            return gy_fail(err, status, "%s", broken.message);
        if (first.status == GY_OK)
            first = broken;
    }
    if (first.status == GY_OK)
        return gy_fail(err, GY_NOT_FOUND, "object %s is not in the store%s%s", gy_id_text(id).text,
                       store->broken_packs == NULL ? "" : "; ",
                       store->broken_packs == NULL ? "" : store->broken_packs);
    return gy_fail(err, GY_FORMAT,
                   "object %s is damaged: %.300s (gyre add of the same file heals it)",
                   gy_id_text(id).text, first.message);
}

bool gy_recipe_chunk_at(gy_recipe_chunk *chunk, const uint8_t *recipe, size_t recipe_bytes,
                        size_t at)
{
    if (at >= recipe_bytes / GY_RECIPE_RECORD_BYTES)
        return false;
    const uint8_t *record = recipe + at * GY_RECIPE_RECORD_BYTES;
    memcpy(chunk->id.bytes, record, sizeof(chunk->id.bytes));
    chunk->length = gy_get32(record + 32);
    return true;
}

gy_status gy_recipe_length(uint64_t *length, const uint8_t *recipe, size_t recipe_bytes,
                           gy_error *err)
{
    gy_recipe_chunk chunk;
    *length = 0;
    if (recipe_bytes % GY_RECIPE_RECORD_BYTES != 0)
        return gy_fail(err, GY_FORMAT, "damaged: a list of chunks has %zu bytes", recipe_bytes);
    for (size_t i = 0; gy_recipe_chunk_at(&chunk, recipe, recipe_bytes, i); i++) {
        if (chunk.length == 0 || chunk.length > GY_CHUNK_BYTES_MAX)
            return gy_fail(err, GY_FORMAT, "damaged: a chunk of %u bytes", chunk.length);
        *length += chunk.length;
    }
    return GY_OK;
}

static gy_status stream_chunks(gy_reader *reader, const gy_store *store, const gy_id *id,
                               const uint8_t *recipe, size_t recipe_bytes, gy_piece_visit *visit,
                               void *context, gy_error *err)
{
    gy_sha256 hash;
    gy_sha256_init(&hash, gy_hash_blocks());
    gy_recipe_chunk chunk;
    for (size_t i = 0; gy_recipe_chunk_at(&chunk, recipe, recipe_bytes, i); i++) {
        gy_object piece;
        GY_TRY(gy_reader_get(&piece, reader, store, &chunk.id, err));
        if (piece.is_recipe || piece.size_bytes != chunk.length)
            return gy_fail(err, GY_FORMAT, "object %s is damaged: its chunk %zu has another size",
                           gy_id_text(id).text, i);
        gy_sha256_add(&hash, piece.bytes, piece.size_bytes);
        GY_TRY(visit(context, piece.bytes, piece.size_bytes, err));
    }
    gy_id found;
    gy_sha256_end(&hash, found.bytes);
    if (gy_id_compare(&found, id) != 0)
        return gy_fail(err, GY_FORMAT, "object %s is damaged: its chunks make other bytes",
                       gy_id_text(id).text);
    return GY_OK;
}

gy_status gy_reader_stream(gy_reader *reader, const gy_store *store, const gy_id *id,
                           gy_piece_visit *visit, void *context, gy_error *err)
{
    gy_object object;
    GY_TRY(gy_reader_get(&object, reader, store, id, err));
    if (!object.is_recipe)
        return visit(context, object.bytes, object.size_bytes, err);
    uint64_t length;
    GY_TRY(gy_recipe_length(&length, object.bytes, object.size_bytes, err));
    // The recipe would be lost with the reader's next block.
    gy_arena arena = GY_ARENA_INIT;
    char *recipe = gy_arena_copy(&arena, (const char *)object.bytes, object.size_bytes);
    gy_status status = recipe == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for a list of chunks")
                                      : stream_chunks(reader, store, id, (const uint8_t *)recipe,
                                                      object.size_bytes, visit, context, err);
    gy_arena_release(&arena);
    return status;
}

// ---- for other rooms

typedef struct whole {
    gy_arena *arena;
    char *bytes;
    size_t size_bytes, capacity;
} whole;

static gy_status keep_piece(void *context, const uint8_t *bytes, size_t size_bytes, gy_error *err)
{
    whole *out = context;
    if (out->size_bytes + size_bytes > out->capacity) {
        size_t capacity = out->capacity == 0 ? size_bytes : 2 * (out->size_bytes + size_bytes);
        char *grown = gy_arena_take(out->arena, capacity + 1, 1);
        if (grown == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for an object of %zu bytes", capacity);
        if (out->size_bytes > 0)
            memcpy(grown, out->bytes, out->size_bytes);
        out->bytes = grown;
        out->capacity = capacity;
    }
    if (size_bytes > 0)
        memcpy(out->bytes + out->size_bytes, bytes, size_bytes);
    out->size_bytes += size_bytes;
    return GY_OK;
}

gy_status gy_store_read(char **bytes, size_t *size_bytes, gy_store *store, const gy_id *id,
                        gy_arena *arena, gy_error *err)
{
    assert(arena != &store->reader.arena);
    GY_TRY(gy_store_open_packs(store, err));
    whole out = {.arena = arena};
    GY_TRY(gy_reader_stream(&store->reader, store, id, keep_piece, &out, err));
    if (out.bytes == NULL && (out.bytes = gy_arena_take(arena, 1, 1)) == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for an object");
    out.bytes[out.size_bytes] = '\0';
    *bytes = out.bytes;
    *size_bytes = out.size_bytes;
    return GY_OK;
}

static gy_status write_piece(void *context, const uint8_t *bytes, size_t size_bytes, gy_error *err)
{
    const int *file = context;
    if (gy_io_write_all(*file, bytes, size_bytes) != 0)
        return gy_fail(err, GY_IO, "cannot write: %s", strerror(errno));
    return GY_OK;
}

gy_status gy_store_write_to(gy_store *store, const gy_id *id, const char *path, gy_error *err)
{
    GY_TRY(gy_store_open_packs(store, err));
    gy_arena arena = GY_ARENA_INIT;
    gy_status status = GY_OK;
    int file = -1;
    char *draft = gy_arena_format(&arena, "%s.%ld.new", path, (long)getpid());
    if (draft == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    file = gy_io_open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0)
        status = gy_fail(err, GY_IO, "cannot create '%s': %s", draft, strerror(errno));
    else
        status = gy_reader_stream(&store->reader, store, id, write_piece, &file, err);
    if (file >= 0)
        close(file);
    if (status == GY_OK && gy_io_rename(draft, path) != 0)
        status = gy_fail(err, GY_IO, "cannot create '%s': %s", path, strerror(errno));
    if (status != GY_OK && file >= 0)
        unlink(draft);
    gy_arena_release(&arena);
    return status;
}
