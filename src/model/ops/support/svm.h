// SPDX-License-Identifier: Apache-2.0
//
// What the support vector machines share: their vectors and how near a sample is to each.
#ifndef GYRE_MODEL_OPS_SUPPORT_SVM_H
#define GYRE_MODEL_OPS_SUPPORT_SVM_H

#include "model/ops/support/pair.h"
#include "model/ops/support/table.h"

typedef enum gy_svm_kernel { GY_SVM_LINEAR, GY_SVM_POLY, GY_SVM_RBF, GY_SVM_SIGMOID } gy_svm_kernel;

/** Table 0 of the node: vectors [vectors][features]. */
typedef struct gy_svm_vectors {
    gy_svm_kernel kernel;
    float gamma, offset, degree;
    size_t vectors, features;
} gy_svm_vectors;

/** Read kernel, its parameters and so many vectors; the input has to be float32 rows. */
gy_status gy_svm_read(gy_svm_vectors *made, gy_node *node, size_t vectors,
                      gy_error *err) GY_CHECKED;
/** kernel[i]: of a row of the input and vector i. */
void gy_svm_kernels(float *kernel, const gy_node *node, const gy_svm_vectors *of, size_t row);
/** Emit the same for row n into `kernel`, an array that is there. */
void gy_svm_emit_kernels(gy_text *out, const gy_node *node, const gy_svm_vectors *of, size_t depth);

#endif
