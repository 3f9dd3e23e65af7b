// SPDX-License-Identifier: 0BSD
//
// Sketches: what a stream of rows looks like, in under 200 bytes a feature. A sketch counts the
// values of each feature in 32 bins, whose edges come from a reference, and keeps fixed-point sums:
// integers alone, so that merging gives the same bytes in any order. Bytes: docs/formats/sketch.md.
//
// On a device: gy_sketch_init, gy_sketch_add for each row, gy_sketch_write, gy_sketch_next.
// On a hub: gy_sketch_read, gy_sketch_window_take (was it merged already?), gy_sketch_merge.
#ifndef GYRE_RT_SKETCH_H
#define GYRE_RT_SKETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GY_SKETCH_BINS = 32,
    GY_SKETCH_EDGES = GY_SKETCH_BINS + 1,
    // Where a value may be counted: below the first edge, in a bin, above the last edge.
    GY_SKETCH_PLACES = GY_SKETCH_BINS + 2,
    GY_SKETCH_FEATURES_MAX = 4096,
    GY_SKETCH_SOURCE_BYTES = 16,
    // A value counts in the sums as its distance from the centre in 1/64 of the unit, at most this.
    GY_SKETCH_STEPS_MAX = 32767,
    GY_SKETCH_STEPS_OFFSET = 32768, // added in sums, which so are never negative
    GY_SKETCH_STEPS_PER_UNIT = 64,
    GY_SKETCH_HEAD_BYTES = 120,
    GY_SKETCH_FEATURE_BYTES_MAX = 1 + 8 * (GY_SKETCH_PLACES + 3) + 8 + 16,
    GY_REFERENCE_HEAD_BYTES = 8,
    GY_REFERENCE_FEATURE_BYTES = 4 * (GY_SKETCH_EDGES + 2)
};

/** Bytes that a sketch of so many features takes at most; counts of a device (32 bits) take half.
 */
#define GY_SKETCH_BYTES_MAX(features) \
    (GY_SKETCH_HEAD_BYTES + (features) * (size_t)GY_SKETCH_FEATURE_BYTES_MAX + 4)
#define GY_REFERENCE_BYTES(features) \
    (GY_REFERENCE_HEAD_BYTES + (features) * (size_t)GY_REFERENCE_FEATURE_BYTES + 4)

/** What came of reading or merging bytes that others wrote. */
typedef enum gy_sketch_verdict {
    GY_SKETCH_OK,
    GY_SKETCH_FOREIGN,    // not a sketch
    GY_SKETCH_NEWER,      // of a version that this code does not know
    GY_SKETCH_DAMAGED,    // cut, too long, or the checksum is wrong
    GY_SKETCH_IMPOSSIBLE, // no stream of values gives these numbers
    GY_SKETCH_TOO_LARGE,  // more features than there is room for
    GY_SKETCH_UNLIKE,     // merging: another reference, or another number of features
    GY_SKETCH_REPEATED,   // merged already
    GY_SKETCH_LATE        // so old that nobody remembers whether it was merged
} gy_sketch_verdict;

/** The verdict in words, for a person: "the checksum is wrong". Static storage. */
const char *gy_sketch_verdict_text(gy_sketch_verdict verdict);

/** How the values of one feature are binned and scaled. All finite; edges do not fall. */
typedef struct gy_sketch_edges {
    // Bin i holds edges[i] <= value < edges[i + 1]; the last one its upper edge, too. Equal edges:
    // the last of the bins between them counts.
    float edges[GY_SKETCH_EDGES];
    float center, scale; // steps are (value - center) * scale, rounded; scale > 0
} gy_sketch_edges;

/** The name of a sketch. No two sketches have the same one: so it is merged once. */
typedef struct gy_sketch_name {
    uint8_t source[GY_SKETCH_SOURCE_BYTES]; // device or server; all 0: merged of others
    uint64_t nonce;                         // given at boot
    uint64_t sequence;                      // counts the sketches since then
} gy_sketch_name;

/** One feature while it is being counted. */
typedef struct gy_sketch_feature {
    uint32_t places[GY_SKETCH_PLACES];
    uint32_t missing, not_a_number, infinite; // counted apart: they enter nothing else
    float least, greatest;                    // -0 counts as +0; inf and -inf: no value yet
    uint64_t sum;                             // of steps, each plus GY_SKETCH_STEPS_OFFSET
    uint64_t sum_squares;                     // of steps, without the offset
} gy_sketch_feature;

/** A sketch that is being filled. The caller owns edges and features; init zeroes the latter. */
typedef struct gy_sketch {
    gy_sketch_name name;
    uint8_t reference[32]; // id of the reference that the edges come from
    const gy_sketch_edges *edges;
    gy_sketch_feature *features;
    size_t feature_count;
    uint32_t rows;
} gy_sketch;

/** Start a sketch with sequence 0. feature_count: 1 to GY_SKETCH_FEATURES_MAX. */
void gy_sketch_init(gy_sketch *sketch, gy_sketch_feature *features, const gy_sketch_edges *edges,
                    size_t feature_count, const uint8_t reference[32],
                    const uint8_t source[GY_SKETCH_SOURCE_BYTES], uint64_t nonce);

/** Empty it, with the next sequence number: after its bytes are on their way. */
void gy_sketch_next(gy_sketch *sketch);

/**
 * Count one row.
 * @param values  [feature_count]; NaN and infinities are counted apart.
 * @param missing [(feature_count + 7) / 8] bit i: feature i has no value in this row; NULL: all
 * have.
 * @return false: the sketch is full (2^32 - 1 rows) and unchanged; write it and go on to the next.
 */
bool gy_sketch_add(gy_sketch *sketch, const float *values, const uint8_t *missing);

/** Count one value: what gy_sketch_add does for each feature, without counting the row. */
void gy_sketch_count(gy_sketch_feature *feature, const gy_sketch_edges *edges, float value);

/** Write the sketch. @return its size in bytes; 0: capacity_bytes is too small. */
size_t gy_sketch_write(uint8_t *bytes, size_t capacity_bytes, const gy_sketch *sketch);

// ---- merging

/** One feature of one sketch or of many. Sums stop at 2^64 - 1 rather than wrap. */
typedef struct gy_sketch_sums {
    uint64_t places[GY_SKETCH_PLACES];
    uint64_t missing, not_a_number, infinite;
    uint64_t sum, sum_squares;
    float least, greatest;
} gy_sketch_sums;

/** A sketch as read, or merged of many. */
typedef struct gy_sketch_total {
    gy_sketch_name name;     // of a single one; all 0 after merging
    uint64_t parts;          // how many sketches are in it
    uint64_t fingerprint[4]; // sums of the SHA-256 of their names: tells which ones
    uint8_t reference[32];
    uint64_t rows;
    gy_sketch_sums *features; // the caller's
    size_t feature_count;
    size_t feature_capacity;
} gy_sketch_total;

/** An empty total. Merging the first sketch into it sets reference and number of features. */
void gy_sketch_total_init(gy_sketch_total *total, gy_sketch_sums *features, size_t capacity);

/** Read one sketch. After a refusal total is empty. */
gy_sketch_verdict gy_sketch_read(gy_sketch_total *total, const uint8_t *bytes, size_t size_bytes);

/** Add other to total: the same bytes in any order and any grouping. Refused: total unchanged. */
gy_sketch_verdict gy_sketch_merge(gy_sketch_total *total, const gy_sketch_total *other);

/** Write a total; reading it back gives the same. @return bytes; 0: capacity_bytes too small. */
size_t gy_sketch_total_write(uint8_t *bytes, size_t capacity_bytes, const gy_sketch_total *total);

/** Which sketches of one source and nonce were merged: the newest 64 are told apart. */
typedef struct gy_sketch_window {
    uint64_t newest; // sequence + 1 of the newest; 0: none yet
    uint64_t seen;   // bit i: newest - 1 - i was merged
} gy_sketch_window;

/** Note that a sketch is to be merged. @return OK (now do), REPEATED or LATE (do not). */
gy_sketch_verdict gy_sketch_window_take(gy_sketch_window *window, uint64_t sequence);

// ---- the reference

/**
 * Edges from values of the reference: one bin a value where there are at most 32 distinct ones,
 * else bins of equal shares. Center: the median; unit: half of what the middle 3/4 span.
 * @param sorted finite, ascending; count at least 1.
 */
void gy_sketch_edges_set(gy_sketch_edges *edges, const float *sorted, size_t count);

/** Write a reference; its SHA-256 is its id. @return bytes; 0: capacity_bytes too small. */
size_t gy_reference_write(uint8_t *bytes, size_t capacity_bytes, const gy_sketch_edges *edges,
                          size_t feature_count);

/** Read a reference. @param feature_count [in] room in edges, [out] features. */
gy_sketch_verdict gy_reference_read(gy_sketch_edges *edges, size_t *feature_count,
                                    const uint8_t *bytes, size_t size_bytes);

#endif
