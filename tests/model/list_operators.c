// SPDX-License-Identifier: Apache-2.0
//
// The page docs/formats/operators.md, made from the table of operators.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/op.h"

static int by_name(const void *a, const void *b)
{
    const gy_op *x = *(const gy_op *const *)a, *y = *(const gy_op *const *)b;
    int order = strcmp(x->domain, y->domain);
    order = order != 0 ? order : strcmp(x->type, y->type);
    return order != 0 ? order : x->opset_min - y->opset_min;
}

int main(void)
{
    size_t count;
    const gy_op *const *list = gy_op_list(&count);
    const gy_op **ops = malloc(count * sizeof(*ops));
    if (ops == NULL)
        return 1;
    memcpy(ops, list, count * sizeof(*ops));
    qsort(ops, count, sizeof(*ops), by_name);
    printf("# ONNX operators\n\nMade from the table of operators; a test holds it against the "
           "table. Every one runs by the reference;\nthe official node tests that pass are in "
           "`tests/model/node_tests_pass.txt`. What is not here, or not with these\ntypes, is "
           "refused with exit status 5 and the name of the node.\n");
    const char *domain = NULL;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(ops[i]->domain, "gyre") == 0)
            continue;
        if (domain == NULL || strcmp(domain, ops[i]->domain) != 0) {
            domain = ops[i]->domain;
            printf("\n## %s\n\n| operator | from opset | types |\n|---|---|---|\n",
                   domain[0] == '\0' ? "ai.onnx" : domain);
        }
        printf("| %s | %d | %s |\n", ops[i]->type, ops[i]->opset_min,
               ops[i]->types == NULL ? "float32" : ops[i]->types);
    }
    free(ops);
    return 0;
}
