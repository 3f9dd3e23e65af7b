// SPDX-License-Identifier: Apache-2.0
//
// From a version's root down: trees, files, chunks, and the bases of deltas. Each object is looked
// at once, however many versions need it.

#include "store/reach.h"

#include <string.h>

#include "store/tree.h"

static gy_status report(gy_reach *reach, const gy_id *id, const char *need, gy_status status,
                        const char *reason, gy_error *err)
{
    gy_error why = {0};
    (void)gy_fail(&why, status, "%s", reason);
    return reach->missing == NULL ? GY_OK : reach->missing(reach->context, id, need, &why, err);
}

static gy_status mark(gy_reach *reach, bool *fresh, const gy_id *id, gy_error *err)
{
    uint64_t *value;
    return gy_id_map_at(&value, fresh, &reach->marks, id, err);
}

static gy_status mark_bases(gy_reach *reach, const gy_pack *pack, const gy_place *place,
                            const char *need, gy_error *err)
{
    gy_block block;
    gy_pack_block(&block, pack, place->block);
    for (size_t i = 0; i < block.base_count; i++)
        GY_TRY(gy_reach_object(reach, gy_pack_base(pack, &block, i), need, err));
    return GY_OK;
}

static gy_status mark_chunks(gy_reach *reach, const gy_id *id, const gy_pack *pack,
                             const gy_place *place, const char *need, gy_error *err)
{
    const uint8_t *bytes;
    gy_error broken = {0};
    gy_recipe_chunk chunk;
    gy_status status =
        gy_reader_at(&bytes, &reach->store->reader, reach->store, pack, place, &broken);
    if (status == GY_FORMAT || status == GY_NOT_FOUND)
        return report(reach, id, need, status, broken.message, err);
    if (status != GY_OK)
        return gy_fail(err, status, "%s", broken.message);
    // A copy: the reader's next block takes its place.
    char *recipe = gy_arena_copy(reach->arena, (const char *)bytes, place->length);
    if (recipe == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a list of chunks");
    for (size_t i = 0; gy_recipe_chunk_at(&chunk, (const uint8_t *)recipe, place->length, i); i++)
        GY_TRY(gy_reach_object(reach, &chunk.id, need, err));
    return GY_OK;
}

gy_status gy_reach_object(gy_reach *reach, const gy_id *id, const char *need, gy_error *err)
{
    bool fresh;
    size_t at = reach->store->pack_count;
    gy_place place;
    GY_TRY(mark(reach, &fresh, id, err));
    if (!fresh)
        return GY_OK;
    if (reach->bad != NULL && gy_id_map_find(reach->bad, id) != NULL)
        GY_TRY(report(reach, id, need, GY_FORMAT, "its bytes are others than stored", err));
    if (!gy_store_find(&at, &place, reach->store, id, at))
        return report(reach, id, need, GY_NOT_FOUND, "not in the store", err);
    // Every copy counts: gc may keep any of them.
    do {
        const gy_pack *pack = &reach->store->packs[at];
        GY_TRY(mark_bases(reach, pack, &place, need, err));
        if (place.is_recipe)
            GY_TRY(mark_chunks(reach, id, pack, &place, need, err));
    } while (gy_store_find(&at, &place, reach->store, id, at));
    return GY_OK;
}

// One tree: its files, and its folders below. `deep` guards against trees of a hostile store.
static gy_status mark_tree(gy_reach *reach, const gy_id *id, const char *need, int deep,
                           gy_error *err)
{
    char *bytes;
    size_t size_bytes;
    bool more;
    gy_error broken = {0};
    gy_tree_reader reader;
    gy_tree_entry entry;
    const uint64_t *known = gy_id_map_find(&reach->marks, id);
    if (known != NULL && *known == 1) // as a tree; a file of the same bytes has 0
        return GY_OK;
    GY_TRY(gy_reach_object(reach, id, need, err));
    uint64_t *value;
    GY_TRY(gy_id_map_at(&value, NULL, &reach->marks, id, err));
    *value = 1;
    gy_status status = gy_store_read(&bytes, &size_bytes, reach->store, id, reach->arena, &broken);
    if (status == GY_NOT_FOUND && gy_store_has(reach->store, id) == false)
        return GY_OK; // gy_reach_object has reported it
    if (status == GY_OK)
        status = gy_tree_open(&reader, (const uint8_t *)bytes, size_bytes, &broken);
    while (status == GY_OK) {
        status = gy_tree_next(&more, &entry, &reader, &broken);
        if (status != GY_OK || !more)
            break;
        char *path =
            gy_arena_format(reach->arena, "%s%s%.*s%s", need, deep == 0 ? ": " : "",
                            (int)entry.name_length, entry.name, entry.is_folder ? "/" : "");
        if (path == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
        if (!entry.is_folder)
            GY_TRY(gy_reach_object(reach, &entry.id, path, err));
        else if (deep < GY_TREE_DEPTH_MAX)
            GY_TRY(mark_tree(reach, &entry.id, path, deep + 1, err));
    }
    if (status == GY_NO_MEMORY || status == GY_IO)
        return gy_fail(err, status, "%s", broken.message);
    return status == GY_OK ? GY_OK : report(reach, id, need, status, broken.message, err);
}

static gy_status mark_guess(gy_reach *reach, const gy_ref *ref, gy_error *err)
{
    char *bytes;
    size_t size_bytes;
    gy_tree_reader reader;
    if (!gy_store_has(reach->store, &ref->pointer.root))
        return GY_OK;
    gy_error broken = {0};
    gy_status status =
        gy_store_read(&bytes, &size_bytes, reach->store, &ref->pointer.root, reach->arena, &broken);
    // A root taken for a file by a failing disk would let gc drop what it names.
    if (status == GY_NO_MEMORY || status == GY_IO)
        return gy_fail(err, status, "%s", broken.message);
    bool is_tree =
        status == GY_OK && gy_tree_open(&reader, (const uint8_t *)bytes, size_bytes, NULL) == GY_OK;
    return is_tree ? mark_tree(reach, &ref->pointer.root, ref->name, 0, err)
                   : gy_reach_object(reach, &ref->pointer.root, ref->name, err);
}

gy_status gy_reach_version(gy_reach *reach, const gy_ref *ref, gy_error *err)
{
    GY_TRY(gy_store_open_packs(reach->store, err));
    if (ref->is_guess)
        return mark_guess(reach, ref, err);
    if (!ref->pointer.is_folder)
        return gy_reach_object(reach, &ref->pointer.root, ref->name, err);
    return mark_tree(reach, &ref->pointer.root, ref->name, 0, err);
}
