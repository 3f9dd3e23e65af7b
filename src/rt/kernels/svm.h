// SPDX-License-Identifier: 0BSD
//
// Support vector machines: a vote of all pairs of classes, and Platt's shares made of it.
#ifndef GYRE_RT_KERNELS_SVM_H
#define GYRE_RT_KERNELS_SVM_H

#include "rt/math.h"

enum { GY_SVM_ROUNDS_MAX = 100 };

/** What a machine has learned. Vectors stand class by class: those of class i from starts[i]. */
typedef struct gy_svm {
    size_t classes, vectors;
    const float *coefficients; // [classes - 1][vectors]
    const float *rho;          // one a pair of classes
    const int64_t *starts;     // [classes + 1]
    const float *a, *b;        // of each pair's sigmoid; NULL: no shares are asked for
} gy_svm;

/**
 * The score of every pair of classes, in the order 01 02 .. 12 ..; and which class most pairs vote
 * for, the first of those with as many votes.
 * @param kernel of the sample with each vector.
 * @param votes  [classes], scratch.
 */
static inline size_t gy_svm_vote(float *scores, const gy_svm *svm, const float *kernel,
                                 float *votes)
{
    size_t pair = 0, best = 0;
    for (size_t i = 0; i < svm->classes; i++)
        votes[i] = 0.0f;
    for (size_t i = 0; i < svm->classes; i++)
        for (size_t j = i + 1; j < svm->classes; j++, pair++) {
            const float *of_i = svm->coefficients + (j - 1) * svm->vectors;
            const float *of_j = svm->coefficients + i * svm->vectors;
            float sum = 0.0f;
            for (size_t m = (size_t)svm->starts[i]; m < (size_t)svm->starts[i + 1]; m++)
                sum = gy_fmaf(of_i[m], kernel[m], sum);
            for (size_t m = (size_t)svm->starts[j]; m < (size_t)svm->starts[j + 1]; m++)
                sum = gy_fmaf(of_j[m], kernel[m], sum);
            scores[pair] = sum + svm->rho[pair];
            votes[scores[pair] > 0.0f ? i : j] += 1.0f;
        }
    for (size_t i = 1; i < svm->classes; i++)
        best = votes[i] > votes[best] ? i : best;
    return best;
}

// One round of the fixed point: each share in its turn, the others scaled along.
static inline void gy_svm_round(float *shares, float *product, float whole, const float *q,
                                size_t classes)
{
    for (size_t i = 0; i < classes; i++) {
        float own = q[i * classes + i], change = (whole - product[i]) / own;
        float scale = 1.0f + change;
        shares[i] = shares[i] + change;
        whole = gy_fmaf(change, gy_fmaf(change, own, 2.0f * product[i]), whole) / scale / scale;
        for (size_t j = 0; j < classes; j++) {
            product[j] = gy_fmaf(change, q[i * classes + j], product[j]) / scale;
            shares[j] = shares[j] / scale;
        }
    }
}

/**
 * Shares of the classes from the scores of their pairs.
 * @param scratch [classes × (2 × classes + 1)].
 * Source: Wu, Lin, Weng, "Probability estimates for multi-class classification by pairwise
 * coupling", JMLR 5, 2004, algorithm 2, as libsvm and ONNX Runtime stop it.
 */
static inline void gy_svm_shares(float *shares, const gy_svm *svm, const float *scores,
                                 float *scratch)
{
    size_t n = svm->classes, pair = 0;
    float *r = scratch, *q = r + n * n, *product = q + n * n, least = 1e-7f;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++, pair++) {
            float share = 1.0f - gy_sigmoidf(gy_fmaf(scores[pair], svm->a[pair], svm->b[pair]));
            share = share < least ? least : share > 1.0f - least ? 1.0f - least : share;
            r[i * n + j] = share;
            r[j * n + i] = 1.0f - share;
        }
    for (size_t i = 0; i < n; i++) {
        float own = 0.0f;
        for (size_t j = 0; j < n; j++) {
            if (j == i)
                continue;
            own = gy_fmaf(r[j * n + i], r[j * n + i], own);
            q[i * n + j] = j < i ? q[j * n + i] : -(r[j * n + i] * r[i * n + j]);
        }
        q[i * n + i] = own;
        shares[i] = 1.0f / (float)n;
    }
    for (size_t round = 0; round < GY_SVM_ROUNDS_MAX; round++) {
        float whole = 0.0f, most = 0.0f;
        for (size_t i = 0; i < n; i++) {
            product[i] = 0.0f;
            for (size_t j = 0; j < n; j++)
                product[i] = gy_fmaf(q[i * n + j], shares[j], product[i]);
            whole = gy_fmaf(shares[i], product[i], whole);
        }
        for (size_t i = 0; i < n; i++) {
            float error = gy_fabsf(product[i] - whole);
            most = error > most ? error : most;
        }
        if (most < 0.005f / (float)n)
            break;
        gy_svm_round(shares, product, whole, q, n);
    }
}

#endif
