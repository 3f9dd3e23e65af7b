// SPDX-License-Identifier: Apache-2.0
//
// Arrays from and to files: .npy, and .npz, which is a zip of them. The zip's directory at its end
// is what counts; every offset in it is checked against the file.

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "gyre/table.h"
#include "table/npy.h"
#include "table/zlib.h"

enum {
    LOCAL_BYTES = 30,
    ENTRY_BYTES = 46,
    END_BYTES = 22,
    COMMENT_BYTES_MAX = 65535,
    ARRAYS_MAX = 65535,
    // Deflate cannot do better: what claims more is not what it says, and takes no memory.
    DEFLATE_RATIO_MAX = 1032
};

typedef struct entry {
    const char *name;
    const unsigned char *packed;
    size_t packed_bytes, size_bytes;
    uint32_t crc;
    bool deflated;
} entry;

static uint32_t u16(const unsigned char *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8;
}

static uint32_t u32(const unsigned char *b)
{
    return u16(b) | u16(b + 2) << 16;
}

static uint64_t u64(const unsigned char *b)
{
    return u32(b) | (uint64_t)u32(b + 4) << 32;
}

// CRC-32 as in zip (reflected 0x04c11db7).
static uint32_t crc32_of(const unsigned char *bytes, size_t size_bytes)
{
    uint32_t table[256], crc = 0xffffffffu;
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320u : 0);
    }
    for (size_t i = 0; i < size_bytes; i++)
        crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xff];
    return ~crc;
}

static gy_status cut_short(const char *path, gy_error *err)
{
    return gy_fail(err, GY_FORMAT, "'%s' is cut short or broken: its zip directory is not whole",
                   path);
}

// Sizes of 4 GiB and more stand in an extra field (zip64), in this order, each only where the short
// field is all ones.
static void read_zip64(entry *found, uint64_t *offset, const unsigned char *extra, size_t bytes)
{
    while (bytes >= 4) {
        size_t length = u16(extra + 2);
        if (length > bytes - 4)
            return;
        if (u16(extra) == 1) {
            const unsigned char *at = extra + 4, *end = at + length;
            if (found->size_bytes == UINT32_MAX && end - at >= 8)
                found->size_bytes = (size_t)u64(at), at += 8;
            if (found->packed_bytes == UINT32_MAX && end - at >= 8)
                found->packed_bytes = (size_t)u64(at), at += 8;
            if (*offset == UINT32_MAX && end - at >= 8)
                *offset = u64(at);
        }
        extra += 4 + length;
        bytes -= 4 + length;
    }
}

static gy_status read_entry(entry *found, size_t *length, const gy_file_map *map, size_t at,
                            const char *path, gy_arena *arena, gy_error *err)
{
    const unsigned char *b = map->bytes + at;
    if (at > map->size_bytes || map->size_bytes - at < ENTRY_BYTES || memcmp(b, "PK\1\2", 4) != 0)
        return cut_short(path, err);
    size_t name_bytes = u16(b + 28), extra_bytes = u16(b + 30);
    *length = ENTRY_BYTES + name_bytes + extra_bytes + u16(b + 32);
    if (*length > map->size_bytes - at)
        return cut_short(path, err);
    uint32_t method = u16(b + 10);
    *found = (entry){.crc = u32(b + 16),
                     .packed_bytes = u32(b + 20),
                     .size_bytes = u32(b + 24),
                     .deflated = method == 8};
    uint64_t offset = u32(b + 42);
    read_zip64(found, &offset, b + ENTRY_BYTES + name_bytes, extra_bytes);
    const char *name = (const char *)b + ENTRY_BYTES;
    if (name_bytes > 4 && memcmp(name + name_bytes - 4, ".npy", 4) == 0)
        name_bytes -= 4;
    found->name = gy_arena_copy(arena, name, name_bytes);
    if (found->name == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", path);
    if (method != 0 && method != 8)
        return gy_fail(err, GY_UNSUPPORTED,
                       "'%s': '%s' is packed by method %u, only stored and "
                       "deflated are read",
                       path, found->name, method);
    if ((u16(b + 8) & 1) != 0)
        return gy_fail(err, GY_UNSUPPORTED, "'%s': '%s' is encrypted", path, found->name);
    if (offset > map->size_bytes || map->size_bytes - offset < LOCAL_BYTES ||
        memcmp(map->bytes + offset, "PK\3\4", 4) != 0)
        return cut_short(path, err);
    const unsigned char *local = map->bytes + offset;
    size_t skip = LOCAL_BYTES + (size_t)u16(local + 26) + u16(local + 28);
    size_t left = map->size_bytes - (size_t)offset;
    if (skip > left || found->packed_bytes > left - skip)
        return cut_short(path, err);
    found->packed = local + skip;
    if (found->deflated ? found->size_bytes / DEFLATE_RATIO_MAX > found->packed_bytes + 1
                        : found->size_bytes != found->packed_bytes)
        return gy_fail(err, GY_FORMAT, "'%s': '%s' claims %zu bytes, packed in %zu", path,
                       found->name, found->size_bytes, found->packed_bytes);
    return GY_OK;
}

static gy_status find_directory(size_t *count, size_t *start, const gy_file_map *map,
                                const char *path, gy_error *err)
{
    if (map->size_bytes < END_BYTES)
        return cut_short(path, err);
    size_t last = map->size_bytes - END_BYTES;
    size_t first = last > COMMENT_BYTES_MAX ? last - COMMENT_BYTES_MAX : 0;
    for (size_t at = last + 1; at-- > first;) {
        const unsigned char *b = map->bytes + at;
        if (memcmp(b, "PK\5\6", 4) != 0 || u16(b + 20) != last - at)
            continue;
        *count = u16(b + 10);
        *start = u32(b + 16);
        if (*start != UINT32_MAX || at < 20)
            return GY_OK;
        const unsigned char *locator = b - 20; // of the zip64 end record
        uint64_t end64 = u64(locator + 8);
        if (memcmp(locator, "PK\6\7", 4) != 0 || end64 > at - 20 || at - 20 - end64 < 56 ||
            memcmp(map->bytes + end64, "PK\6\6", 4) != 0)
            return cut_short(path, err);
        *start = (size_t)u64(map->bytes + end64 + 48);
        return GY_OK;
    }
    return cut_short(path, err);
}

static gy_status read_array(gy_array *array, const unsigned char *bytes, size_t size_bytes,
                            const char *name, gy_arena *arena, gy_error *err)
{
    gy_npy_header header;
    GY_TRY(gy_npy_parse(&header, bytes, size_bytes, name, err));
    size_t there = size_bytes - header.data_offset;
    if (header.count * header.item_bytes != there)
        return gy_fail(err, GY_FORMAT, "'%s' holds %zu bytes of data, its header says %zu", name,
                       there, header.count * header.item_bytes);
    // Elements of no bytes take memory all the same.
    if (header.item_bytes == 0 && header.count > there + (1 << 20))
        return gy_fail(err, GY_LIMIT, "'%s' holds %zu empty texts, over %d", name, header.count,
                       1 << 20);
    return gy_npy_decode(array, &header, bytes + header.data_offset, name, arena, err);
}

static gy_status read_member(gy_array *array, const entry *member, const char *path,
                             gy_arena *arena, gy_error *err)
{
    const char *name = gy_arena_format(arena, "%s: %s", path, member->name);
    const unsigned char *bytes = member->packed;
    if (name != NULL && member->deflated) {
        unsigned char *inflated = GY_NEW(arena, unsigned char, member->size_bytes + 1);
        if (inflated == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for %zu bytes of '%s'", member->size_bytes,
                           name);
        GY_TRY(gy_inflate_exact(inflated, member->size_bytes, member->packed, member->packed_bytes,
                                GY_DEFLATE_RAW, name, err));
        bytes = inflated;
    }
    if (name == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", path);
    if (crc32_of(bytes, member->size_bytes) != member->crc)
        return gy_fail(err, GY_FORMAT, "'%s' is damaged: its checksum does not match", name);
    GY_TRY(read_array(array, bytes, member->size_bytes, name, arena, err));
    array->name = member->name;
    return GY_OK;
}

static gy_status read_zip(gy_array **arrays, size_t *count, const gy_file_map *map,
                          const char *path, gy_arena *arena, gy_error *err)
{
    size_t at = 0, length = 0;
    GY_TRY(find_directory(count, &at, map, path, err));
    *arrays = GY_NEW(arena, gy_array, *count + 1);
    if (*arrays == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu arrays", *count);
    for (size_t i = 0; i < *count; i++, at += length) {
        entry member = {0};
        GY_TRY(read_entry(&member, &length, map, at, path, arena, err));
        GY_TRY(read_member(&(*arrays)[i], &member, path, arena, err));
    }
    return GY_OK;
}

gy_status gy_arrays_read(gy_array **arrays, size_t *count, const char *path, gy_arena *arena,
                         gy_error *err)
{
    gy_file_map map;
    GY_TRY(gy_file_map_open(&map, path, err));
    gy_status status;
    if (map.size_bytes >= 4 && memcmp(map.bytes, "PK", 2) == 0) {
        status = read_zip(arrays, count, &map, path, arena, err);
    } else {
        *count = 1;
        *arrays = GY_NEW(arena, gy_array, 1);
        status = *arrays == NULL ? gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", path)
                                 : read_array(*arrays, map.bytes, map.size_bytes, path, arena, err);
        if (status == GY_OK)
            (*arrays)->name = "";
    }
    gy_file_map_close(&map);
    return status;
}

// Only a deflated member is read whole.
static gy_status count_member(uint64_t *rows, const entry *member, const char *path,
                              gy_arena *arena, gy_error *err)
{
    gy_npy_header header = {0};
    gy_array array = {0};
    if (!member->deflated)
        GY_TRY(gy_npy_parse(&header, member->packed, member->packed_bytes, path, err));
    else
        GY_TRY(read_member(&array, member, path, arena, err));
    if (header.rank + array.rank == 0)
        return gy_fail(err, GY_FORMAT, "'%s' is no table: a single number has no rows", path);
    *rows = member->deflated ? array.shape[0] : header.shape[0];
    return GY_OK;
}

static gy_status count_zip(uint64_t *rows, const gy_file_map *map, const char *path,
                           gy_arena *arena, gy_error *err)
{
    size_t count, at, length;
    GY_TRY(find_directory(&count, &at, map, path, err));
    if (count == 0)
        return gy_fail(err, GY_FORMAT, "'%s' holds no array", path);
    for (size_t i = 0; i < count; i++, at += length) {
        entry member;
        uint64_t found;
        gy_arena_mark mark = gy_arena_here(arena);
        GY_TRY(read_entry(&member, &length, map, at, path, arena, err));
        GY_TRY(count_member(&found, &member, path, arena, err));
        gy_arena_rewind(arena, mark);
        if (i > 0 && found != *rows)
            return gy_fail(err, GY_FORMAT, "'%s' is no table: its arrays differ in rows", path);
        *rows = found;
    }
    return GY_OK;
}

gy_status gy_arrays_count(uint64_t *rows, const char *path, gy_error *err)
{
    gy_file_map map;
    gy_arena *arena = gy_arena_new(0);
    if (arena == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to read '%s'", path);
    gy_status status = gy_file_map_open(&map, path, err);
    if (status == GY_OK) {
        const entry alone = {.packed = map.bytes, .packed_bytes = map.size_bytes};
        status = map.size_bytes >= 4 && memcmp(map.bytes, "PK", 2) == 0
                     ? count_zip(rows, &map, path, arena, err)
                     : count_member(rows, &alone, path, arena, err);
        gy_file_map_close(&map);
    }
    gy_arena_free(arena);
    return status;
}

// ---- writing

static void add_u16(gy_text *out, uint32_t value)
{
    gy_text_append(out, (const unsigned char[]){(unsigned char)value, (unsigned char)(value >> 8)},
                   2);
}

static void add_u32(gy_text *out, uint32_t value)
{
    add_u16(out, value & 0xffff);
    add_u16(out, value >> 16);
}

// What a member's own header and its entry in the directory have in common. No time of writing:
// the same arrays are the same bytes.
static void add_member_fields(gy_text *out, uint32_t crc, uint32_t size_bytes, const char *name)
{
    enum { VERSION = 20, DATE_1980_01_01 = 0x21, NAME_IS_UTF8 = 1 << 11 };
    bool is_ascii = true;
    for (const char *at = name; *at != '\0'; at++)
        is_ascii = is_ascii && (unsigned char)*at < 0x80;
    add_u16(out, VERSION);
    add_u16(out, is_ascii ? 0 : NAME_IS_UTF8); // else read as code page 437
    add_u16(out, 0);
    add_u16(out, 0);
    add_u16(out, DATE_1980_01_01);
    add_u32(out, crc);
    add_u32(out, size_bytes);
    add_u32(out, size_bytes);
    add_u16(out, (uint32_t)strlen(name) + 4);
    add_u16(out, 0);
}

static gy_status add_array(gy_text *out, gy_text *directory, const gy_array *array, gy_error *err)
{
    size_t offset = out->length;
    gy_text member = {0};
    gy_status status = gy_npy_write(&member, array, err);
    size_t name_bytes = strlen(array->name) + 4;
    if (status == GY_OK &&
        (member.length >= UINT32_MAX || offset + member.length >= UINT32_MAX - 65536))
        status = gy_fail(err, GY_LIMIT, "array '%s' makes the .npz larger than 4 GiB", array->name);
    if (status == GY_OK && name_bytes > UINT16_MAX)
        status = gy_fail(err, GY_LIMIT, "an array's name is over %d bytes", UINT16_MAX - 4);
    if (status == GY_OK) {
        uint32_t crc = crc32_of((const unsigned char *)member.bytes, member.length);
        gy_text_append(out, "PK\3\4", 4);
        add_member_fields(out, crc, (uint32_t)member.length, array->name);
        gy_text_add(out, "%s.npy", array->name);
        gy_text_append(out, member.bytes, member.length);
        gy_text_append(directory, "PK\1\2", 4);
        add_u16(directory, 20);
        add_member_fields(directory, crc, (uint32_t)member.length, array->name);
        for (int i = 0; i < 5; i++) // comment, disk, attributes: none
            add_u16(directory, 0);
        add_u32(directory, (uint32_t)offset);
        gy_text_add(directory, "%s.npy", array->name);
    }
    gy_text_release(&member);
    return status;
}

static gy_status build_zip(gy_text *out, const gy_array *arrays, size_t count, gy_error *err)
{
    gy_text directory = {0};
    gy_status status = GY_OK;
    if (count > ARRAYS_MAX)
        status = gy_fail(err, GY_LIMIT, "%zu arrays, over %d", count, ARRAYS_MAX);
    for (size_t i = 0; i < count && status == GY_OK; i++)
        status = add_array(out, &directory, &arrays[i], err);
    uint32_t start = (uint32_t)out->length;
    gy_text_append(out, directory.bytes, directory.length);
    gy_text_append(out, "PK\5\6\0\0\0\0", 8);
    add_u16(out, (uint32_t)count);
    add_u16(out, (uint32_t)count);
    add_u32(out, (uint32_t)directory.length);
    add_u32(out, start);
    add_u16(out, 0);
    if (status == GY_OK && (directory.status != GY_OK || out->status != GY_OK))
        status = gy_fail(err, GY_NO_MEMORY, "no memory for %zu arrays", count);
    gy_text_release(&directory);
    return status;
}

gy_status gy_arrays_write(const gy_array *arrays, size_t count, const char *path, gy_error *err)
{
    size_t length = strlen(path);
    bool single = length > 4 && strcmp(path + length - 4, ".npy") == 0;
    if (single && count != 1)
        return gy_fail(err, GY_INVALID,
                       "cannot write %zu arrays to '%s': an .npy holds one, an "
                       ".npz many",
                       count, path);
    gy_text out = {0};
    gy_status status =
        single ? gy_npy_write(&out, arrays, err) : build_zip(&out, arrays, count, err);
    if (status == GY_OK)
        status = gy_file_replace(path, out.bytes, out.length, err);
    gy_text_release(&out);
    return status;
}
