// SPDX-License-Identifier: Apache-2.0
//
// Kernels of support vector machines.

#include "model/ops/support/svm.h"

#include <string.h>

#include "rt/math.h"

static gy_status read_kernel(gy_svm_vectors *made, const gy_node *node, gy_error *err)
{
    static const char *const names[] = {"LINEAR", "POLY", "RBF", "SIGMOID"};
    const char *name = gy_node_string(node, "kernel_type", "LINEAR");
    const gy_attribute *given = gy_node_attribute(node, "kernel_params");
    size_t kind = 0;
    while (kind < 4 && strcmp(names[kind], name) != 0)
        kind++;
    if (kind == 4)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "kernel '%.40s' is not supported", name);
    made->kernel = (gy_svm_kernel)kind;
    if (given == NULL || given->kind != GY_ATTRIBUTE_FLOATS || given->count != 3) {
        if (kind != GY_SVM_LINEAR)
            return gy_node_fail(node, GY_FORMAT, err, "kernel %s without three parameters", name);
        return GY_OK;
    }
    made->gamma = given->floats[0];
    made->offset = given->floats[1];
    made->degree = given->floats[2];
    return GY_OK;
}

gy_status gy_svm_read(gy_svm_vectors *made, gy_node *node, size_t vectors, gy_error *err)
{
    const gy_tensor *x = node->inputs[0];
    GY_TRY(gy_node_type(node, 0, 1u << GY_FLOAT32, err));
    if (x->rank != 2 || x->shape[1] == 0)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "input of %zu dimensions", x->rank);
    if (strcmp(gy_node_string(node, "post_transform", "NONE"), "NONE") != 0)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "%s with a post_transform", node->op->type);
    GY_TRY(read_kernel(made, node, err));
    made->vectors = vectors;
    made->features = x->shape[1];
    const gy_attribute *given = gy_node_attribute(node, "support_vectors");
    if (vectors == 0 || given == NULL || given->kind != GY_ATTRIBUTE_FLOATS ||
        given->count / made->features != vectors || given->count % made->features != 0)
        return gy_node_fail(node, GY_UNSUPPORTED, err,
                            "%s without %zu support vectors of %zu features is not supported",
                            node->op->type, vectors, made->features);
    return gy_table_floats(node, 0, "support_vectors", given->count, 0.0f, err);
}

static gy_pair pair_of(const gy_svm_vectors *of)
{
    return of->kernel == GY_SVM_RBF ? GY_PAIR_SQUARES : GY_PAIR_DOT;
}

void gy_svm_kernels(float *kernel, const gy_node *node, const gy_svm_vectors *of, size_t row)
{
    const float *x = (const float *)node->inputs[0]->data + row * of->features;
    const float *vectors = node->tables[0]->data;
    for (size_t i = 0; i < of->vectors; i++) {
        float sum = gy_pair_of(x, vectors + i * of->features, of->features, pair_of(of));
        if (of->kernel == GY_SVM_RBF)
            sum = gy_expf(-of->gamma * sum);
        else if (of->kernel == GY_SVM_POLY)
            sum = gy_powf(gy_fmaf(of->gamma, sum, of->offset), of->degree);
        else if (of->kernel == GY_SVM_SIGMOID)
            sum = gy_tanhf(gy_fmaf(of->gamma, sum, of->offset));
        kernel[i] = sum;
    }
}

void gy_svm_emit_kernels(gy_text *out, const gy_node *node, const gy_svm_vectors *of, size_t depth)
{
    static const char *const forms[] = {
        "lane[0]", "gy_powf(gy_fmaf(gamma, lane[0], offset), degree)", "gy_expf(-gamma * lane[0])",
        "gy_tanhf(gy_fmaf(gamma, lane[0], offset))"};
    const struct {
        const char *name;
        float value;
        bool used;
    } numbers[] = {
        {"gamma", of->gamma, of->kernel != GY_SVM_LINEAR},
        {"offset", of->offset, of->kernel == GY_SVM_POLY || of->kernel == GY_SVM_SIGMOID},
        {"degree", of->degree, of->kernel == GY_SVM_POLY}};
    for (size_t i = 0; i < 3; i++) {
        if (!numbers[i].used)
            continue;
        gy_indent(out, depth);
        gy_text_add(out, "const float %s = ", numbers[i].name);
        gy_emit_float(out, numbers[i].value);
        gy_text_add(out, ";\n");
    }
    gy_line(out, depth, "const float *a = %s + n * %zu;", node->inputs[0]->c_name, of->features);
    gy_line(out, depth, "for (size_t i = 0; i < %zu; i++) {", of->vectors);
    gy_line(out, depth + 1, "const float *b = %s + i * %zu;", node->tables[0]->c_name,
            of->features);
    gy_pair_emit(out, of->features, pair_of(of), depth + 1);
    gy_line(out, depth + 1, "kernel[i] = %s;", forms[of->kernel]);
    gy_line(out, depth, "}");
}
