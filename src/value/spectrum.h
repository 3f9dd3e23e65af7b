// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_VALUE_SPECTRUM_H
#define GYRE_VALUE_SPECTRUM_H

#include "gyre/value.h"

/**
 * What an image looks like wherever it lies: the magnitudes of its low spatial frequencies, of
 * length one together. A shift changes only their phases, brightness and contrast nothing.
 * @param spectra [out] rows × 112 features in arena.
 * @param images  at most 64 a side.
 */
gy_status gy_spectrum(gy_samples *spectra, const gy_samples *images, size_t threads,
                      gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
