// SPDX-License-Identifier: Apache-2.0
//
// Goal: a pack's index gives back what was put in, and no byte of it can be wrong unseen. Method: a
// search beside one from the start; every byte of index, footer and header turned, every length
// cut.

#include "store/pack.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "check.h"

enum { OBJECTS = 300, BLOCKS = 7, BLOCK_BYTES = 5000 };

typedef struct made {
    gy_text bytes;
    gy_block blocks[BLOCKS];
    gy_pack_object objects[OBJECTS];
    gy_id bases[3];
} made;

static void make_pack(made *pack, uint64_t seed)
{
    uint8_t header[GY_PACK_HEADER_BYTES], stored[BLOCK_BYTES];
    gy_random random;
    gy_id digest;
    gy_random_init(&random, seed, 0);
    *pack = (made){0};
    gy_pack_header(header);
    gy_text_append(&pack->bytes, header, sizeof(header));
    for (uint32_t i = 0; i < BLOCKS; i++) {
        gy_block *block = &pack->blocks[i];
        uint32_t length = gy_random_below(&random, BLOCK_BYTES);
        for (uint32_t k = 0; k < length; k++)
            stored[k] = (uint8_t)gy_random_next(&random);
        block->offset = pack->bytes.length;
        block->stored_bytes = block->raw_bytes = length;
        block->codec = i % 3 == 2 ? GY_CODEC_DELTA : GY_CODEC_RAW;
        block->depth = block->base_count = i % 3 == 2;
        block->base_first = i / 3;
        block->has_features = i % 2;
        for (size_t k = 0; k < GY_CHUNK_FEATURES; k++)
            block->features.values[k] = gy_random_next(&random);
        gy_id_of_bytes(&digest, stored, length);
        memcpy(block->check, digest.bytes, sizeof(block->check));
        gy_text_append(&pack->bytes, stored, length);
    }
    for (uint32_t i = 0; i < OBJECTS; i++) {
        gy_pack_object *object = &pack->objects[i];
        object->place.block = gy_random_below(&random, BLOCKS);
        object->place.length = pack->blocks[object->place.block].raw_bytes / 2;
        object->place.offset = gy_random_below(&random, object->place.length + 1);
        object->place.is_recipe = i % 5 == 0;
        gy_id_of_bytes(&object->id, &i, sizeof(i));
    }
    for (uint32_t i = 0; i < 3; i++)
        gy_id_of_bytes(&pack->bases[i], &i, sizeof(i));
    gy_pack_contents contents = {pack->blocks,  BLOCKS,  pack->bases,       3,
                                 pack->objects, OBJECTS, pack->bytes.length};
    gy_pack_index_write(&pack->bytes, &digest, &contents);
    CHECK(pack->bytes.status == GY_OK);
}

static void test_a_pack_gives_back_what_was_put(void)
{
    made source;
    gy_pack pack = {0};
    make_pack(&source, 1);
    CHECK(gy_pack_parse(&pack, (uint8_t *)source.bytes.bytes, source.bytes.length, "p", NULL) ==
          GY_OK);
    CHECK(pack.block_count == BLOCKS && pack.object_count == OBJECTS && pack.base_count == 3);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        gy_block block;
        gy_pack_block(&block, &pack, i);
        CHECK(block.offset == source.blocks[i].offset && block.codec == source.blocks[i].codec);
        CHECK(memcmp(&block.features, &source.blocks[i].features, sizeof(block.features)) == 0);
        CHECK(gy_pack_block_is_whole(&pack, &block));
        if (block.base_count > 0)
            CHECK(gy_id_compare(gy_pack_base(&pack, &block, 0), &source.bases[i / 3]) == 0);
    }
    for (uint32_t i = 0; i < 2 * OBJECTS; i++) {
        gy_id id;
        gy_place place;
        bool there = false;
        gy_id_of_bytes(&id, &i, sizeof(i));
        const gy_pack_object *expected = NULL;
        for (uint32_t k = 0; k < OBJECTS; k++)
            if (gy_id_compare(&source.objects[k].id, &id) == 0)
                expected = &source.objects[k];
        there = gy_pack_find(&place, &pack, &id);
        CHECK(there == (expected != NULL) && there == (i < OBJECTS));
        if (there)
            CHECK(place.block == expected->place.block && place.offset == expected->place.offset &&
                  place.length == expected->place.length &&
                  place.is_recipe == expected->place.is_recipe);
    }
    gy_text_release(&source.bytes);
}

static void test_every_turned_bit_is_seen(void)
{
    made source;
    make_pack(&source, 2);
    uint8_t *bytes = (uint8_t *)source.bytes.bytes;
    for (size_t i = 0; i < source.bytes.length; i++) {
        gy_pack pack = {0};
        gy_error err = {0};
        bytes[i] ^= (uint8_t)(1u << i % 8);
        gy_status status = gy_pack_parse(&pack, bytes, source.bytes.length, "p", &err);
        bool seen = status == GY_FORMAT || status == GY_UNSUPPORTED;
        CHECK(status == GY_OK || err.message[0] != '\0');
        for (uint32_t k = 0; status == GY_OK && k < pack.block_count; k++) {
            gy_block block;
            gy_pack_block(&block, &pack, k);
            seen |= !gy_pack_block_is_whole(&pack, &block);
        }
        // Four bytes of the header and a few of the footer are of no meaning.
        CHECK(seen || (i >= 12 && i < 16) || i >= source.bytes.length - GY_PACK_FOOTER_BYTES);
        bytes[i] ^= (uint8_t)(1u << i % 8);
    }
    gy_text_release(&source.bytes);
}

static void test_every_cut_is_seen(void)
{
    made source;
    make_pack(&source, 3);
    for (size_t length = 0; length < source.bytes.length; length++) {
        gy_pack pack = {0};
        uint8_t *copy = malloc(length + 1); // of its own size: reading over its end is seen
        CHECK(copy != NULL);
        memcpy(copy, source.bytes.bytes, length);
        CHECK(gy_pack_parse(&pack, copy, length, "p", NULL) == GY_FORMAT);
        free(copy);
    }
    gy_text_release(&source.bytes);
}

static void test_an_empty_pack(void)
{
    gy_text bytes = {0};
    gy_id digest;
    uint8_t header[GY_PACK_HEADER_BYTES];
    gy_pack pack = {0};
    gy_place place;
    gy_pack_header(header);
    gy_text_append(&bytes, header, sizeof(header));
    gy_pack_contents contents = {.end_offset = sizeof(header)};
    gy_pack_index_write(&bytes, &digest, &contents);
    CHECK(gy_pack_parse(&pack, (uint8_t *)bytes.bytes, bytes.length, "p", NULL) == GY_OK);
    CHECK(!gy_pack_find(&place, &pack, &digest));
    gy_text_release(&bytes);
}

int main(void)
{
    RUN(test_a_pack_gives_back_what_was_put);
    RUN(test_every_turned_bit_is_seen);
    RUN(test_every_cut_is_seen);
    RUN(test_an_empty_pack);
    return check_done();
}
