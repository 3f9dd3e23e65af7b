// SPDX-License-Identifier: Apache-2.0
//
// Objects are gathered in waves: small neighbours in groups, each large one alone. A wave is
// compressed by all threads, then written in the order in which it was put, so that the same input
// makes the same packs. Packs are drafts under .gyre/tmp until commit: contents are synced first,
// then they get their names, then the folder is synced.

#define _GNU_SOURCE
#include "store/writer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/folder.h"
#include "base/thread.h"
#include "store/bytes.h"

enum { SYNCS_EACH_MAX = 1, NAME_BYTES_MAX = 64 };

// A block being made.
typedef struct job {
    size_t raw_at;
    gy_delta delta;
    gy_block block;
} job;

typedef struct gy_wave {
    uint8_t *raw, *packed; // a job's packed bytes stand where its raw bytes do
    size_t capacity, used;
    job *jobs;
    size_t job_count, job_capacity;
    bool group_open;         // the last job takes more small objects
    gy_pack_object *objects; // their place.block is a job's number
    size_t object_count, object_capacity;
} gy_wave;

typedef struct gy_draft {
    struct gy_draft *next;
    int file;
    uint64_t offset;
    char name[NAME_BYTES_MAX], final_name[NAME_BYTES_MAX];
    gy_block *blocks;
    size_t block_count, block_capacity;
    gy_id *bases;
    size_t base_count, base_capacity;
    gy_pack_object *objects;
    size_t object_count, object_capacity;
} gy_draft;

// Make room for one more item of an array in the arena.
static gy_status reserve(void **items, size_t *capacity, size_t count, size_t item_bytes,
                         gy_arena *arena, gy_error *err)
{
    void *more = gy_arena_grow(arena, *items, count, capacity, item_bytes);
    if (more == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for an index of %zu objects", count + 1);
    *items = more;
    return GY_OK;
}

static gy_status wave_reserve(gy_writer *writer, size_t capacity, gy_error *err)
{
    gy_wave *wave = writer->wave;
    assert(wave->used == 0);
    wave->raw = GY_NEW(&writer->arena, uint8_t, capacity);
    wave->packed = GY_NEW(&writer->arena, uint8_t, capacity);
    if (wave->raw == NULL || wave->packed == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to compress %zu bytes at a time", capacity);
    wave->capacity = capacity;
    return GY_OK;
}

gy_status gy_writer_init(gy_writer *writer, gy_store *store, size_t threads, gy_error *err)
{
    *writer = (gy_writer){.store = store,
                          .threads = threads == 0 ? gy_thread_count() : threads,
                          .arena = GY_ARENA_INIT};
    writer->written.arena = &writer->arena;
    writer->delta.arena = &writer->arena;
    writer->readers = GY_NEW(&writer->arena, gy_reader, writer->threads);
    writer->wave = GY_NEW(&writer->arena, gy_wave, 1);
    if (writer->readers == NULL || writer->wave == NULL) {
        writer->threads = 0;
        return gy_fail(err, GY_NO_MEMORY, "no memory to write packs");
    }
    for (size_t i = 0; i < writer->threads; i++)
        writer->readers[i].arena = (gy_arena)GY_ARENA_INIT;
    GY_TRY(gy_store_open_packs(store, err));
    return gy_zstd_open(err);
}

void gy_writer_release(gy_writer *writer)
{
    for (size_t i = 0; i < writer->threads; i++)
        gy_reader_release(&writer->readers[i]);
    if (writer->draft != NULL) {
        writer->draft->next = writer->drafts;
        writer->drafts = writer->draft;
    }
    // What has no name yet is taken back; a writer killed here leaves it to the next one's lock.
    for (gy_draft *draft = writer->drafts; draft != NULL; draft = draft->next) {
        if (draft->file >= 0)
            close(draft->file);
        if (draft->name[0] != '\0')
            unlinkat(writer->store->store_folder, draft->name, 0);
    }
    gy_arena_release(&writer->arena);
}

static bool copy_is_whole(const gy_pack *pack, const gy_place *place)
{
    return pack->damaged == NULL || !(pack->damaged[place->block / 8] >> place->block % 8 & 1);
}

static bool is_whole(gy_writer *writer, const gy_id *id, int depth);

// The chunks of a recipe, the bases of a delta: an object is no better than these.
static bool parts_are_whole(gy_writer *writer, const gy_pack *pack, const gy_place *place,
                            int depth)
{
    gy_block block;
    gy_pack_block(&block, pack, place->block);
    for (size_t i = 0; i < block.base_count; i++)
        if (depth == 0 || !is_whole(writer, gy_pack_base(pack, &block, i), depth - 1))
            return false;
    if (!place->is_recipe)
        return true;
    const uint8_t *bytes;
    gy_recipe_chunk chunk;
    bool whole = depth > 0 && gy_reader_at(&bytes, &writer->readers[0], writer->store, pack, place,
                                           NULL) == GY_OK;
    for (size_t i = 0; whole && gy_recipe_chunk_at(&chunk, bytes, place->length, i); i++)
        whole = is_whole(writer, &chunk.id, depth - 1);
    return whole;
}

static bool is_whole(gy_writer *writer, const gy_id *id, int depth)
{
    size_t at = writer->store->pack_count;
    gy_place place;
    while (gy_store_find(&at, &place, writer->store, id, at)) {
        const gy_pack *pack = &writer->store->packs[at];
        if (copy_is_whole(pack, &place) && parts_are_whole(writer, pack, &place, depth))
            return true;
    }
    return false;
}

bool gy_writer_has(gy_writer *writer, const gy_id *id)
{
    return gy_id_map_find(&writer->written, id) != NULL ||
           is_whole(writer, id, GY_PACK_DEPTH_MAX + 2);
}

// ---- a wave

// Compress one block: against others where that helps, else alone, else not at all.
static gy_status pack_job(gy_writer *writer, job *work, gy_reader *reader, gy_error *err)
{
    gy_wave *wave = writer->wave;
    const uint8_t *raw = wave->raw + work->raw_at;
    uint8_t *packed = wave->packed + work->raw_at;
    gy_block *block = &work->block;
    size_t raw_bytes = block->raw_bytes, plain_bytes = 0;
    size_t capacity = raw_bytes - raw_bytes / 32; // less gain is not worth the decoding
    if (work->block.has_features)
        GY_TRY(gy_delta_pack(&work->delta, packed, capacity, raw, raw_bytes, &work->block.features,
                             &writer->delta, writer->store, reader, err));
    size_t delta_bytes = work->delta.packed_bytes;
    if (delta_bytes == 0 || delta_bytes > raw_bytes / 8) {
        gy_arena_mark mark = gy_arena_here(&reader->arena);
        uint8_t *plain = delta_bytes == 0 ? packed : GY_NEW(&reader->arena, uint8_t, capacity);
        if (plain == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory to compress %zu bytes", raw_bytes);
        GY_TRY(gy_zstd_pack(&plain_bytes, plain, capacity, raw, raw_bytes, NULL, 0, &reader->zstd,
                            err));
        if (delta_bytes > 0 && plain_bytes > 0 && plain_bytes < delta_bytes) {
            memcpy(packed, plain, plain_bytes);
            delta_bytes = 0;
        }
        gy_arena_rewind(&reader->arena, mark);
    }
    block->codec = delta_bytes > 0   ? GY_CODEC_DELTA
                   : plain_bytes > 0 ? GY_CODEC_ZSTD
                                     : GY_CODEC_RAW;
    block->stored_bytes = (uint32_t)(delta_bytes > 0 ? delta_bytes : plain_bytes);
    if (block->codec == GY_CODEC_RAW) {
        memcpy(packed, raw, raw_bytes);
        block->stored_bytes = block->raw_bytes;
    }
    if (block->codec == GY_CODEC_DELTA) {
        block->depth = work->delta.depth;
        block->base_count = work->delta.base_count;
    }
    gy_id digest;
    gy_id_of_bytes(&digest, packed, block->stored_bytes);
    memcpy(block->check, digest.bytes, sizeof(block->check));
    return GY_OK;
}

static gy_status pack_jobs(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    gy_writer *writer = context;
    for (size_t i = begin; i < end; i++)
        GY_TRY(pack_job(writer, &writer->wave->jobs[i], &writer->readers[worker], err));
    return GY_OK;
}

// ---- drafts

static gy_status draft_start(gy_writer *writer, gy_error *err)
{
    gy_draft *draft = GY_NEW(&writer->arena, gy_draft, 1);
    if (draft == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a pack");
    draft->file = -1;
    writer->draft = draft;
    snprintf(draft->name, sizeof(draft->name), "tmp/pack-%zu", writer->draft_count);
    draft->file =
        gy_io_open_at(writer->store->store_folder, draft->name, O_WRONLY | O_CREAT | O_TRUNC, 0444);
    uint8_t header[GY_PACK_HEADER_BYTES];
    gy_pack_header(header);
    if (draft->file < 0 || gy_io_write_all(draft->file, header, sizeof(header)) != 0)
        return gy_fail(err, GY_IO, "cannot write '%s/.gyre/%s': %s", writer->store->project,
                       draft->name, strerror(errno));
    draft->offset = sizeof(header);
    return GY_OK;
}

// Write index and footer; the pack is whole now, but not yet durable.
static gy_status draft_seal(gy_writer *writer, gy_error *err)
{
    gy_draft *draft = writer->draft;
    gy_pack_contents contents = {.blocks = draft->blocks,
                                 .block_count = (uint32_t)draft->block_count,
                                 .bases = draft->bases,
                                 .base_count = (uint32_t)draft->base_count,
                                 .objects = draft->objects,
                                 .object_count = (uint32_t)draft->object_count,
                                 .end_offset = draft->offset};
    gy_text index = {0};
    gy_id digest;
    gy_pack_index_write(&index, &digest, &contents);
    gy_status status = index.status;
    if (status != GY_OK)
        status = gy_fail(err, status, "no memory for the index of a pack");
    else if (gy_io_write_all(draft->file, index.bytes, index.length) != 0)
        status = gy_fail(err, GY_IO, "cannot write '%s/.gyre/%s': %s", writer->store->project,
                         draft->name, strerror(errno));
    size_t index_bytes = index.length;
    gy_text_release(&index);
    GY_TRY(status);
    uint64_t number = writer->draft_count + 1;
    if (writer->store->pack_count > 0)
        number += writer->store->packs[writer->store->pack_count - 1].number;
    snprintf(draft->final_name, sizeof(draft->final_name), "packs/%08llu-%016llx.pack",
             (unsigned long long)number, (unsigned long long)gy_get64(digest.bytes));
    writer->bytes_added += draft->offset + index_bytes;
    writer->draft_count++;
    draft->next = writer->drafts;
    writer->drafts = draft;
    writer->draft = NULL;
    if (writer->draft_count > SYNCS_EACH_MAX) { // these are synced together
        close(draft->file);
        draft->file = -1;
    }
    return GY_OK;
}

// Append a block to the pack being written; a new pack is begun where this one is full.
static gy_status add_block(gy_writer *writer, const gy_block *made, const uint8_t *stored,
                           const gy_id *bases, gy_error *err)
{
    if (writer->draft != NULL && writer->draft->offset + made->stored_bytes > GY_PACK_BYTES_MAX)
        GY_TRY(draft_seal(writer, err));
    if (writer->draft == NULL)
        GY_TRY(draft_start(writer, err));
    gy_draft *draft = writer->draft;
    gy_arena *arena = &writer->arena;
    gy_block block = *made;
    block.offset = draft->offset;
    block.base_first = (uint32_t)draft->base_count;
    for (size_t i = 0; i < block.base_count; i++) {
        GY_TRY(reserve((void **)&draft->bases, &draft->base_capacity, draft->base_count,
                       sizeof(*draft->bases), arena, err));
        draft->bases[draft->base_count++] = bases[i];
    }
    GY_TRY(reserve((void **)&draft->blocks, &draft->block_capacity, draft->block_count,
                   sizeof(*draft->blocks), arena, err));
    if (gy_io_write_all(draft->file, stored, block.stored_bytes) != 0)
        return gy_fail(err, GY_IO, "cannot write '%s/.gyre/%s': %s", writer->store->project,
                       draft->name, strerror(errno));
    draft->offset += block.stored_bytes;
    draft->blocks[draft->block_count++] = block;
    return GY_OK;
}

// Enter an object of the block added last.
static gy_status add_object(gy_writer *writer, const gy_pack_object *object, gy_error *err)
{
    gy_draft *draft = writer->draft;
    GY_TRY(reserve((void **)&draft->objects, &draft->object_capacity, draft->object_count,
                   sizeof(*draft->objects), &writer->arena, err));
    gy_pack_object *entry = &draft->objects[draft->object_count++];
    *entry = *object;
    entry->place.block = (uint32_t)draft->block_count - 1;
    return GY_OK;
}

// Write the wave's blocks in order; objects go with their block.
static gy_status wave_write(gy_writer *writer, gy_error *err)
{
    gy_wave *wave = writer->wave;
    size_t object = 0;
    for (size_t i = 0; i < wave->job_count; i++) {
        const job *work = &wave->jobs[i];
        GY_TRY(
            add_block(writer, &work->block, wave->packed + work->raw_at, work->delta.bases, err));
        for (; object < wave->object_count && wave->objects[object].place.block == i; object++)
            GY_TRY(add_object(writer, &wave->objects[object], err));
    }
    return GY_OK;
}

static gy_status wave_flush(gy_writer *writer, gy_error *err)
{
    gy_wave *wave = writer->wave;
    if (wave->job_count == 0)
        return GY_OK;
    for (size_t i = 0; i < wave->job_count; i++)
        if (wave->jobs[i].block.has_features)
            GY_TRY(gy_delta_build(&writer->delta, writer->store, err));
    GY_TRY(gy_thread_loop(wave->job_count, 1, writer->threads, pack_jobs, writer, err));
    GY_TRY(wave_write(writer, err));
    gy_io_start_sync(writer->draft->file);
    wave->used = wave->job_count = wave->object_count = 0;
    wave->group_open = false;
    return GY_OK;
}

// ---- what is put

static gy_status wave_add_job(gy_writer *writer, const gy_features *features, gy_error *err)
{
    gy_wave *wave = writer->wave;
    GY_TRY(reserve((void **)&wave->jobs, &wave->job_capacity, wave->job_count, sizeof(*wave->jobs),
                   &writer->arena, err));
    job *added = &wave->jobs[wave->job_count++];
    *added = (job){.raw_at = wave->used};
    added->block.has_features = features != NULL;
    if (features != NULL)
        added->block.features = *features;
    return GY_OK;
}

gy_status gy_writer_put(gy_writer *writer, const gy_id *id, const void *bytes, size_t size_bytes,
                        const gy_features *features, bool is_recipe, gy_error *err)
{
    assert(size_bytes <= GY_PACK_BLOCK_BYTES_MAX);
    gy_wave *wave = writer->wave;
    uint64_t *mark;
    bool fresh;
    GY_TRY(gy_id_map_at(&mark, &fresh, &writer->written, id, err));
    if (!fresh)
        return GY_OK;
    if (wave->used + size_bytes > wave->capacity)
        GY_TRY(wave_flush(writer, err));
    if (wave->raw == NULL || wave->used + size_bytes > wave->capacity)
        GY_TRY(wave_reserve(writer, size_bytes > GY_WAVE_BYTES ? size_bytes : GY_WAVE_BYTES, err));

    bool is_small = size_bytes <= GY_SMALL_BYTES_MAX;
    if (!is_small || !wave->group_open ||
        wave->jobs[wave->job_count - 1].block.raw_bytes + size_bytes > GY_GROUP_BYTES)
        GY_TRY(wave_add_job(writer, is_small ? NULL : features, err));
    wave->group_open = is_small;
    GY_TRY(reserve((void **)&wave->objects, &wave->object_capacity, wave->object_count,
                   sizeof(*wave->objects), &writer->arena, err));
    job *into = &wave->jobs[wave->job_count - 1];
    wave->objects[wave->object_count++] =
        (gy_pack_object){.id = *id,
                         .place = {.block = (uint32_t)wave->job_count - 1,
                                   .offset = into->block.raw_bytes,
                                   .length = (uint32_t)size_bytes,
                                   .is_recipe = is_recipe}};
    if (size_bytes > 0)
        memcpy(wave->raw + wave->used, bytes, size_bytes);
    into->block.raw_bytes += (uint32_t)size_bytes;
    wave->used += size_bytes;
    return GY_OK;
}

static gy_status put_chunks(gy_writer *writer, gy_text *recipe, const uint8_t *bytes,
                            size_t size_bytes, gy_error *err)
{
    for (size_t at = 0; at < size_bytes;) {
        gy_features features;
        gy_id id;
        size_t length = gy_chunk_cut(&features, bytes + at, size_bytes - at);
        uint8_t number[4];
        gy_id_of_bytes(&id, bytes + at, length);
        if (!gy_writer_has(writer, &id))
            GY_TRY(gy_writer_put(writer, &id, bytes + at, length, &features, false, err));
        gy_put32(number, (uint32_t)length);
        gy_text_append(recipe, id.bytes, sizeof(id.bytes));
        gy_text_append(recipe, number, sizeof(number));
        at += length;
    }
    return recipe->status == GY_OK ? GY_OK
                                   : gy_fail(err, GY_NO_MEMORY, "no memory for a list of chunks");
}

gy_status gy_writer_put_bytes(gy_writer *writer, const gy_id *id, const void *bytes,
                              size_t size_bytes, gy_error *err)
{
    gy_features features;
    if (size_bytes <= GY_SMALL_BYTES_MAX)
        return gy_writer_put(writer, id, bytes, size_bytes, NULL, false, err);
    if (gy_chunk_cut(&features, bytes, size_bytes) == size_bytes)
        return gy_writer_put(writer, id, bytes, size_bytes, &features, false, err);
    gy_text recipe = {0};
    gy_status status = put_chunks(writer, &recipe, bytes, size_bytes, err);
    if (status == GY_OK && recipe.length > GY_PACK_BLOCK_BYTES_MAX)
        status = gy_fail(err, GY_LIMIT, "an object of %zu bytes has too many chunks", size_bytes);
    if (status == GY_OK)
        status = gy_writer_put(writer, id, recipe.bytes, recipe.length, NULL, true, err);
    gy_text_release(&recipe);
    return status;
}

gy_status gy_writer_copy_block(gy_writer *writer, const gy_pack *pack, uint32_t number,
                               const gy_pack_object *objects, size_t count, gy_error *err)
{
    gy_block block;
    gy_id bases[GY_PACK_BASES_MAX];
    size_t fresh_count = 0;
    gy_pack_block(&block, pack, number);
    assert(count > 0);
    if (!gy_pack_block_is_whole(pack, &block))
        return gy_fail(err, GY_FORMAT, "pack '%s' is damaged at byte %llu", pack->name,
                       (unsigned long long)block.offset);
    for (size_t i = 0; i < block.base_count; i++)
        bases[i] = *gy_pack_base(pack, &block, i);
    GY_TRY(wave_flush(writer, err));
    for (size_t i = 0; i < count; i++) {
        uint64_t *mark;
        bool fresh;
        GY_TRY(gy_id_map_at(&mark, &fresh, &writer->written, &objects[i].id, err));
        if (!fresh)
            continue;
        if (fresh_count++ == 0)
            GY_TRY(add_block(writer, &block, pack->map.bytes + block.offset, bases, err));
        GY_TRY(add_object(writer, &objects[i], err));
    }
    return GY_OK;
}

gy_status gy_writer_set_older(gy_writer *writer, const gy_id *ids, size_t count, gy_error *err)
{
    if (count == 0 && writer->delta.older_count == 0)
        return GY_OK;
    // What waits was put under the version told before.
    GY_TRY(wave_flush(writer, err));
    gy_id *kept = GY_NEW(&writer->arena, gy_id, count);
    if (kept == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the %zu chunks of an older version",
                       count);
    if (count > 0)
        memcpy(kept, ids, count * sizeof(*kept));
    return gy_delta_set_older(&writer->delta, kept, count, err);
}

// ---- commit

static gy_status sync_drafts(gy_writer *writer, gy_error *err)
{
    int folder = writer->store->store_folder;
    bool together = writer->draft_count > SYNCS_EACH_MAX;
    for (gy_draft *draft = writer->drafts; draft != NULL; draft = draft->next) {
        if (!together && gy_io_sync(draft->file) != 0)
            return gy_fail(err, GY_IO, "cannot sync '%s/.gyre/%s': %s", writer->store->project,
                           draft->name, strerror(errno));
        if (draft->file >= 0)
            close(draft->file);
        draft->file = -1;
    }
    if (together && gy_io_sync_all(folder) != 0)
        return gy_fail(err, GY_IO, "cannot sync '%s/.gyre': %s", writer->store->project,
                       strerror(errno));
    return GY_OK;
}

static gy_status name_drafts(gy_writer *writer, gy_error *err)
{
    int folder = writer->store->store_folder;
    for (gy_draft *draft = writer->drafts; draft != NULL; draft = draft->next) {
        if (gy_io_rename_at(folder, draft->name, folder, draft->final_name) != 0)
            return gy_fail(err, GY_IO, "cannot name '%s/.gyre/%s': %s", writer->store->project,
                           draft->final_name, strerror(errno));
        draft->name[0] = '\0';
    }
    int packs = gy_io_open_at(folder, "packs", O_RDONLY | O_DIRECTORY, 0);
    gy_status status = GY_OK;
    if (packs < 0 || gy_io_sync(packs) != 0)
        status = gy_fail(err, GY_IO, "cannot sync '%s/.gyre/packs': %s", writer->store->project,
                         strerror(errno));
    if (packs >= 0)
        close(packs);
    return status;
}

gy_status gy_writer_commit(gy_writer *writer, gy_error *err)
{
    GY_TRY(wave_flush(writer, err));
    if (writer->draft != NULL)
        GY_TRY(draft_seal(writer, err));
    if (writer->drafts == NULL)
        return GY_OK;
    GY_TRY(sync_drafts(writer, err));
    GY_TRY(name_drafts(writer, err));
    writer->drafts = NULL;
    writer->delta.built = false; // its numbers are of the packs that were open
    for (size_t i = 0; i < writer->threads; i++)
        writer->readers[i].pack = NULL;
    gy_store_close_packs(writer->store);
    return gy_store_open_packs(writer->store, err);
}
