// SPDX-License-Identifier: Apache-2.0
//
// The format of a pack, both ways. A reader trusts nothing: a pack whose index passes gy_pack_parse
// can be asked for any block or object without a further bounds check.

#include "store/pack.h"

#include <stdlib.h>
#include <string.h>

#include "store/bytes.h"

static const uint8_t head_magic[8] = {'g', 'y', 'r', 'e', 'p', 'a', 'c', 'k'};
static const uint8_t foot_magic[8] = {'g', 'y', 'r', 'e', 'p', 'e', 'n', 'd'};

#define RECIPE_BIT 0x80000000u

// The footer, as numbers.
typedef struct footer {
    uint64_t index_offset, index_bytes;
    uint32_t block_count, base_count, object_count;
    gy_id digest;
} footer;

static gy_status read_footer(footer *foot, const uint8_t *bytes, size_t size_bytes,
                             const char *name, gy_error *err)
{
    if (size_bytes < GY_PACK_HEADER_BYTES + GY_PACK_FOOTER_BYTES ||
        memcmp(bytes, head_magic, sizeof(head_magic)) != 0)
        return gy_fail(err, GY_FORMAT, "'%s' is not a pack", name);
    if (gy_get32(bytes + 8) == 0)
        return gy_fail(err, GY_FORMAT, "pack '%s' is damaged: it says format 0, the first is 1",
                       name);
    if (gy_get32(bytes + 8) != GY_PACK_VERSION)
        return gy_fail(err, GY_UNSUPPORTED,
                       "pack '%s' has format %u, this gyre reads %d: it was made by a newer gyre",
                       name, gy_get32(bytes + 8), GY_PACK_VERSION);
    const uint8_t *at = bytes + size_bytes - GY_PACK_FOOTER_BYTES;
    if (memcmp(at + GY_PACK_FOOTER_BYTES - 8, foot_magic, sizeof(foot_magic)) != 0)
        return gy_fail(err, GY_FORMAT, "pack '%s' is cut off: it has no footer", name);
    foot->index_offset = gy_get64(at);
    foot->index_bytes = gy_get64(at + 8);
    foot->block_count = gy_get32(at + 16);
    foot->base_count = gy_get32(at + 20);
    foot->object_count = gy_get32(at + 24);
    memcpy(foot->digest.bytes, at + 32, sizeof(foot->digest.bytes));
    // No hash covers these: what is kept for later formats has to stay zero in this one.
    if (gy_get32(bytes + 12) != 0 || gy_get32(at + 28) != 0 || gy_get64(at + 64) != 0)
        return gy_fail(err, GY_FORMAT, "pack '%s' is damaged: what should be zeros is not", name);

    uint64_t expected = (uint64_t)foot->block_count * GY_PACK_BLOCK_RECORD_BYTES +
                        (uint64_t)foot->base_count * 32 +
                        (uint64_t)foot->object_count * (32 + GY_PACK_PLACE_RECORD_BYTES);
    uint64_t room = size_bytes - GY_PACK_HEADER_BYTES - GY_PACK_FOOTER_BYTES;
    if (foot->index_bytes != expected || expected > room ||
        foot->index_offset != size_bytes - GY_PACK_FOOTER_BYTES - expected)
        return gy_fail(err, GY_FORMAT, "pack '%s' is damaged: its footer does not fit its size",
                       name);
    return GY_OK;
}

static bool block_is_sound(const gy_block *block, const gy_pack *pack, uint64_t *end_offset)
{
    bool is_delta = block->codec == GY_CODEC_DELTA;
    bool sound = block->offset == *end_offset && block->codec <= GY_CODEC_DELTA &&
                 block->raw_bytes <= GY_PACK_BLOCK_BYTES_MAX &&
                 block->stored_bytes <= GY_PACK_BLOCK_BYTES_MAX &&
                 block->base_count <= GY_PACK_BASES_MAX && block->depth <= GY_PACK_DEPTH_MAX &&
                 (block->base_count < 2 || block->depth <= GY_PACK_DEPTH_MAX_PAIR) &&
                 (!is_delta || block->raw_bytes <= GY_CHUNK_BYTES_MAX) &&
                 is_delta == (block->base_count > 0) && is_delta == (block->depth > 0) &&
                 block->base_first <= pack->base_count &&
                 block->base_count <= pack->base_count - block->base_first &&
                 (block->codec != GY_CODEC_RAW || block->raw_bytes == block->stored_bytes);
    *end_offset += block->stored_bytes;
    return sound;
}

static gy_status check_index(const gy_pack *pack, uint64_t index_offset, gy_error *err)
{
    uint64_t end_offset = GY_PACK_HEADER_BYTES;
    for (uint32_t i = 0; i < pack->block_count; i++) {
        gy_block block;
        gy_pack_block(&block, pack, i);
        if (!block_is_sound(&block, pack, &end_offset))
            return gy_fail(err, GY_FORMAT, "pack '%s' is damaged: block %u of its index",
                           pack->name, i);
    }
    if (end_offset != index_offset)
        return gy_fail(err, GY_FORMAT, "pack '%s' is damaged: its blocks do not fill it",
                       pack->name);
    for (uint32_t i = 0; i < pack->object_count; i++) {
        gy_place place;
        gy_pack_place(&place, pack, i);
        bool sound = place.block < pack->block_count &&
                     (i == 0 || gy_id_compare(gy_pack_id(pack, i - 1), gy_pack_id(pack, i)) < 0);
        if (sound) {
            uint32_t raw_bytes =
                gy_get32(pack->blocks + (size_t)place.block * GY_PACK_BLOCK_RECORD_BYTES + 12);
            sound = place.offset <= raw_bytes && place.length <= raw_bytes - place.offset;
        }
        if (!sound)
            return gy_fail(err, GY_FORMAT, "pack '%s' is damaged: object %u of its index",
                           pack->name, i);
    }
    return GY_OK;
}

gy_status gy_pack_parse(gy_pack *pack, const uint8_t *bytes, size_t size_bytes, const char *name,
                        gy_error *err)
{
    footer foot;
    GY_TRY(read_footer(&foot, bytes, size_bytes, name, err));
    gy_id digest;
    gy_id_of_bytes(&digest, bytes + foot.index_offset, foot.index_bytes);
    if (gy_id_compare(&digest, &foot.digest) != 0)
        return gy_fail(err, GY_FORMAT,
                       "pack '%s' is damaged: its index has other bytes than written", name);
    pack->name = name;
    pack->map = (gy_file_map){bytes, size_bytes};
    pack->block_count = foot.block_count;
    pack->base_count = foot.base_count;
    pack->object_count = foot.object_count;
    pack->blocks = bytes + foot.index_offset;
    pack->bases = pack->blocks + (size_t)foot.block_count * GY_PACK_BLOCK_RECORD_BYTES;
    pack->ids = pack->bases + (size_t)foot.base_count * 32;
    pack->places = pack->ids + (size_t)foot.object_count * 32;
    return check_index(pack, foot.index_offset, err);
}

void gy_pack_block(gy_block *block, const gy_pack *pack, uint32_t number)
{
    const uint8_t *at = pack->blocks + (size_t)number * GY_PACK_BLOCK_RECORD_BYTES;
    block->offset = gy_get64(at);
    block->stored_bytes = gy_get32(at + 8);
    block->raw_bytes = gy_get32(at + 12);
    block->codec = (gy_codec)at[16];
    block->depth = at[17];
    block->base_count = at[18];
    block->has_features = at[19] != 0;
    block->base_first = gy_get32(at + 20);
    memcpy(block->check, at + 24, GY_PACK_CHECK_BYTES);
    for (size_t i = 0; i < GY_CHUNK_FEATURES; i++)
        block->features.values[i] = gy_get32(at + 32 + 4 * i);
}

static void put_block(uint8_t *at, const gy_block *block)
{
    gy_put64(at, block->offset);
    gy_put32(at + 8, block->stored_bytes);
    gy_put32(at + 12, block->raw_bytes);
    at[16] = (uint8_t)block->codec;
    at[17] = block->depth;
    at[18] = block->base_count;
    at[19] = block->has_features;
    gy_put32(at + 20, block->base_first);
    memcpy(at + 24, block->check, GY_PACK_CHECK_BYTES);
    for (size_t i = 0; i < GY_CHUNK_FEATURES; i++)
        gy_put32(at + 32 + 4 * i, block->features.values[i]);
    gy_put64(at + 64, 0);
}

const gy_id *gy_pack_base(const gy_pack *pack, const gy_block *block, size_t number)
{
    return (const gy_id *)(const void *)(pack->bases + 32 * (block->base_first + number));
}

const gy_id *gy_pack_id(const gy_pack *pack, uint32_t object)
{
    return (const gy_id *)(const void *)(pack->ids + 32 * (size_t)object);
}

void gy_pack_place(gy_place *place, const gy_pack *pack, uint32_t object)
{
    const uint8_t *at = pack->places + (size_t)object * GY_PACK_PLACE_RECORD_BYTES;
    uint32_t block = gy_get32(at);
    place->block = block & ~RECIPE_BIT;
    place->is_recipe = (block & RECIPE_BIT) != 0;
    place->offset = gy_get32(at + 4);
    place->length = gy_get32(at + 8);
}

bool gy_pack_find(gy_place *place, const gy_pack *pack, const gy_id *id)
{
    uint32_t low = 0, high = pack->object_count;
    // Ids are evenly spread: guess from their first 32 bits, widen by doubling, then halve.
    uint64_t first = (uint64_t)id->bytes[0] << 24 | (uint64_t)id->bytes[1] << 16 |
                     (uint64_t)id->bytes[2] << 8 | id->bytes[3];
    uint32_t guess = (uint32_t)(first * high >> 32);
    for (uint32_t step = 8; low < high; step *= 2) {
        int64_t below = (int64_t)guess - step, above = (int64_t)guess + step;
        bool starts =
            below <= (int64_t)low || gy_id_compare(gy_pack_id(pack, (uint32_t)below), id) <= 0;
        bool ends =
            above >= (int64_t)high || gy_id_compare(gy_pack_id(pack, (uint32_t)above), id) > 0;
        if (starts && below > (int64_t)low)
            low = (uint32_t)below;
        if (ends && above < (int64_t)high)
            high = (uint32_t)above;
        if (starts && ends)
            break;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = gy_id_compare(gy_pack_id(pack, middle), id);
        if (order == 0) {
            gy_pack_place(place, pack, middle);
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool gy_pack_block_is_whole(const gy_pack *pack, const gy_block *block)
{
    gy_id digest;
    gy_id_of_bytes(&digest, pack->map.bytes + block->offset, block->stored_bytes);
    return memcmp(digest.bytes, block->check, GY_PACK_CHECK_BYTES) == 0;
}

void gy_pack_header(uint8_t header[GY_PACK_HEADER_BYTES])
{
    memset(header, 0, GY_PACK_HEADER_BYTES);
    memcpy(header, head_magic, sizeof(head_magic));
    gy_put32(header + 8, GY_PACK_VERSION);
}

static int by_id(const void *a, const void *b)
{
    return gy_id_compare(&((const gy_pack_object *)a)->id, &((const gy_pack_object *)b)->id);
}

static void write_footer(gy_text *out, const gy_id *digest, const gy_pack_contents *contents,
                         size_t index_bytes)
{
    uint8_t foot[GY_PACK_FOOTER_BYTES] = {0};
    gy_put64(foot, contents->end_offset);
    gy_put64(foot + 8, index_bytes);
    gy_put32(foot + 16, contents->block_count);
    gy_put32(foot + 20, contents->base_count);
    gy_put32(foot + 24, contents->object_count);
    memcpy(foot + 32, digest->bytes, sizeof(digest->bytes));
    memcpy(foot + GY_PACK_FOOTER_BYTES - 8, foot_magic, sizeof(foot_magic));
    gy_text_append(out, foot, sizeof(foot));
}

void gy_pack_index_write(gy_text *out, gy_id *digest, const gy_pack_contents *contents)
{
    size_t start = out->length;
    if (contents->object_count > 1)
        qsort(contents->objects, contents->object_count, sizeof(*contents->objects), by_id);
    for (uint32_t i = 0; i < contents->block_count; i++) {
        uint8_t record[GY_PACK_BLOCK_RECORD_BYTES];
        put_block(record, &contents->blocks[i]);
        gy_text_append(out, record, sizeof(record));
    }
    gy_text_append(out, contents->bases, 32 * (size_t)contents->base_count);
    for (uint32_t i = 0; i < contents->object_count; i++)
        gy_text_append(out, contents->objects[i].id.bytes, 32);
    for (uint32_t i = 0; i < contents->object_count; i++) {
        const gy_place *place = &contents->objects[i].place;
        uint8_t record[GY_PACK_PLACE_RECORD_BYTES];
        gy_put32(record, place->block | (place->is_recipe ? RECIPE_BIT : 0));
        gy_put32(record + 4, place->offset);
        gy_put32(record + 8, place->length);
        gy_text_append(out, record, sizeof(record));
    }
    if (out->status != GY_OK)
        return;
    gy_id_of_bytes(digest, out->bytes + start, out->length - start);
    write_footer(out, digest, contents, out->length - start);
}
