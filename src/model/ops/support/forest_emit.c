// SPDX-License-Identifier: Apache-2.0
//
// The C that walks a forest's tables. One sample: 8 trees in lock step, without branches, so that
// their memory latencies overlap. A block of 64 samples: tree by tree, split by split, one loop
// over the samples that clears bits of their leaves, which compilers turn into vectors.

#include "model/ops/support/forest.h"
#include "model/ops/support/forest_table.h"

static const char *table(const gy_node *node, size_t place)
{
    return node->tables[place]->c_name;
}

static void line(gy_text *out, size_t depth, const char *text)
{
    gy_indent(out, depth);
    gy_text_add(out, "%s\n", text);
}

// One step of walker i: it stays where it is once it has reached a leaf.
static void emit_step(const gy_node *node, const gy_forest *forest, const char *i, size_t depth,
                      gy_text *out)
{
    unsigned bits = forest->slot_bits;
    gy_indent(out, depth);
    gy_text_add(out, "{\n");
    gy_indent(out, depth + 1);
    gy_text_add(out, "const uint64_t w = %s[%s];\n", table(node, GY_FOREST_NODES), i);
    line(out, depth + 1, "const uint32_t high = (uint32_t)(w >> 32);");
    gy_indent(out, depth + 1);
    gy_text_add(out, "%s += (high >> %u) + ", i, bits);
    gy_text_add(out, "(uint32_t)!(x[high & 0x%xu] <= gy_bits_float((uint32_t)w));\n",
                (1u << bits) - 1);
    line(out, depth, "}");
}

// Add what the leaf of walker i gives.
static void emit_add(const gy_node *node, const gy_forest *forest, const char *i, const char *tree,
                     size_t depth, gy_text *out)
{
    const char *weights = table(node, GY_FOREST_WEIGHTS), *rows = table(node, GY_FOREST_TARGETS);
    gy_indent(out, depth);
    if (forest->tree_target == NULL) {
        gy_text_add(out, "for (size_t k = 0; k < %zu; k++)\n", forest->targets);
        gy_indent(out, depth + 1);
        gy_text_add(out, "s[k] = s[k] + %s[(size_t)%s[%s] * %zu + k];\n", weights, rows, i,
                    forest->targets);
    } else if (forest->targets == 1) {
        gy_text_add(out, "s[0] = s[0] + %s[%s];\n", weights, i);
    } else {
        gy_text_add(out, "s[%s[%s]] = s[%s[%s]] + %s[%s];\n", rows, tree, rows, tree, weights, i);
    }
}

// The values that splits are held against; forest->slots tells which.
static void emit_slots(const gy_node *node, const gy_forest *forest, size_t features, size_t depth,
                       gy_text *out)
{
    const char *input = node->inputs[0]->c_name;
    gy_indent(out, depth);
    gy_text_add(out, "float *x = %s;\n", node->scratch->c_name);
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t f = 0; f < %zu; f++) {\n", features);
    gy_indent(out, depth + 1);
    gy_text_add(out, "x[f] = %s[n * %zu + f];\n", input, features);
    if (forest->nan_left_some) {
        gy_indent(out, depth + 1);
        gy_text_add(out, "x[%zu + f] = x[f] != x[f] ? gy_bits_float(0xff800000u) : x[f];\n",
                    features);
    }
    line(out, depth, "}");
    gy_indent(out, depth);
    gy_text_add(out, "x[%zu] = 0.0f;\n", forest->slots - 1);
}

static void emit_sums(const gy_forest *forest, size_t depth, gy_text *out)
{
    gy_indent(out, depth);
    gy_text_add(out, "float s[%zu] = {", forest->targets);
    for (size_t k = 0; k < forest->targets; k++) {
        gy_text_add(out, k == 0 ? "" : k % 8 == 0 ? ",\n" : ", ");
        gy_emit_float(out, forest->base[k]);
    }
    gy_text_add(out, "};\n");
}

static void emit_average(const gy_forest *forest, size_t depth, gy_text *out)
{
    if (!forest->averages)
        return;
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t k = 0; k < %zu; k++)\n", forest->targets);
    gy_indent(out, depth + 1);
    gy_text_add(out, "s[k] = s[k] / %zu.0f;\n", forest->trees);
}

static void emit_lockstep(const gy_node *node, const gy_forest *forest, size_t depth, gy_text *out)
{
    size_t whole = forest->trees / GY_FOREST_LOCKSTEP * GY_FOREST_LOCKSTEP;
    static const char *const names[] = {"i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7"};
    static const char *const trees[] = {"t",     "t + 1", "t + 2", "t + 3",
                                        "t + 4", "t + 5", "t + 6", "t + 7"};
    if (whole > 0) {
        gy_indent(out, depth);
        gy_text_add(out, "for (size_t t = 0; t < %zu; t += 8) {\n", whole);
        for (size_t i = 0; i < GY_FOREST_LOCKSTEP; i++) {
            gy_indent(out, depth + 1);
            gy_text_add(out, "uint32_t %s = %s[%s];\n", names[i], table(node, GY_FOREST_STARTS),
                        trees[i]);
        }
        gy_indent(out, depth + 1);
        gy_text_add(out, "for (uint32_t d = %s[t / 8]; d > 0; d--) {\n",
                    table(node, GY_FOREST_DEPTHS));
        for (size_t i = 0; i < GY_FOREST_LOCKSTEP; i++)
            emit_step(node, forest, names[i], depth + 2, out);
        line(out, depth + 1, "}");
        for (size_t i = 0; i < GY_FOREST_LOCKSTEP; i++)
            emit_add(node, forest, names[i], trees[i], depth + 1, out);
        line(out, depth, "}");
    }
    if (whole == forest->trees)
        return;
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t t = %zu; t < %zu; t++) {\n", whole, forest->trees);
    gy_indent(out, depth + 1);
    gy_text_add(out, "uint32_t i = %s[t];\n", table(node, GY_FOREST_STARTS));
    gy_indent(out, depth + 1);
    gy_text_add(out, "for (uint32_t d = %s[%zu]; d > 0; d--)\n", table(node, GY_FOREST_DEPTHS),
                forest->trees / GY_FOREST_LOCKSTEP);
    emit_step(node, forest, "i", depth + 2, out);
    emit_add(node, forest, "i", "t", depth + 1, out);
    line(out, depth, "}");
}

static void emit_samples(const gy_node *node, const gy_forest *forest, size_t batch,
                         size_t features, gy_forest_finish *finish, gy_text *out)
{
    size_t depth = gy_emit_for(out, "n", batch, 0);
    emit_slots(node, forest, features, depth, out);
    emit_sums(forest, depth, out);
    emit_lockstep(node, forest, depth, out);
    emit_average(forest, depth, out);
    finish(node, forest, depth, out);
    gy_emit_close(out, 0, depth);
}

// ---- blocks

// The samples' features, one feature of all 64 after the other; a short block is filled with 0.
static void emit_turn(const gy_node *node, const gy_forest *forest, size_t batch, size_t features,
                      gy_text *out)
{
    gy_indent(out, 1);
    gy_text_add(out, "const size_t samples = %zu - first < 64 ? %zu - first : 64;\n", batch, batch);
    gy_indent(out, 1);
    gy_text_add(out, "float *x = %s, *sums = x + %zu;\n", node->scratch->c_name,
                features * GY_FOREST_BLOCK);
    size_t depth = gy_emit_for(out, "f", features, 1);
    line(out, depth, "for (size_t j = 0; j < 64; j++)");
    gy_indent(out, depth + 1);
    gy_text_add(out, "x[f * 64 + j] = j < samples ? %s[(first + j) * %zu + f] : 0.0f;\n",
                node->inputs[0]->c_name, features);
    gy_emit_close(out, 1, depth);
    for (size_t k = 0; k < forest->targets; k++) {
        line(out, 1, "for (size_t j = 0; j < 64; j++)");
        gy_indent(out, 2);
        gy_text_add(out, "sums[%zu + j] = ", k * GY_FOREST_BLOCK);
        gy_emit_float(out, forest->base[k]);
        gy_text_add(out, ";\n");
    }
}

// The splits of a tree, of which those with NaN to the right come first. The list ends with a mask
// of 0, not by a count: gcc -O3 unrolls and jams a counted nest into one 20 times slower.
static void emit_splits(const gy_node *node, size_t half, gy_text *out)
{
    gy_indent(out, 2);
    gy_text_add(out, "for (uint32_t i = %s[2 * t + %zu]; %s[i] != 0; i++) {\n",
                table(node, GY_FOREST_SPLITS), half, table(node, GY_FOREST_MASKS));
    gy_indent(out, 3);
    gy_text_add(out, "const float *v = x + (size_t)%s[i] * 64, threshold = %s[i];\n",
                table(node, GY_FOREST_FEATURES), table(node, GY_FOREST_THRESHOLDS));
    gy_indent(out, 3);
    gy_text_add(out, "const uint32_t mask = %s[i];\n", table(node, GY_FOREST_MASKS));
    line(out, 3, "for (size_t j = 0; j < 64; j++)");
    gy_indent(out, 4);
    gy_text_add(out, half == 0 ? "leaves[j] &= mask | (0u - (uint32_t)(v[j] <= threshold));\n"
                               : "leaves[j] &= mask | (0u - (uint32_t)!(v[j] > threshold));\n");
    line(out, 2, "}");
}

static void emit_leaves(const gy_node *node, const gy_forest *forest, gy_text *out)
{
    const char *values = table(node, GY_FOREST_VALUES);
    line(out, 2, "for (size_t j = 0; j < 64; j++) {");
    // The lowest bit alone, as a float: its exponent is its number.
    line(out, 3, "const int32_t lowest = (int32_t)(leaves[j] & (0u - leaves[j]));");
    line(out, 3, "const uint32_t leaf = (gy_float_bits((float)lowest) >> 23 & 0xffu) - 127u;");
    gy_indent(out, 3);
    gy_text_add(out, "const uint32_t value = %s[t * 32 + leaf];\n", values);
    if (forest->tree_target == NULL) {
        gy_indent(out, 3);
        gy_text_add(out, "for (size_t k = 0; k < %zu; k++)\n", forest->targets);
        gy_indent(out, 4);
        gy_text_add(out, "sums[k * 64 + j] = sums[k * 64 + j] + %s[(size_t)value * %zu + k];\n",
                    table(node, GY_FOREST_WEIGHTS), forest->targets);
    } else if (forest->targets == 1) {
        line(out, 3, "sums[j] = sums[j] + gy_bits_float(value);");
    } else {
        gy_indent(out, 3);
        gy_text_add(out, "const size_t at = (size_t)%s[t] * 64 + j;\n",
                    table(node, GY_FOREST_TARGETS));
        line(out, 3, "sums[at] = sums[at] + gy_bits_float(value);");
    }
    line(out, 2, "}");
}

static void emit_blocks(const gy_node *node, const gy_forest *forest, size_t batch, size_t features,
                        gy_forest_finish *finish, gy_text *out)
{
    gy_text_add(out, "for (size_t first = 0; first < %zu; first += 64) {\n", batch);
    emit_turn(node, forest, batch, features, out);
    gy_emit_for(out, "t", forest->trees, 1);
    line(out, 2, "uint32_t leaves[64];");
    line(out, 2, "for (size_t j = 0; j < 64; j++)");
    line(out, 3, "leaves[j] = 0xffffffffu;");
    emit_splits(node, 0, out);
    if (forest->nan_left_some)
        emit_splits(node, 1, out);
    emit_leaves(node, forest, out);
    line(out, 1, "}");
    line(out, 1, "for (size_t j = 0; j < samples; j++) {");
    line(out, 2, "const size_t n = first + j;");
    gy_indent(out, 2);
    gy_text_add(out, "float s[%zu];\n", forest->targets);
    gy_indent(out, 2);
    gy_text_add(out, "for (size_t k = 0; k < %zu; k++)\n", forest->targets);
    line(out, 3, "s[k] = sums[k * 64 + j];");
    emit_average(forest, 2, out);
    finish(node, forest, 2, out);
    gy_emit_close(out, 0, 2);
}

void gy_forest_emit(const gy_node *node, const gy_forest *forest, size_t batch, size_t features,
                    gy_forest_finish *finish, gy_text *out)
{
    if (batch == 0)
        return;
    if (node->table_count >= GY_FOREST_TABLES)
        emit_blocks(node, forest, batch, features, finish, out);
    else
        emit_samples(node, forest, batch, features, finish, out);
}
