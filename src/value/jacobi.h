// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_VALUE_JACOBI_H
#define GYRE_VALUE_JACOBI_H

#include <stddef.h>

/**
 * Eigenvectors of a symmetric matrix, largest eigenvalue first.
 * @param vectors [out] [size][size]: a row each, of length one.
 * @param matrix  [in, out] [size][size]; afterwards its diagonal holds the eigenvalues, sorted.
 */
void gy_jacobi(double *vectors, double *matrix, size_t size);

#endif
