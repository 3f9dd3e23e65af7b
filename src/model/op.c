// SPDX-License-Identifier: Apache-2.0
//
// The table of operators.

#include "model/op.h"

#include <string.h>

static const gy_op *const ops[] = {
#define OP(name) &gy_op_##name,
#include "model/ops.def"
#undef OP
};

const gy_op *gy_op_find(const char *domain, const char *type, int opset)
{
    const gy_op *found = NULL;
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        const gy_op *op = ops[i];
        if (op->opset_min > opset || strcmp(op->type, type) != 0 || strcmp(op->domain, domain) != 0)
            continue;
        if (found == NULL || op->opset_min > found->opset_min)
            found = op;
    }
    return found;
}

int gy_op_opset_max(const char *domain)
{
    // Those of onnx 1.23, whose node tests are run: what comes after may change any meaning.
    static const struct {
        const char *domain;
        int opset;
    } known[] = {{"", 28}, {"ai.onnx.ml", 5}, {"com.microsoft", 1}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].domain, domain) == 0)
            return known[i].opset;
    return 0;
}

const gy_op *const *gy_op_list(size_t *count)
{
    *count = sizeof(ops) / sizeof(ops[0]);
    return ops;
}
