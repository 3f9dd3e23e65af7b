// SPDX-License-Identifier: 0BSD
//
// Vectors of 8 and of 16 floats, over whatever the processor has: the kernels are written once over
// gy_v8 and gy_v16. Every operation rounds as IEEE 754 says, lane by lane, so that the bits of a
// result do not hang on the width. Define GY_LANES_PLAIN to have plain C everywhere.
#ifndef GYRE_RT_KERNELS_LANES_H
#define GYRE_RT_KERNELS_LANES_H

#if !defined(GY_LANES_PLAIN) && defined(__AVX512F__) && defined(__AVX512VL__)
#include "rt/kernels/lanes_avx512.h"
#elif !defined(GY_LANES_PLAIN) && defined(__AVX2__) && defined(__FMA__)
#include "rt/kernels/lanes_avx2.h"

#include "rt/kernels/lanes_pair.h"
#elif !defined(GY_LANES_PLAIN) && defined(__aarch64__) && defined(__ARM_NEON)
#include "rt/kernels/lanes_neon.h"

#include "rt/kernels/lanes_pair.h"
#else
#include "rt/kernels/lanes_plain.h"

#include "rt/kernels/lanes_pair.h"
#endif

#endif
