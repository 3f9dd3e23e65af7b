// SPDX-License-Identifier: Apache-2.0
//
// A pack: blocks of compressed objects, an index, a footer (docs/formats/pack.md). Never changed
// once it has its name.
#ifndef GYRE_STORE_PACK_H
#define GYRE_STORE_PACK_H

#include "base/file.h"
#include "store/chunk.h"

enum {
    GY_PACK_VERSION = 1,
    GY_PACK_HEADER_BYTES = 16,
    GY_PACK_FOOTER_BYTES = 80,
    GY_PACK_BLOCK_RECORD_BYTES = 72,
    GY_PACK_PLACE_RECORD_BYTES = 12,
    GY_PACK_BASES_MAX = 2,
    GY_PACK_DEPTH_MAX = 16,     // of a chain of deltas
    GY_PACK_DEPTH_MAX_PAIR = 4, // of a delta with two bases: what it takes to decode doubles
    GY_PACK_CHECK_BYTES = 8,
    GY_PACK_BLOCK_BYTES_MAX = 64 * 1024 * 1024
};

typedef enum gy_codec { GY_CODEC_RAW, GY_CODEC_ZSTD, GY_CODEC_DELTA } gy_codec;

/** One block, as the index tells it. */
typedef struct gy_block {
    uint64_t offset; // in the file
    uint32_t stored_bytes, raw_bytes;
    gy_codec codec;
    uint8_t depth;      // of GY_CODEC_DELTA: one more than the deepest base; else 0
    uint8_t base_count; // of GY_CODEC_DELTA: 1 or 2
    uint32_t base_first;
    bool has_features;
    gy_features features;
    uint8_t check[GY_PACK_CHECK_BYTES]; // the first bytes of SHA-256 of the stored bytes
} gy_block;

/** Where an object is: bytes [offset, offset + length) of a block when it is decoded. */
typedef struct gy_place {
    uint32_t block, offset, length;
    bool is_recipe; // not the object's bytes, but the list of its chunks
} gy_place;

/** A pack open for reading. Views into its mapped file. */
typedef struct gy_pack {
    const char *name; // "00000001-0123456789abcdef.pack"
    uint64_t number;  // packs are numbered as they are made
    gy_file_map map;
    uint32_t block_count, base_count, object_count;
    const uint8_t *blocks, *bases, *ids, *places; // of the index
    uint8_t *damaged; // bit per block; NULL: nothing known to be damaged
    bool trusted;     // see trust.h
} gy_pack;

/**
 * Read a pack from bytes. Every number of the index is checked against the file and the others.
 * @param name what messages call it; kept.
 * @return GY_OK; GY_FORMAT: damaged; GY_UNSUPPORTED: of a newer gyre.
 */
gy_status gy_pack_parse(gy_pack *pack, const uint8_t *bytes, size_t size_bytes, const char *name,
                        gy_error *err) GY_CHECKED;

void gy_pack_block(gy_block *block, const gy_pack *pack, uint32_t number);
const gy_id *gy_pack_base(const gy_pack *pack, const gy_block *block, size_t number);
const gy_id *gy_pack_id(const gy_pack *pack, uint32_t object);
void gy_pack_place(gy_place *place, const gy_pack *pack, uint32_t object);

/** The place of an object; false: not in this pack. */
bool gy_pack_find(gy_place *place, const gy_pack *pack, const gy_id *id);

/** Whether the stored bytes of a block are those that were written. */
bool gy_pack_block_is_whole(const gy_pack *pack, const gy_block *block);

// ---- writing the index

typedef struct gy_pack_object {
    gy_id id;
    gy_place place;
} gy_pack_object;

/** What an index is made of; objects are sorted in place. */
typedef struct gy_pack_contents {
    const gy_block *blocks;
    uint32_t block_count;
    const gy_id *bases;
    uint32_t base_count;
    gy_pack_object *objects;
    uint32_t object_count;
    uint64_t end_offset; // of the last block
} gy_pack_contents;

void gy_pack_header(uint8_t header[GY_PACK_HEADER_BYTES]);

/** Append index and footer to out; digest is the index's SHA-256. */
void gy_pack_index_write(gy_text *out, gy_id *digest, const gy_pack_contents *contents);

#endif
