// SPDX-License-Identifier: Apache-2.0
//
// The list of packs known to be good: .gyre/cache/packs, a line a pack. A cache: without it, packs
// are read through once.

#define _GNU_SOURCE
#include "store/trust.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/thread.h"

static const char list_path[] = "cache/packs";
static const char list_head[] = "gyre packs 1\n";

enum { LINE_BYTES_MAX = 256, LIST_BYTES_MAX = 64 * 1024 * 1024, PATH_BYTES = 300 };

// The line that holds as long as the pack is as it was.
static bool line_of(char line[LINE_BYTES_MAX], const gy_store *store, const gy_pack *pack)
{
    struct stat found;
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "packs/%s", pack->name);
    if (gy_io_stat_at(store->store_folder, path, &found) != 0)
        return false;
    snprintf(line, LINE_BYTES_MAX, "%.100s %llu %llu %lld.%09ld\n", pack->name,
             (unsigned long long)found.st_ino, (unsigned long long)found.st_size,
             (long long)found.st_ctim.tv_sec, found.st_ctim.tv_nsec);
    return true;
}

typedef struct reading {
    gy_pack *pack;
} reading;

static gy_status read_blocks(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    const reading *work = context;
    (void)worker;
    (void)err;
    // Pieces are of 64 blocks: no two threads write into one byte.
    for (size_t i = begin; i < end; i++) {
        gy_block block;
        gy_pack_block(&block, work->pack, (uint32_t)i);
        if (!gy_pack_block_is_whole(work->pack, &block))
            work->pack->damaged[i / 8] |= (uint8_t)(1u << i % 8);
    }
    return GY_OK;
}

static gy_status read_through(gy_store *store, gy_pack *pack, size_t threads, gy_error *err)
{
    size_t bytes = pack->block_count / 8 + 1;
    pack->damaged = GY_NEW(&store->arena, uint8_t, bytes);
    if (pack->damaged == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to check the pack '%s'", pack->name);
    reading work = {pack};
    GY_TRY(gy_thread_loop(pack->block_count, 64, threads, read_blocks, &work, err));
    pack->trusted = true;
    for (size_t i = 0; i < bytes; i++)
        pack->trusted &= pack->damaged[i] == 0;
    return GY_OK;
}

gy_status gy_trust_check(gy_store *store, size_t threads, gy_error *err)
{
    GY_TRY(gy_store_open_packs(store, err));
    char *list = NULL;
    size_t list_bytes = 0;
    gy_arena arena = GY_ARENA_INIT;
    char *path = gy_arena_format(&arena, "%s/.gyre/%s", store->project, list_path);
    if (path == NULL ||
        gy_file_read(&list, &list_bytes, path, LIST_BYTES_MAX, &arena, NULL) != GY_OK ||
        strncmp(list, list_head, strlen(list_head)) != 0)
        list = NULL;
    gy_status status = GY_OK;
    const char *from = list; // the list is in the order of the packs
    for (size_t i = 0; status == GY_OK && i < store->pack_count; i++) {
        gy_pack *pack = &store->packs[i];
        char line[LINE_BYTES_MAX];
        const char *found = from != NULL && line_of(line, store, pack) ? strstr(from, line) : NULL;
        pack->trusted = found != NULL;
        if (pack->trusted)
            from = found;
        else
            status = read_through(store, pack, threads, err);
    }
    gy_arena_release(&arena);
    return status;
}

void gy_trust_save(gy_store *store, uint64_t last_checked)
{
    gy_text list = {0};
    char line[LINE_BYTES_MAX], draft[64];
    snprintf(draft, sizeof(draft), "tmp/packs-%ld", (long)getpid());
    gy_text_append(&list, list_head, strlen(list_head));
    for (size_t i = 0; i < store->pack_count; i++) {
        const gy_pack *pack = &store->packs[i];
        if ((pack->trusted || pack->number > last_checked) && line_of(line, store, pack))
            gy_text_append(&list, line, strlen(line));
    }
    int file = list.status != GY_OK
                   ? -1
                   : gy_io_open_at(store->store_folder, draft, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file >= 0) {
        bool whole = gy_io_write_all(file, list.bytes, list.length) == 0;
        whole &= close(file) == 0;
        if (!whole ||
            gy_io_rename_at(store->store_folder, draft, store->store_folder, list_path) != 0)
            unlinkat(store->store_folder, draft, 0);
    }
    gy_text_release(&list);
}

void gy_trust_drop(gy_store *store)
{
    unlinkat(store->store_folder, list_path, 0);
}
