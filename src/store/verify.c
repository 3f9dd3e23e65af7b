// SPDX-License-Identifier: Apache-2.0
//
// gyre verify: is all there that versions need, and with --deep: are its bytes those that were
// stored. An object counts as damaged when no pack has a good copy of it.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/thread.h"
#include "store/reach.h"
#include "store/trust.h"

typedef struct verification {
    gy_store *store;
    const gy_verify_options *options;
    gy_verified *result;
    gy_arena *arena;
    size_t capacity; // of damage
    gy_id_map bad;   // value: place in damage, plus one
    gy_reader *readers;
    // Of a pack being read:
    const gy_pack *pack;
    uint8_t *failed; // a byte per object
} verification;

static gy_status note(verification *work, const gy_damage *damage, gy_error *err)
{
    gy_verified *result = work->result;
    gy_damage *more = gy_arena_grow(work->arena, result->damage, result->damage_count,
                                    &work->capacity, sizeof(*more));
    if (more == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a list of %zu damages",
                       result->damage_count + 1);
    result->damage = more;
    result->damage[result->damage_count++] = *damage;
    return GY_OK;
}

static gy_status skip_piece(void *context, const uint8_t *bytes, size_t size_bytes, gy_error *err)
{
    (void)context, (void)bytes, (void)size_bytes, (void)err;
    return GY_OK;
}

// Read one object of the pack as checkout would, from whatever copy is good.
static gy_status read_objects(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    verification *work = context;
    for (size_t i = begin; i < end; i++) {
        gy_error broken = {0};
        const gy_id *id = gy_pack_id(work->pack, (uint32_t)i);
        gy_status status =
            gy_reader_stream(&work->readers[worker], work->store, id, skip_piece, NULL, &broken);
        if (status == GY_FORMAT || status == GY_NOT_FOUND)
            work->failed[i] = 1;
        else if (status != GY_OK)
            return gy_fail(err, status, "%s", broken.message);
    }
    return GY_OK;
}

// Objects by block, so that each block is decoded once.
typedef struct ordered {
    gy_place place;
    uint32_t object;
} ordered;

static int by_block(const void *a, const void *b)
{
    const ordered *left = a, *right = b;
    if (left->place.block != right->place.block)
        return left->place.block < right->place.block ? -1 : 1;
    return left->object < right->object ? -1 : 1;
}

typedef struct pass {
    verification *work;
    const ordered *order;
} pass;

static gy_status read_ordered(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    const pass *step = context;
    for (size_t i = begin; i < end; i++)
        GY_TRY(read_objects(step->work, step->order[i].object, step->order[i].object + 1, worker,
                            err));
    return GY_OK;
}

static gy_status read_pack(verification *work, const gy_pack *pack, gy_error *err)
{
    gy_arena_mark mark = gy_arena_here(work->arena);
    ordered *order = GY_NEW(work->arena, ordered, pack->object_count);
    work->failed = GY_NEW(work->arena, uint8_t, pack->object_count);
    work->pack = pack;
    if (order == NULL || work->failed == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read the pack '%s'", pack->name);
    for (uint32_t i = 0; i < pack->object_count; i++) {
        gy_pack_place(&order[i].place, pack, i);
        order[i].object = i;
    }
    if (pack->object_count > 1)
        qsort(order, pack->object_count, sizeof(*order), by_block);
    pass step = {work, order};
    GY_TRY(
        gy_thread_loop(pack->object_count, 256, work->options->threads, read_ordered, &step, err));
    size_t failures = 0;
    for (uint32_t i = 0; i < pack->object_count; i++)
        failures += work->failed[i];
    if (failures == 0) {
        gy_arena_rewind(work->arena, mark);
        return GY_OK;
    }
    for (uint32_t i = 0; i < pack->object_count; i++) {
        uint64_t *at;
        bool fresh;
        if (!work->failed[i])
            continue;
        GY_TRY(gy_id_map_at(&at, &fresh, &work->bad, gy_pack_id(pack, i), err));
        gy_damage damage = {.id = *gy_pack_id(pack, i),
                            .what = "its bytes are others than stored",
                            .pack = pack->name,
                            .need = ""};
        *at = work->result->damage_count + 1;
        if (fresh)
            GY_TRY(note(work, &damage, err));
    }
    return GY_OK;
}

static gy_status read_packs(verification *work, gy_error *err)
{
    size_t threads = work->options->threads == 0 ? gy_thread_count() : work->options->threads;
    work->readers = GY_NEW(work->arena, gy_reader, threads);
    if (work->readers == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu threads", threads);
    for (size_t i = 0; i < threads; i++)
        work->readers[i].arena = (gy_arena)GY_ARENA_INIT;
    gy_status status = gy_zstd_open(err);
    for (size_t i = 0; status == GY_OK && i < work->store->pack_count; i++) {
        if (work->options->progress != NULL)
            work->options->progress(work->options->context, "packs", i, work->store->pack_count);
        status = read_pack(work, &work->store->packs[i], err);
    }
    for (size_t i = 0; i < threads; i++)
        gy_reader_release(&work->readers[i]);
    return status;
}

// Who needs what is damaged or absent.
static gy_status note_need(void *context, const gy_id *id, const char *need, const gy_error *reason,
                           gy_error *err)
{
    verification *work = context;
    const uint64_t *at = gy_id_map_find(&work->bad, id);
    if (at != NULL) {
        work->result->damage[*at - 1].need = need;
        return GY_OK;
    }
    char *what = gy_arena_copy(work->arena, reason->message, strlen(reason->message));
    if (what == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a message");
    gy_damage damage = {.id = *id, .what = what, .pack = "", .need = need};
    return note(work, &damage, err);
}

static gy_status note_broken_packs(verification *work, gy_error *err)
{
    const char *line = work->store->broken_packs;
    while (line != NULL && *line != '\0') {
        size_t length = strcspn(line, "\n");
        gy_damage damage = {.pack = "", .need = ""};
        damage.what = gy_arena_copy(work->arena, line, length);
        if (damage.what == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a message");
        GY_TRY(note(work, &damage, err));
        line += length + (line[length] == '\n');
    }
    return GY_OK;
}

static int by_id(const void *a, const void *b)
{
    return gy_id_compare(&((const gy_damage *)a)->id, &((const gy_damage *)b)->id);
}

gy_status gy_store_verify(gy_verified *verified, gy_store *store, const gy_verify_options *options,
                          gy_arena *arena, gy_error *err)
{
    static const gy_verify_options plain = {0};
    gy_refs refs;
    *verified = (gy_verified){0};
    verification work = {.store = store,
                         .options = options == NULL ? &plain : options,
                         .result = verified,
                         .arena = arena,
                         .bad.arena = arena};
    GY_TRY(gy_store_open_packs(store, err));
    GY_TRY(gy_refs_collect(&refs, store, arena, err));
    verified->packs = store->pack_count;
    for (size_t i = 0; i < store->pack_count; i++) {
        verified->objects += store->packs[i].object_count;
        verified->bytes += store->packs[i].map.size_bytes;
    }
    GY_TRY(note_broken_packs(&work, err));
    if (work.options->deep)
        GY_TRY(read_packs(&work, err));
    gy_reach reach = {.store = store,
                      .arena = arena,
                      .marks.arena = arena,
                      .bad = &work.bad,
                      .missing = note_need,
                      .context = &work};
    for (size_t i = 0; i < refs.count; i++)
        GY_TRY(gy_reach_version(&reach, &refs.items[i], err));
    if (verified->damage_count > 1)
        qsort(verified->damage, verified->damage_count, sizeof(*verified->damage), by_id);
    if (verified->damage_count > 0)
        gy_trust_drop(store); // so that the next add finds what is damaged, and heals it
    return GY_OK;
}
