// SPDX-License-Identifier: Apache-2.0
//
// Emitted sums in 16 lanes, in a form that compilers vectorise.

#include "model/ops/support/lanes.h"

#include <stdio.h>

#include "model/ops/support/loop.h"

static void emit_body(gy_text *out, const char *prepare, const char *value, size_t depth)
{
    if (prepare[0] != '\0') {
        gy_indent(out, depth);
        gy_text_add(out, "%s\n", prepare);
    }
    gy_indent(out, depth);
    gy_text_add(out, "const float s = lane[l];\n");
    gy_indent(out, depth);
    gy_text_add(out, "lane[l] = %s;\n", value);
}

static void emit_lanes(gy_text *out, const char *from, size_t lanes, const char *prepare,
                       const char *value, size_t depth)
{
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t l = 0; l < %zu; l++) {\n", lanes);
    gy_indent(out, depth + 1);
    gy_text_add(out, "const size_t r = %s + l;\n", from);
    emit_body(out, prepare, value, depth + 1);
    gy_indent(out, depth);
    gy_text_add(out, "}\n");
}

void gy_lanes_emit(gy_text *out, size_t count, const char *prepare, const char *value, size_t depth)
{
    size_t whole = count / GY_LANES * GY_LANES;
    char from[24];
    gy_indent(out, depth);
    gy_text_add(out, "float lane[16] = {0};\n");
    if (whole > 0) {
        gy_indent(out, depth);
        gy_text_add(out, "for (size_t first = 0; first < %zu; first += 16)\n", whole);
        emit_lanes(out, "first", GY_LANES, prepare, value, depth + 1);
    }
    if (count > whole) {
        snprintf(from, sizeof(from), "%zu", whole);
        emit_lanes(out, from, count - whole, prepare, value, depth);
    }
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t half = 8; half > 0; half /= 2)\n");
    gy_indent(out, depth + 1);
    gy_text_add(out, "for (size_t l = 0; l < half; l++)\n");
    gy_indent(out, depth + 2);
    gy_text_add(out, "lane[l] = lane[l] + lane[l + half];\n");
}
