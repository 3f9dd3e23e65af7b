// SPDX-License-Identifier: Apache-2.0
//
// Small files are read and hashed in batches by all threads; what is new among them goes to the
// writer in listing order. A large file is read in windows: cut by one thread, hashed by all.

#define _GNU_SOURCE
#include "store/intake.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/thread.h"
#include "store/bytes.h"

enum {
    BATCH_BYTES = 8 * 1024 * 1024,
    BATCH_FILES = 8192,
    BATCH_GRAIN = 64,
    WINDOW_BYTES = 16 * 1024 * 1024,
    WINDOW_CHUNKS = WINDOW_BYTES / GY_CHUNK_BYTES_MIN + 2
};

typedef struct gy_batch {
    uint8_t *bytes; // one more than BATCH_BYTES a file: to see it grow
    size_t used;
    uint32_t files[BATCH_FILES]; // numbers in the listing
    size_t at[BATCH_FILES];
    gy_features features[BATCH_FILES];
    size_t count;
} gy_batch;

static gy_status changed_meanwhile(const gy_intake *intake, const gy_list_file *file, gy_error *err)
{
    return gy_fail(err, GY_IO, "'%s%s%s' changed while it was read; run the command again",
                   intake->data->path, *file->name == '\0' ? "" : "/ ... /", file->name);
}

static gy_status open_file(int *file, const gy_intake *intake, const gy_list_file *entry,
                           int folder, gy_error *err)
{
    const char *name = gy_data_name(intake->data, entry);
    *file = gy_io_open_at(folder, name, O_RDONLY | O_NOFOLLOW, 0);
    if (*file < 0)
        return gy_fail(err, GY_IO, "cannot open '%s' in '%s': %s", name, intake->data->path,
                       strerror(errno));
    return GY_OK;
}

// ---- small files

// Read until size_bytes or the end of the file: a read that comes short where it is expected to end
// has seen it, one elsewhere may have been interrupted.
static gy_status read_up_to(size_t *got_bytes, uint8_t *bytes, size_t size_bytes,
                            size_t expected_bytes, int file, const gy_intake *intake,
                            const gy_list_file *entry, gy_error *err)
{
    *got_bytes = 0;
    while (*got_bytes < size_bytes && (*got_bytes == 0 || *got_bytes != expected_bytes)) {
        ssize_t got = gy_io_read(file, bytes + *got_bytes, size_bytes - *got_bytes);
        if (got < 0)
            return gy_fail(err, GY_IO, "cannot read '%s' in '%s': %s",
                           gy_data_name(intake->data, entry), intake->data->path, strerror(errno));
        if (got == 0)
            break;
        *got_bytes += (size_t)got;
    }
    return GY_OK;
}

static gy_status read_small(const gy_intake *intake, size_t number, int folder, gy_error *err)
{
    gy_batch *batch = intake->batch;
    gy_list_file *entry = &intake->listing->files[batch->files[number]];
    uint8_t *bytes = batch->bytes + batch->at[number];
    size_t size_bytes = (size_t)entry->mark.size_bytes, got_bytes;
    int file;
    GY_TRY(open_file(&file, intake, entry, folder, err));
    // One byte more than it should have: a short read is then its end, in one call.
    gy_status status =
        read_up_to(&got_bytes, bytes, size_bytes + 1, size_bytes, file, intake, entry, err);
    close(file);
    GY_TRY(status);
    if (got_bytes != size_bytes)
        return changed_meanwhile(intake, entry, err);
    gy_id_of_bytes(&entry->id, bytes, size_bytes);
    entry->has_id = true;
    if (size_bytes > GY_SMALL_BYTES_MAX)
        (void)gy_chunk_cut(&batch->features[number], bytes, size_bytes);
    return GY_OK;
}

static gy_status read_batch(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    const gy_intake *intake = context;
    gy_folder_walk walk = {intake->data, intake->listing, UINT32_MAX, -1};
    gy_status status = GY_OK;
    (void)worker;
    for (size_t i = begin; status == GY_OK && i < end; i++) {
        int folder = -1;
        uint32_t number = intake->batch->files[i];
        status = gy_folder_walk_to(&folder, &walk, intake->listing->files[number].folder, err);
        if (status == GY_OK)
            status = read_small(intake, i, folder, err);
    }
    gy_folder_walk_end(&walk);
    return status;
}

static gy_status flush_batch(gy_intake *intake, gy_error *err)
{
    gy_batch *batch = intake->batch;
    gy_writer *writer = intake->writer;
    GY_TRY(gy_thread_loop(batch->count, BATCH_GRAIN, writer->threads, read_batch, intake, err));
    for (size_t i = 0; i < batch->count; i++) {
        const gy_list_file *entry = &intake->listing->files[batch->files[i]];
        const uint8_t *bytes = batch->bytes + batch->at[i];
        size_t size_bytes = (size_t)entry->mark.size_bytes;
        if (!intake->data->is_folder)
            gy_rows_add(&intake->rows, bytes, size_bytes);
        if (gy_writer_has(writer, &entry->id))
            continue;
        const gy_features *features = size_bytes > GY_SMALL_BYTES_MAX ? &batch->features[i] : NULL;
        GY_TRY(gy_writer_put(writer, &entry->id, bytes, size_bytes, features, false, err));
    }
    intake->files_read += batch->count;
    batch->count = batch->used = 0;
    return GY_OK;
}

static gy_status add_small(gy_intake *intake, uint32_t number, gy_error *err)
{
    gy_batch *batch = intake->batch;
    size_t needed = (size_t)intake->listing->files[number].mark.size_bytes + 1;
    if (batch->count == BATCH_FILES || batch->used + needed > BATCH_BYTES)
        GY_TRY(flush_batch(intake, err));
    batch->files[batch->count] = number;
    batch->at[batch->count] = batch->used;
    batch->used += needed;
    batch->count++;
    return GY_OK;
}

// ---- a large file

typedef struct window {
    uint8_t *bytes;
    size_t filled, cut; // bytes; those before cut are in chunks
    bool at_end;
    size_t lengths[WINDOW_CHUNKS];
    gy_features features[WINDOW_CHUNKS];
    gy_id ids[WINDOW_CHUNKS];
    size_t chunk_count;
    gy_sha256 hash; // of the whole file
    gy_rows *rows;
} window;

static gy_status fill_window(window *view, int file, const gy_intake *intake,
                             const gy_list_file *entry, gy_error *err)
{
    size_t rest = view->filled - view->cut, got;
    memmove(view->bytes, view->bytes + view->cut, rest);
    GY_TRY(read_up_to(&got, view->bytes + rest, WINDOW_BYTES - rest, WINDOW_BYTES - rest, file,
                      intake, entry, err));
    view->at_end = got < WINDOW_BYTES - rest;
    view->filled = rest + got;
    view->cut = 0;
    return GY_OK;
}

// Cut as long as a cut does not depend on what has not been read.
static void cut_window(window *view)
{
    view->chunk_count = 0;
    while (view->cut < view->filled && view->chunk_count < WINDOW_CHUNKS &&
           (view->at_end || view->filled - view->cut >= GY_CHUNK_BYTES_MAX)) {
        size_t length = gy_chunk_cut(&view->features[view->chunk_count], view->bytes + view->cut,
                                     view->filled - view->cut);
        view->lengths[view->chunk_count++] = length;
        view->cut += length;
    }
}

// Item 0 is the hash of the whole and its rows, the longest; the others are the chunks.
static gy_status hash_window(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    window *view = context;
    (void)worker;
    (void)err;
    for (size_t i = begin; i < end; i++) {
        if (i == 0) {
            gy_sha256_add(&view->hash, view->bytes, view->cut);
            gy_rows_add(view->rows, view->bytes, view->cut);
            continue;
        }
        size_t at = 0;
        for (size_t k = 0; k + 1 < i; k++)
            at += view->lengths[k];
        gy_id_of_bytes(&view->ids[i - 1], view->bytes + at, view->lengths[i - 1]);
    }
    return GY_OK;
}

static gy_status put_window(window *view, gy_text *recipe, gy_writer *writer, gy_error *err)
{
    size_t at = 0;
    for (size_t i = 0; i < view->chunk_count; i++) {
        uint8_t length[4];
        gy_put32(length, (uint32_t)view->lengths[i]);
        gy_text_append(recipe, view->ids[i].bytes, sizeof(view->ids[i].bytes));
        gy_text_append(recipe, length, sizeof(length));
        if (!gy_writer_has(writer, &view->ids[i]))
            GY_TRY(gy_writer_put(writer, &view->ids[i], view->bytes + at, view->lengths[i],
                                 &view->features[i], false, err));
        at += view->lengths[i];
    }
    if (recipe->status != GY_OK)
        return gy_fail(err, recipe->status, "no memory for a list of chunks");
    if (recipe->length > GY_PACK_BLOCK_BYTES_MAX)
        return gy_fail(err, GY_LIMIT, "a file of over %d chunks",
                       GY_PACK_BLOCK_BYTES_MAX / GY_RECIPE_RECORD_BYTES);
    return GY_OK;
}

static gy_status read_windows(window *view, gy_text *recipe, uint64_t *size_bytes, int file,
                              gy_intake *intake, gy_list_file *entry, gy_error *err)
{
    *size_bytes = 0;
    while (!view->at_end) {
        GY_TRY(fill_window(view, file, intake, entry, err));
        cut_window(view);
        GY_TRY(gy_thread_loop(view->chunk_count + 1, 1, intake->writer->threads, hash_window, view,
                              err));
        GY_TRY(put_window(view, recipe, intake->writer, err));
        *size_bytes += view->cut;
        if (intake->progress != NULL)
            intake->progress(intake->context, "MiB", (size_t)(*size_bytes >> 20),
                             (size_t)(entry->mark.size_bytes >> 20));
    }
    return GY_OK;
}

// The chunks of the version before, in order: where a cut has gone, its neighbours help.
static gy_status tell_older(gy_intake *intake, gy_error *err)
{
    gy_writer *writer = intake->writer;
    gy_object object;
    if (intake->older_root == NULL ||
        gy_reader_get(&object, &writer->readers[0], writer->store, intake->older_root, NULL) !=
            GY_OK ||
        !object.is_recipe)
        return gy_writer_set_older(writer, NULL, 0, err);
    gy_arena arena = GY_ARENA_INIT;
    size_t count = object.size_bytes / GY_RECIPE_RECORD_BYTES;
    gy_id *ids = GY_NEW(&arena, gy_id, count);
    gy_status status =
        ids == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory for a list of chunks") : GY_OK;
    gy_recipe_chunk chunk;
    for (size_t i = 0; status == GY_OK && i < count; i++)
        if (gy_recipe_chunk_at(&chunk, object.bytes, object.size_bytes, i))
            ids[i] = chunk.id;
    if (status == GY_OK)
        status = gy_writer_set_older(writer, ids, count, err);
    gy_arena_release(&arena);
    return status;
}

static gy_status read_large(gy_intake *intake, gy_list_file *entry, window *view, int file,
                            gy_error *err)
{
    gy_text recipe = {0};
    uint64_t size_bytes;
    gy_sha256_init(&view->hash, gy_hash_blocks());
    gy_status status = read_windows(view, &recipe, &size_bytes, file, intake, entry, err);
    if (status == GY_OK && size_bytes != entry->mark.size_bytes)
        status = changed_meanwhile(intake, entry, err);
    if (status == GY_OK) {
        gy_sha256_end(&view->hash, entry->id.bytes);
        entry->has_id = true;
        intake->files_read++;
        // A single chunk has the file's id already.
        if (recipe.length > GY_RECIPE_RECORD_BYTES && !gy_writer_has(intake->writer, &entry->id))
            status = gy_writer_put(intake->writer, &entry->id, recipe.bytes, recipe.length, NULL,
                                   true, err);
    }
    gy_text_release(&recipe);
    return status;
}

static gy_status add_large(gy_intake *intake, gy_list_file *entry, gy_error *err)
{
    gy_arena arena = GY_ARENA_INIT;
    int folder = -1, file = -1;
    gy_folder_walk walk = {intake->data, intake->listing, UINT32_MAX, -1};
    window *view = GY_NEW(&arena, window, 1);
    gy_status status = GY_OK;
    if (view != NULL)
        view->bytes = GY_NEW(&arena, uint8_t, WINDOW_BYTES);
    if (view == NULL || view->bytes == NULL)
        status = gy_fail(err, GY_NO_MEMORY, "no memory for a window of %d bytes", WINDOW_BYTES);
    if (status == GY_OK) {
        view->rows = &intake->rows;
        status = tell_older(intake, err);
    }
    if (status == GY_OK)
        status = gy_folder_walk_to(&folder, &walk, entry->folder, err);
    if (status == GY_OK)
        status = open_file(&file, intake, entry, folder, err);
    if (status == GY_OK) {
        status = read_large(intake, entry, view, file, err);
        close(file);
    }
    gy_folder_walk_end(&walk);
    gy_arena_release(&arena);
    return status;
}

static gy_status run(gy_intake *intake, gy_error *err)
{
    gy_listing *listing = intake->listing;
    for (size_t i = 0; i < listing->file_count; i++) {
        gy_list_file *entry = &listing->files[i];
        if (intake->progress != NULL && i % 4096 == 0)
            intake->progress(intake->context, "files", i, listing->file_count);
        if (entry->has_id && gy_writer_has(intake->writer, &entry->id))
            continue;
        if (entry->mark.size_bytes <= GY_CHUNK_BYTES_MIN) {
            GY_TRY(add_small(intake, (uint32_t)i, err));
            continue;
        }
        GY_TRY(flush_batch(intake, err)); // keep the order
        GY_TRY(add_large(intake, entry, err));
    }
    GY_TRY(flush_batch(intake, err));
    if (intake->progress != NULL)
        intake->progress(intake->context, "files", listing->file_count, listing->file_count);
    return GY_OK;
}

gy_status gy_intake_run(gy_intake *intake, gy_error *err)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_batch *batch = GY_NEW(&arena, gy_batch, 1);
    if (batch != NULL)
        batch->bytes = GY_NEW(&arena, uint8_t, BATCH_BYTES);
    intake->batch = batch;
    gy_status status = batch == NULL || batch->bytes == NULL
                           ? gy_fail(err, GY_NO_MEMORY, "no memory for a batch of files")
                           : run(intake, err);
    intake->batch = NULL;
    gy_arena_release(&arena);
    return status;
}
