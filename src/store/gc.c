// SPDX-License-Identifier: Apache-2.0
//
// gyre gc, in two phases. What no version needs is first noted, with the time (.gyre/condemned);
// when a later run finds it still unneeded after the grace period, packs are written anew without
// it, and the old ones go. Packs are immutable, and a reader that has one mapped keeps it.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/folder.h"
#include "store/bytes.h"
#include "store/reach.h"
#include "store/trust.h"
#include "store/writer.h"

enum {
    HEAD_BYTES = 16,
    RECORD_BYTES = 40,
    CONDEMNED_VERSION = 1,
    CONDEMNED_BYTES_MAX = 1 << 30,
    SMALL_PACK_BYTES = GY_PACK_BYTES_MAX / 4,
    SMALL_PACKS_MAX = 16
};
static const char condemned_path[] = ".gyre/condemned";
static const uint8_t magic[8] = {'g', 'y', 'r', 'e', 'd', 'e', 'a', 'd'};

typedef struct collection {
    gy_store *store;
    const gy_gc_options *options;
    gy_gc_result *result;
    gy_arena *arena;
    gy_reach reach;      // marks: what stays
    gy_id_map condemned; // from earlier runs: since when, in seconds
    gy_text waiting;     // the new list
    uint64_t now_s;
    bool is_incomplete; // a needed object is missing
    bool *rewritten;    // of each pack
} collection;

// ---- the list

static gy_status read_condemned(collection *work, gy_error *err)
{
    char *path = gy_store_path(work->store, condemned_path, work->arena), *bytes;
    size_t size_bytes;
    gy_error missing = {0};
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    gy_status status =
        gy_file_read(&bytes, &size_bytes, path, CONDEMNED_BYTES_MAX, work->arena, &missing);
    if (status == GY_NOT_FOUND)
        return GY_OK;
    if (status != GY_OK)
        return gy_fail(err, status, "%s", missing.message);
    const uint8_t *at = (const uint8_t *)bytes;
    // A list that cannot be read means that everything waits anew.
    if (size_bytes < HEAD_BYTES || memcmp(at, magic, sizeof(magic)) != 0 ||
        gy_get32(at + 8) != CONDEMNED_VERSION)
        return GY_OK;
    for (size_t i = HEAD_BYTES; i + RECORD_BYTES <= size_bytes; i += RECORD_BYTES) {
        gy_id id;
        uint64_t *since;
        memcpy(id.bytes, at + i, sizeof(id.bytes));
        GY_TRY(gy_id_map_at(&since, NULL, &work->condemned, &id, err));
        *since = gy_get64(at + i + 32);
    }
    return GY_OK;
}

static gy_status write_condemned(collection *work, gy_error *err)
{
    if (work->waiting.status != GY_OK)
        return gy_fail(err, work->waiting.status, "no memory for the list of unneeded objects");
    char *path = gy_store_path(work->store, condemned_path, work->arena);
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    return gy_file_replace(path, work->waiting.bytes, work->waiting.length, err);
}

// ---- what stays

static gy_status note_missing(void *context, const gy_id *id, const char *need,
                              const gy_error *reason, gy_error *err)
{
    collection *work = context;
    work->is_incomplete = true;
    if (reason->status == GY_NOT_FOUND && !gy_store_has(work->store, id))
        return GY_OK; // a version that was never here, as in a fresh clone
    return gy_fail(err, GY_FORMAT,
                   "cannot tell what is needed: object %s of '%s' is damaged (see gyre verify)",
                   gy_id_text(id).text, need);
}

static gy_status mark_needed(collection *work, gy_error *err)
{
    gy_refs refs;
    GY_TRY(gy_refs_collect(&refs, work->store, work->arena, err));
    for (size_t i = 0; i < refs.count; i++)
        GY_TRY(gy_reach_version(&work->reach, &refs.items[i], err));
    if (work->is_incomplete && work->store->broken_packs != NULL)
        return gy_fail(err, GY_FORMAT, "cannot tell what is needed: %.400s",
                       work->store->broken_packs);
    return GY_OK;
}

// Unneeded objects that wait keep what they are told by, too.
static gy_status mark_waiting(collection *work, gy_error *err)
{
    uint8_t head[HEAD_BYTES] = {0};
    size_t live = work->reach.marks.count;
    memcpy(head, magic, sizeof(magic));
    gy_put32(head + 8, CONDEMNED_VERSION);
    gy_text_append(&work->waiting, head, sizeof(head));
    work->result->objects_live = live;
    for (size_t i = 0; i < work->store->pack_count; i++) {
        const gy_pack *pack = &work->store->packs[i];
        for (uint32_t k = 0; k < pack->object_count; k++) {
            const gy_id *id = gy_pack_id(pack, k);
            if (gy_id_map_find(&work->reach.marks, id) != NULL)
                continue;
            const uint64_t *since = gy_id_map_find(&work->condemned, id);
            uint64_t from_s = since == NULL || *since > work->now_s ? work->now_s : *since;
            if (work->now_s - from_s >= work->options->grace_s)
                continue;
            uint8_t record[RECORD_BYTES];
            memcpy(record, id->bytes, sizeof(id->bytes));
            gy_put64(record + 32, from_s);
            gy_text_append(&work->waiting, record, sizeof(record));
            work->result->objects_waiting++;
        }
    }
    for (size_t i = HEAD_BYTES; i + RECORD_BYTES <= work->waiting.length; i += RECORD_BYTES) {
        gy_id id;
        memcpy(id.bytes, work->waiting.bytes + i, sizeof(id.bytes));
        GY_TRY(gy_reach_object(&work->reach, &id, "an older version", err));
    }
    return GY_OK;
}

// ---- packs

static bool stays(const collection *work, const gy_id *id)
{
    return gy_id_map_find(&work->reach.marks, id) != NULL;
}

// Choose the packs to write anew: those with something to drop, and small ones if there are many.
static void choose_packs(collection *work)
{
    size_t small = 0;
    const gy_store *store = work->store;
    for (size_t i = 0; i < store->pack_count; i++)
        small += store->packs[i].map.size_bytes < SMALL_PACK_BYTES;
    for (size_t i = 0; i < store->pack_count; i++) {
        const gy_pack *pack = &store->packs[i];
        size_t dropped = 0;
        for (uint32_t k = 0; k < pack->object_count; k++)
            dropped += !stays(work, gy_pack_id(pack, k));
        work->result->objects_dropped += dropped;
        work->result->bytes_before += pack->map.size_bytes;
        work->rewritten[i] =
            dropped > 0 || (small > SMALL_PACKS_MAX && pack->map.size_bytes < SMALL_PACK_BYTES);
    }
    work->result->packs_before = store->pack_count;
}

static int by_block(const void *a, const void *b)
{
    const gy_place *left = &((const gy_pack_object *)a)->place;
    const gy_place *right = &((const gy_pack_object *)b)->place;
    if (left->block != right->block)
        return left->block < right->block ? -1 : 1;
    return left->offset < right->offset ? -1 : left->offset > right->offset;
}

// Some objects of a block stay: those of a group are put into new groups; a block of one object is
// copied.
static gy_status move_block(collection *work, gy_writer *writer, const gy_pack *pack,
                            const gy_pack_object *objects, size_t count, size_t all, gy_error *err)
{
    gy_store *store = work->store;
    uint32_t block = objects[0].place.block;
    if (count == all)
        return gy_writer_copy_block(writer, pack, block, objects, count, err);
    for (size_t i = 0; i < count; i++) {
        const gy_pack_object *object = &objects[i];
        const uint8_t *bytes;
        GY_TRY(gy_reader_at(&bytes, &store->reader, store, pack, &object->place, err));
        GY_TRY(gy_writer_put(writer, &object->id, bytes, object->place.length, NULL,
                             object->place.is_recipe, err));
    }
    return GY_OK;
}

// The block is damaged: other packs may hold good copies.
static gy_status move_copies(collection *work, gy_writer *writer, const gy_pack_object *objects,
                             size_t count, gy_error *err)
{
    for (size_t i = 0; i < count; i++) {
        gy_object object;
        GY_TRY(gy_reader_get(&object, &work->store->reader, work->store, &objects[i].id, err));
        GY_TRY(gy_writer_put(writer, &objects[i].id, object.bytes, object.size_bytes, NULL,
                             object.is_recipe, err));
    }
    return GY_OK;
}

static gy_status move_pack(collection *work, gy_writer *writer, const gy_pack *pack, gy_error *err)
{
    gy_pack_object *order = GY_NEW(work->arena, gy_pack_object, pack->object_count);
    if (order == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %u objects", pack->object_count);
    for (uint32_t i = 0; i < pack->object_count; i++) {
        order[i].id = *gy_pack_id(pack, i);
        gy_pack_place(&order[i].place, pack, i);
    }
    if (pack->object_count > 1)
        qsort(order, pack->object_count, sizeof(*order), by_block);
    for (uint32_t i = 0, next; i < pack->object_count; i = next) {
        uint32_t kept = 0;
        for (next = i; next < pack->object_count && order[next].place.block == order[i].place.block;
             next++)
            if (stays(work, &order[next].id))
                order[i + kept++] = order[next];
        gy_error damaged = {0};
        gy_status status =
            kept == 0 ? GY_OK : move_block(work, writer, pack, order + i, kept, next - i, &damaged);
        if (status == GY_FORMAT)
            status = move_copies(work, writer, order + i, kept, err);
        else if (status != GY_OK)
            return gy_fail(err, status, "%s", damaged.message);
        GY_TRY(status);
    }
    return GY_OK;
}

// The names of the packs that go: taken before commit maps the packs anew.
static gy_status list_old(char ***names, size_t *count, const collection *work, gy_error *err)
{
    const gy_store *store = work->store;
    *count = 0;
    *names = GY_NEW(work->arena, char *, store->pack_count + store->broken_count);
    if (*names == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu packs", work->store->pack_count);
    for (size_t i = 0; i < work->store->pack_count; i++) {
        if (!work->rewritten[i])
            continue;
        (*names)[*count] = gy_arena_format(work->arena, "packs/%s", work->store->packs[i].name);
        if ((*names)[(*count)++] == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    }
    // All that is needed has been found elsewhere: a pack that cannot be read is of no use.
    for (size_t i = 0; i < store->broken_count; i++)
        if (((*names)[(*count)++] =
                 gy_arena_format(work->arena, "packs/%s", store->broken_names[i])) == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    return GY_OK;
}

static gy_status move_all(collection *work, gy_writer *writer, gy_error *err)
{
    char **old;
    size_t count;
    GY_TRY(list_old(&old, &count, work, err));
    for (size_t i = 0; i < work->store->pack_count; i++)
        if (work->rewritten[i])
            GY_TRY(move_pack(work, writer, &work->store->packs[i], err));
    GY_TRY(gy_writer_commit(writer, err));
    // The list first: were the packs gone and the list old, objects added again meanwhile would
    // look condemned for long.
    GY_TRY(write_condemned(work, err));
    for (size_t i = 0; i < count; i++)
        if (gy_io_unlink_at(work->store->store_folder, old[i]) != 0 && errno != ENOENT)
            return gy_fail(err, GY_IO, "cannot remove '%s': %s", old[i], strerror(errno));
    gy_store_close_packs(work->store);
    return gy_store_open_packs(work->store, err);
}

static gy_status collect(collection *work, gy_error *err)
{
    gy_store *store = work->store;
    gy_store_close_packs(store); // another writer may have been here since they were opened
    GY_TRY(gy_trust_check(store, 0, err));
    uint64_t last_pack = store->pack_count == 0 ? 0 : store->packs[store->pack_count - 1].number;
    GY_TRY(read_condemned(work, err));
    GY_TRY(mark_needed(work, err));
    GY_TRY(mark_waiting(work, err));
    work->rewritten = GY_NEW(work->arena, bool, store->pack_count);
    if (work->rewritten == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu packs", store->pack_count);
    choose_packs(work);
    if (work->options->dry_run)
        return GY_OK;
    gy_writer writer;
    gy_status status = gy_writer_init(&writer, store, 0, err);
    if (status == GY_OK)
        status = move_all(work, &writer, err);
    gy_writer_release(&writer);
    GY_TRY(status);
    work->result->packs_after = store->pack_count;
    for (size_t i = 0; i < store->pack_count; i++)
        work->result->bytes_after += store->packs[i].map.size_bytes;
    gy_trust_save(store, last_pack);
    return GY_OK;
}

gy_status gy_store_gc(gy_gc_result *result, gy_store *store, const gy_gc_options *options,
                      gy_error *err)
{
    int lock;
    gy_arena arena = GY_ARENA_INIT;
    *result = (gy_gc_result){0};
    collection work = {.store = store,
                       .options = options,
                       .result = result,
                       .arena = &arena,
                       .condemned.arena = &arena,
                       .now_s = (uint64_t)time(NULL)};
    work.reach = (gy_reach){.store = store,
                            .arena = &arena,
                            .marks.arena = &arena,
                            .missing = note_missing,
                            .context = &work};
    GY_TRY(gy_store_lock(&lock, store, err));
    gy_status status = collect(&work, err);
    gy_file_unlock(lock);
    gy_text_release(&work.waiting);
    gy_arena_release(&arena);
    return status;
}
