// SPDX-License-Identifier: Apache-2.0
//
// Pointer files: NAME.gyre beside NAME (docs/formats/pointer.md).
#ifndef GYRE_STORE_POINTER_H
#define GYRE_STORE_POINTER_H

#include "store/store.h"

#define GY_POINTER_ENDING ".gyre"
enum { GY_POINTER_BYTES_MAX = 4096 };

/** Append the text of a pointer file. */
void gy_pointer_write(gy_text *out, const gy_pointer *pointer);

bool gy_pointer_equal(const gy_pointer *a, const gy_pointer *b);

#endif
