// SPDX-License-Identifier: 0BSD
#ifndef GYRE_RT_SKETCH_BYTES_H
#define GYRE_RT_SKETCH_BYTES_H

#include "rt/sketch.h"

// The bytes of a sketch in pieces, for those who write one. Each returns the place behind what it
// wrote; NULL: no room, or at was NULL.
uint8_t *gy_sketch_put_head(uint8_t *bytes, size_t capacity_bytes, const gy_sketch_total *total);
uint8_t *gy_sketch_put_feature(uint8_t *at, size_t capacity_bytes, const gy_sketch_sums *sums);

/** Write the checksum. @return the size of all; 0: no room, or at was NULL. */
size_t gy_sketch_put_end(uint8_t *bytes, size_t capacity_bytes, uint8_t *at);

/** The SHA-256 of a name, as four numbers. */
void gy_sketch_fingerprint(uint64_t fingerprint[4], const gy_sketch_name *name);

#endif
