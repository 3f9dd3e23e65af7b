// SPDX-License-Identifier: Apache-2.0
//
// The kernels that a program's nodes call: the files of src/rt, as they stand.

#include "compile/emit.h"

#include <string.h>

#include "compile/texts.h"

static void emit_lanes(gy_text *out, gy_kernels kernels)
{
    if (kernels == GY_KERNELS_HOST)
        gy_text_add(out,
                    "\n#if defined(__AVX512F__) && defined(__AVX512VL__)\n%s\n"
                    "#elif defined(__AVX2__) && defined(__FMA__)\n%s%s\n#else\n%s%s\n#endif\n",
                    gy_source_lanes_avx512, gy_source_lanes_avx2, gy_source_lanes_pair,
                    gy_source_lanes_plain, gy_source_lanes_pair);
    else
        gy_text_add(out, "\n%s\n%s",
                    kernels == GY_KERNELS_NEON ? gy_source_lanes_neon : gy_source_lanes_plain,
                    gy_source_lanes_pair);
}

static void emit_quant(gy_text *out, gy_kernels kernels)
{
    gy_text_add(out, "\n%s", gy_source_quant_tile);
    if (kernels == GY_KERNELS_M4) {
        gy_text_add(out, "\n%s\n%s", gy_source_quant_m4, gy_source_quant_depthwise_m4);
        return;
    }
    if (kernels == GY_KERNELS_HOST)
        gy_text_add(out, "\n%s\n%s", gy_source_quant_vnni, gy_source_quant_avx2);
    gy_text_add(out, "\n%s\n%s", gy_source_quant_plain, gy_source_quant);
}

unsigned gy_kernels_of_op(const gy_op *op)
{
    if (op->kernel == NULL)
        return 0;
    return strcmp(op->kernel, "svm") == 0 ? GY_USE_SVM : GY_USE_RECURRENT;
}

void gy_emit_kernels(gy_text *out, const gy_program *program)
{
    // What is needed, after what it needs itself; scalar: for processors without vectors.
    static const struct {
        unsigned use;
        const char *text, *scalar;
    } kernels[] = {
        {GY_USE_IMAGE, gy_source_image, gy_source_image},
        {GY_USE_CONV, gy_source_conv, gy_source_conv_m4},
        {GY_USE_DEPTHWISE, gy_source_depthwise, gy_source_depthwise_m4},
        {GY_USE_POOL, gy_source_pool, gy_source_pool},
        {GY_USE_ADD, gy_source_add, gy_source_add},
        {GY_USE_TABLE, gy_source_table, gy_source_table},
        {GY_USE_SVM, gy_source_svm, gy_source_svm},
        {GY_USE_RECURRENT, gy_source_recurrent, gy_source_recurrent},
    };
    bool scalar = program->target->kernels == GY_KERNELS_M4;
    gy_text_add(out, "\n%s", gy_source_math);
    unsigned alone = GY_USE_IMAGE | GY_USE_SVM | GY_USE_RECURRENT;
    unsigned vectors = scalar ? GY_USE_POOL | GY_USE_ADD
                              : ~(alone | GY_USE_QUANT | GY_USE_TABLE | GY_USE_QUANT_SUM);
    if ((program->uses & ~alone) != 0)
        gy_text_add(out, "\n%s", gy_source_shape);
    if ((program->uses & vectors) != 0)
        emit_lanes(out, program->target->kernels);
    for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++)
        if ((program->uses & kernels[i].use) != 0)
            gy_text_add(out, "\n%s", scalar ? kernels[i].scalar : kernels[i].text);
    if ((program->uses & GY_USE_QUANT) != 0)
        emit_quant(out, program->target->kernels);
    if ((program->uses & GY_USE_QUANT_SUM) != 0)
        gy_text_add(out, "\n%s", gy_source_quant_sum);
}
