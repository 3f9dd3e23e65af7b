// SPDX-License-Identifier: Apache-2.0
//
// Constants: as C arrays where they are small, else as the bytes of one file.

#include <string.h>

#include "compile/emit.h"

// A float as C text with exactly its bits; inf and NaN as constant expressions.
static void add_float(gy_text *out, float value)
{
    if (value != value)
        gy_text_add(out, "0.0f / 0.0f");
    else if (value - value != 0.0f)
        gy_text_add(out, value > 0.0f ? "1.0f / 0.0f" : "-1.0f / 0.0f");
    else
        gy_text_add(out, "%af", (double)value);
}

static void add_element(gy_text *out, const gy_tensor *tensor, size_t i)
{
    double number;
    switch (tensor->dtype) {
    case GY_FLOAT32:
        add_float(out, (float)gy_tensor_number_at(tensor, i));
        return;
    case GY_FLOAT64:
        number = gy_tensor_number_at(tensor, i);
        if (number != number)
            gy_text_add(out, "0.0 / 0.0");
        else if (number - number != 0.0)
            gy_text_add(out, number > 0.0 ? "1.0 / 0.0" : "-1.0 / 0.0");
        else
            gy_text_add(out, "%a", number);
        return;
    case GY_UINT64:
        gy_text_add(out, "%lluu", (unsigned long long)gy_tensor_int_at(tensor, i));
        return;
    default:
        if (gy_tensor_int_at(tensor, i) == INT64_MIN)
            gy_text_add(out, "INT64_MIN");
        else
            gy_text_add(out, "%lld", (long long)gy_tensor_int_at(tensor, i));
    }
}

void gy_emit_weights_text(gy_text *out, const gy_program *program)
{
    for (size_t i = 0; i < program->plan.constant_count; i++) {
        const gy_tensor *tensor = program->plan.constants[i];
        size_t count = tensor->count == 0 ? 1 : tensor->count;
        gy_text_add(out, "\nstatic const _Alignas(8) %s w%zu[%zu] = {", gy_dtype_c(tensor->dtype),
                    i, count);
        if (tensor->count == 0)
            gy_text_add(out, "0");
        for (size_t k = 0; k < tensor->count; k++) {
            gy_text_add(out, k % 8 == 0 ? "\n    " : " ");
            add_element(out, tensor, k);
            gy_text_add(out, ",");
        }
        gy_text_add(out, "};\n");
    }
}

void gy_emit_weights_bytes(gy_text *out, const gy_program *program)
{
    static const char zeros[64];
    size_t align = program->target->align_bytes;
    for (size_t i = 0; i < program->plan.constant_count; i++) {
        const gy_tensor *tensor = program->plan.constants[i];
        gy_text_append(out, tensor->data, tensor->count * gy_dtype_size(tensor->dtype));
        gy_text_append(out, zeros, (align - out->length % align) % align);
    }
}

void gy_emit_weights_assembly(gy_text *out, const gy_program *program)
{
    const char *name = program->name;
    gy_text_add(out,
                "/* SPDX-License-Identifier: 0BSD */\n"
                ".section .rodata\n.balign %zu\n.globl %s_weights\n.hidden %s_weights\n"
                "%s_weights:\n.incbin \"%s_weights.bin\"\n"
                "#if defined(__linux__) && defined(__ELF__)\n"
                ".section .note.GNU-stack,\"\",%%progbits\n#endif\n",
                program->target->align_bytes, name, name, name, name);
}
