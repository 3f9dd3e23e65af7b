// SPDX-License-Identifier: Apache-2.0
//
// Jacobi's method: turn away the entries beside the diagonal one pair at a time, until none is
// left. Slow for large matrices, exact and simple for those below a hundred.

#include "value/jacobi.h"

#include <math.h>

enum { SWEEPS_MAX = 30 };

// Turn rows and columns p and q so that matrix[p][q] becomes zero.
static void turn(double *vectors, double *matrix, size_t size, size_t p, size_t q)
{
    double beside = matrix[p * size + q];
    if (beside == 0.0)
        return;
    double slope = (matrix[q * size + q] - matrix[p * size + p]) / (2.0 * beside);
    double tangent = (slope < 0.0 ? -1.0 : 1.0) / (fabs(slope) + sqrt(slope * slope + 1.0));
    double cosine = 1.0 / sqrt(tangent * tangent + 1.0), sine = tangent * cosine;
    for (size_t i = 0; i < size; i++) {
        double a = matrix[i * size + p], b = matrix[i * size + q];
        matrix[i * size + p] = cosine * a - sine * b;
        matrix[i * size + q] = sine * a + cosine * b;
    }
    for (size_t i = 0; i < size; i++) {
        double a = matrix[p * size + i], b = matrix[q * size + i];
        matrix[p * size + i] = cosine * a - sine * b;
        matrix[q * size + i] = sine * a + cosine * b;
        a = vectors[p * size + i];
        b = vectors[q * size + i];
        vectors[p * size + i] = cosine * a - sine * b;
        vectors[q * size + i] = sine * a + cosine * b;
    }
}

static double beside_diagonal(const double *matrix, size_t size)
{
    double sum = 0.0;
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j < i; j++)
            sum += matrix[i * size + j] * matrix[i * size + j];
    return sum;
}

static void exchange(double *a, double *b)
{
    double kept = *a;
    *a = *b;
    *b = kept;
}

void gy_jacobi(double *vectors, double *matrix, size_t size)
{
    double whole = 0.0;
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j < size; j++) {
            vectors[i * size + j] = i == j ? 1.0 : 0.0;
            whole += matrix[i * size + j] * matrix[i * size + j];
        }
    for (int sweep = 0; sweep < SWEEPS_MAX; sweep++) {
        if (beside_diagonal(matrix, size) <= whole * 1e-28)
            break;
        for (size_t p = 0; p + 1 < size; p++)
            for (size_t q = p + 1; q < size; q++)
                turn(vectors, matrix, size, p, q);
    }
    for (size_t i = 0; i < size; i++) {
        size_t largest = i;
        for (size_t j = i + 1; j < size; j++)
            if (matrix[j * size + j] > matrix[largest * size + largest])
                largest = j;
        exchange(&matrix[i * size + i], &matrix[largest * size + largest]);
        for (size_t j = 0; largest != i && j < size; j++)
            exchange(&vectors[i * size + j], &vectors[largest * size + j]);
    }
}
