// SPDX-License-Identifier: Apache-2.0
//
// The packs of a store, mapped, and objects found in them.

#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "store/store.h"

// The number of a pack's name, "00000012-....pack"; 0: not a pack's name.
static uint64_t pack_number(const gy_folder_name *name)
{
    static const char ending[] = ".pack";
    if (name->length < sizeof(ending) + 1 ||
        strcmp(name->name + name->length - strlen(ending), ending) != 0)
        return 0;
    char *end;
    uint64_t number = strtoull(name->name, &end, 10);
    return name->name[0] < '0' || name->name[0] > '9' || *end != '-' ? 0 : number;
}

static gy_status note_broken(gy_store *store, const char *name, const char *reason, gy_error *err)
{
    if (store->broken_count < GY_BROKEN_PACKS_MAX)
        store->broken_names[store->broken_count++] = name;
    const char *before = store->broken_packs == NULL ? "" : store->broken_packs;
    store->broken_packs = gy_arena_format(&store->arena, "%s%s\n", before, reason);
    return store->broken_packs == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for a message")
                                       : GY_OK;
}

// Map one pack. *gone: a gc has removed it since the folder was listed.
static gy_status open_pack(gy_store *store, const gy_folder_name *name, bool *gone, gy_error *err)
{
    gy_error broken = {0};
    gy_arena *arena = &store->arena;
    char *path = gy_arena_format(arena, "%s/.gyre/packs/%s", store->project, name->name);
    char *kept = gy_arena_copy(arena, name->name, name->length);
    if (path == NULL || kept == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    gy_file_map map;
    gy_status status = gy_file_map_open(&map, path, &broken);
    *gone = status == GY_NOT_FOUND;
    if (*gone)
        return GY_OK;
    gy_pack *pack = &store->packs[store->pack_count];
    *pack = (gy_pack){.number = pack_number(name)};
    if (status == GY_OK) {
        status = gy_pack_parse(pack, map.bytes, map.size_bytes, kept, &broken);
        if (status == GY_OK)
            store->pack_count++;
        else
            gy_file_map_close(&map);
    }
    // One damaged pack must not keep what stands in the others from its owner.
    if (status == GY_FORMAT)
        return note_broken(store, kept, broken.message, err);
    if (status != GY_OK && err != NULL)
        *err = broken;
    return status;
}

static int by_number(const void *a, const void *b)
{
    const gy_pack *left = a, *right = b;
    if (left->number != right->number)
        return left->number < right->number ? -1 : 1;
    return strcmp(left->name, right->name);
}

static gy_status open_all(gy_store *store, bool *changed, gy_error *err)
{
    gy_folder_name *names;
    size_t count;
    int folder = gy_io_open_at(store->store_folder, "packs", O_RDONLY | O_DIRECTORY, 0);
    if (folder < 0)
        return gy_fail(err, errno == ENOENT ? GY_NOT_FOUND : GY_IO,
                       "cannot open '%s/.gyre/packs': %s", store->project, strerror(errno));
    gy_status status = gy_folder_list(&names, &count, folder, ".gyre/packs", &store->arena, err);
    close(folder);
    GY_TRY(status);
    store->packs = GY_NEW(&store->arena, gy_pack, count);
    if (store->packs == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu packs", count);
    for (size_t i = 0; i < count; i++) {
        bool gone = false;
        if (pack_number(&names[i]) > 0)
            GY_TRY(open_pack(store, &names[i], &gone, err));
        *changed |= gone;
    }
    if (store->pack_count > 1)
        qsort(store->packs, store->pack_count, sizeof(*store->packs), by_number);
    return GY_OK;
}

gy_status gy_store_open_packs(gy_store *store, gy_error *err)
{
    if (store->packs_open)
        return GY_OK;
    // What a gc takes away while we look, it has put into new packs before: look again.
    for (int attempt = 0; attempt < 10; attempt++) {
        bool changed = false;
        gy_status status = open_all(store, &changed, err);
        if (status == GY_OK && !changed) {
            store->packs_open = true;
            return GY_OK;
        }
        gy_store_close_packs(store);
        GY_TRY(status);
    }
    return gy_fail(err, GY_IO, "the packs of '%s' change too fast to be opened", store->project);
}

void gy_store_close_packs(gy_store *store)
{
    for (size_t i = 0; i < store->pack_count; i++)
        gy_file_map_close(&store->packs[i].map);
    store->pack_count = 0;
    store->packs_open = false;
    store->broken_packs = NULL;
    store->broken_count = 0;
    store->reader.pack = NULL; // it may hold a block of a pack that is gone
}

bool gy_store_find(size_t *pack, gy_place *place, const gy_store *store, const gy_id *id,
                   size_t from)
{
    assert(from <= store->pack_count);
    for (size_t i = from; i > 0; i--)
        if (gy_pack_find(place, &store->packs[i - 1], id)) {
            *pack = i - 1;
            return true;
        }
    return false;
}

bool gy_store_has(gy_store *store, const gy_id *id)
{
    size_t pack;
    gy_place place;
    return gy_store_open_packs(store, NULL) == GY_OK &&
           gy_store_find(&pack, &place, store, id, store->pack_count);
}
