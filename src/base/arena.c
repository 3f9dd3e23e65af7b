// SPDX-License-Identifier: Apache-2.0
//
// A bump allocator over malloc'd blocks. One free for a whole command's memory; scratch is given
// back by rewinding to a mark.

#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

enum { ALIGNMENT = 64, BLOCK_BYTES_MIN = 64 * 1024, BLOCK_BYTES_MAX = 8 * 1024 * 1024 };

struct gy_arena_block {
    _Alignas(ALIGNMENT) gy_arena_block *next;
    size_t size_bytes, used_bytes; // of data
    _Alignas(ALIGNMENT) unsigned char data[];
};

gy_arena *gy_arena_new(size_t limit_bytes)
{
    gy_arena *arena = gy_fault_memory() ? NULL : malloc(sizeof(*arena));
    if (arena != NULL)
        *arena = (gy_arena){.limit_bytes = limit_bytes == 0 ? SIZE_MAX : limit_bytes,
                            .takes_left = SIZE_MAX};
    return arena;
}

void gy_arena_free(gy_arena *arena)
{
    if (arena == NULL)
        return;
    gy_arena_release(arena);
    free(arena);
}

void gy_arena_release(gy_arena *arena)
{
    gy_arena_rewind(arena, (gy_arena_mark){NULL, 0});
}

static gy_arena_block *block_add(gy_arena *arena, size_t needed_bytes)
{
    size_t size_bytes = arena->blocks == NULL ? BLOCK_BYTES_MIN : 2 * arena->blocks->size_bytes;
    if (size_bytes > BLOCK_BYTES_MAX)
        size_bytes = BLOCK_BYTES_MAX;
    if (size_bytes < needed_bytes)
        size_bytes = needed_bytes;
    if (size_bytes > arena->limit_bytes - arena->taken_bytes) // near the limit: no head-room
        size_bytes = needed_bytes;
    if (size_bytes > arena->limit_bytes - arena->taken_bytes)
        return NULL;
    gy_arena_block *block = aligned_alloc(ALIGNMENT, (sizeof(*block) + size_bytes + ALIGNMENT - 1) /
                                                         ALIGNMENT * ALIGNMENT);
    if (block == NULL)
        return NULL;
    block->next = arena->blocks;
    block->size_bytes = size_bytes;
    block->used_bytes = 0;
    arena->blocks = block;
    arena->taken_bytes += size_bytes;
    return block;
}

void *gy_arena_take(gy_arena *arena, size_t count, size_t size_bytes)
{
    assert(arena != NULL);
    assert(size_bytes > 0);

    if (arena->takes_left != SIZE_MAX && arena->takes_left-- == 0)
        return NULL;
    if (gy_fault_memory())
        return NULL;
    if (count > (PTRDIFF_MAX - 2 * ALIGNMENT - sizeof(gy_arena_block)) / size_bytes)
        return NULL;
    size_t bytes = (count * size_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes == 0)
        bytes = ALIGNMENT;
    gy_arena_block *block = arena->blocks;
    if (block == NULL || bytes > block->size_bytes - block->used_bytes) {
        block = block_add(arena, bytes);
        if (block == NULL)
            return NULL;
    }
    void *taken = block->data + block->used_bytes;
    block->used_bytes += bytes;
    return memset(taken, 0, count * size_bytes);
}

void *gy_arena_grow(gy_arena *arena, void *items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity)
        return items;
    size_t grown = *capacity == 0 ? 32 : 2 * *capacity;
    void *more = gy_arena_take(arena, grown, item_bytes);
    if (more == NULL)
        return NULL;
    if (count > 0)
        memcpy(more, items, count * item_bytes);
    *capacity = grown;
    return more;
}

char *gy_arena_copy(gy_arena *arena, const char *bytes, size_t length)
{
    char *copy = gy_arena_take(arena, length + 1, 1);
    if (copy != NULL && length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *gy_arena_format(gy_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = length < 0 ? NULL : gy_arena_take(arena, (size_t)length + 1, 1);
    if (text == NULL)
        return NULL;
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

gy_arena_mark gy_arena_here(const gy_arena *arena)
{
    return (gy_arena_mark){arena->blocks, arena->blocks == NULL ? 0 : arena->blocks->used_bytes};
}

void gy_arena_rewind(gy_arena *arena, gy_arena_mark mark)
{
    while (arena->blocks != NULL && arena->blocks != mark.block) {
        gy_arena_block *next = arena->blocks->next;
        arena->taken_bytes -= arena->blocks->size_bytes;
        free(arena->blocks);
        arena->blocks = next;
    }
    if (arena->blocks != NULL)
        arena->blocks->used_bytes = mark.used_bytes;
}
