// SPDX-License-Identifier: Apache-2.0
//
// The .npy format (NumPy's NEP 1, versions 1.0 to 3.0).
#ifndef GYRE_TABLE_NPY_H
#define GYRE_TABLE_NPY_H

#include "gyre/table.h"

/** What the header of an .npy says. */
typedef struct gy_npy_header {
    gy_dtype dtype;
    bool swapped;       // big-endian
    bool fortran_order; // first index fastest
    char kind;          // numpy's: f i u b U S
    size_t item_bytes;  // of one element in the file
    size_t rank;
    size_t shape[GY_RANK_MAX];
    size_t count;
    size_t data_offset; // bytes before the data
} gy_npy_header;

/** Read the header. `available` bytes are there; the array's data need not be among them. */
gy_status gy_npy_parse(gy_npy_header *header, const unsigned char *bytes, size_t available,
                       const char *name, gy_error *err) GY_CHECKED;

/** Turn the file's elements into an array: C order, native byte order. Overwrites nothing. */
gy_status gy_npy_decode(gy_array *array, const gy_npy_header *header, const unsigned char *data,
                        const char *name, gy_arena *arena, gy_error *err) GY_CHECKED;

/** How a header spells the type of an element: "<f4"; NULL: texts, whose length is part of it. */
const char *gy_npy_code(gy_dtype dtype);

/** Append an array as a file: header (version 1.0, padded to 64 bytes) and elements; texts as '<U'
 * of the longest, bytes that are no UTF-8 as U+FFFD. @return GY_LIMIT: a text over 65,536
 * characters. */
gy_status gy_npy_write(gy_text *out, const gy_array *array, gy_error *err) GY_CHECKED;

/** The first axis of an .npy, or of all arrays of an .npz, without the elements. */
gy_status gy_arrays_count(uint64_t *rows, const char *path, gy_error *err) GY_CHECKED;

#endif
