// SPDX-License-Identifier: Apache-2.0
//
// A ring of chunks: the thread fills, the caller empties, each waits for the other when it is full
// or empty. The caller holds the chunk it was given last.

#include "table/ahead.h"

#include <pthread.h>
#include <string.h>

enum { SLOTS = 8 };

typedef struct slot {
    gy_duckdb_chunk chunk;
    gy_arena *arena;
    gy_status status;
    gy_error err;
} slot;

struct gy_ahead {
    gy_duckdb_scan *scan;
    gy_arena *arena;
    slot slots[SLOTS];
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied;
    // Chunks so far: filled by the thread, given to the caller, done with.
    size_t made, given, done;
    bool stop;
};

static void *read_on(void *context)
{
    gy_ahead *ahead = context;
    for (;;) {
        pthread_mutex_lock(&ahead->lock);
        while (!ahead->stop && ahead->made - ahead->done == SLOTS)
            pthread_cond_wait(&ahead->emptied, &ahead->lock);
        bool stop = ahead->stop;
        slot *into = &ahead->slots[ahead->made % SLOTS];
        pthread_mutex_unlock(&ahead->lock);
        if (stop)
            return NULL;
        gy_arena_rewind(into->arena, (gy_arena_mark){NULL, 0});
        into->err = (gy_error){0};
        into->status = gy_duckdb_scan_take(&into->chunk, ahead->scan, into->arena, &into->err);
        bool last = into->status != GY_OK || into->chunk.row_count == 0;
        pthread_mutex_lock(&ahead->lock);
        ahead->made++;
        pthread_cond_signal(&ahead->filled);
        pthread_mutex_unlock(&ahead->lock);
        if (last)
            return NULL;
    }
}

static void release(gy_ahead *ahead)
{
    for (size_t i = 0; i < SLOTS; i++) {
        gy_duckdb_chunk_drop(&ahead->slots[i].chunk);
        gy_arena_free(ahead->slots[i].arena);
    }
    pthread_cond_destroy(&ahead->filled);
    pthread_cond_destroy(&ahead->emptied);
    pthread_mutex_destroy(&ahead->lock);
    gy_arena_free(ahead->arena);
}

gy_status gy_ahead_open(gy_ahead **ahead, gy_duckdb_scan *scan, gy_error *err)
{
    gy_arena *arena = gy_arena_new(0);
    gy_ahead *made = arena == NULL ? NULL : GY_NEW(arena, gy_ahead, 1);
    if (made == NULL) {
        gy_arena_free(arena);
        return gy_fail(err, GY_NO_MEMORY, "no memory to read ahead");
    }
    made->arena = arena;
    made->scan = scan;
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->filled, NULL);
    pthread_cond_init(&made->emptied, NULL);
    bool memory = true;
    for (size_t i = 0; i < SLOTS && memory; i++) {
        slot *of = &made->slots[i];
        of->arena = gy_arena_new(0);
        of->chunk.columns = GY_NEW(arena, gy_column, scan->column_count + 1);
        memory = of->arena != NULL && of->chunk.columns != NULL;
        if (memory && scan->column_count > 0)
            memcpy(of->chunk.columns, scan->columns, scan->column_count * sizeof(gy_column));
    }
    gy_status status = memory ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory to read ahead");
    if (status == GY_OK && pthread_create(&made->thread, NULL, read_on, made) != 0)
        status = gy_fail(err, GY_UNSUPPORTED, "no thread to read ahead");
    if (status != GY_OK)
        release(made);
    else
        *ahead = made;
    return status;
}

gy_status gy_ahead_next(gy_column **columns, size_t *rows, gy_ahead *ahead, gy_error *err)
{
    pthread_mutex_lock(&ahead->lock);
    ahead->done = ahead->given;
    pthread_cond_signal(&ahead->emptied);
    while (ahead->made == ahead->given)
        pthread_cond_wait(&ahead->filled, &ahead->lock);
    const slot *next = &ahead->slots[ahead->given % SLOTS];
    // The last one, the end or a failure, is given again however often it is asked for.
    if (next->status == GY_OK && next->chunk.row_count > 0)
        ahead->given++;
    pthread_mutex_unlock(&ahead->lock);
    *columns = next->chunk.columns;
    *rows = next->chunk.row_count;
    return next->status == GY_OK ? GY_OK : gy_fail(err, next->status, "%s", next->err.message);
}

void gy_ahead_close(gy_ahead *ahead)
{
    if (ahead == NULL)
        return;
    pthread_mutex_lock(&ahead->lock);
    ahead->stop = true;
    pthread_cond_signal(&ahead->emptied);
    pthread_mutex_unlock(&ahead->lock);
    pthread_join(ahead->thread, NULL);
    release(ahead);
}
