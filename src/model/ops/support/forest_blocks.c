// SPDX-License-Identifier: Apache-2.0
//
// The form for many samples: the leaves of a tree are the bits of a word, from the left, a word a
// sample. A split whose test fails clears the leaves on its left, and the lowest bit that is left
// is the leaf that is reached. 64 samples go tree by tree, split by split, in one loop over the
// samples that compilers turn into vectors.
//
// The splits' features, thresholds and masks, and where each tree's splits start (twice: those with
// NaN to the right, then the others); a mask of 0 ends each list.

#include "model/ops/support/forest_table.h"

/** The tables while they are filled. */
typedef struct blocks {
    uint32_t *features, *masks, *starts;
    float *thresholds;
    size_t split; // next to fill
} blocks;

static void put_half(blocks *to, const gy_forest_split *splits, size_t count, bool nan_left)
{
    for (size_t i = 0; i < count; i++) {
        if (splits[i].nan_left != nan_left)
            continue;
        to->features[to->split] = splits[i].feature;
        to->thresholds[to->split] = splits[i].threshold;
        to->masks[to->split++] = (uint32_t)~splits[i].cleared;
    }
    to->split++;
}

gy_status gy_forest_blocks(gy_node *node, gy_forest *forest, size_t features, gy_error *err)
{
    size_t splits = forest->node_count - forest->leaves, lists = splits + 2 * forest->trees;
    gy_forest_split *all;
    void *data[4];
    static const gy_dtype types[] = {GY_UINT32, GY_FLOAT32, GY_UINT32, GY_UINT32};
    size_t counts[] = {lists, lists, lists, 2 * forest->trees};
    GY_TRY(gy_forest_leaf_tables(&all, node, forest, GY_FOREST_LEAVES, GY_BLOCK_TARGETS, err));
    for (size_t i = 0; i < 4; i++)
        GY_TRY(gy_forest_add(&data[i], node, GY_BLOCK_FEATURES + i, types[i], counts[i], err));
    blocks to = {.features = data[0], .thresholds = data[1], .masks = data[2], .starts = data[3]};
    for (size_t t = 0, first = 0, end = 0; t < forest->trees; t++, first = end) {
        while (end < splits && all[end].tree == t)
            end++;
        for (size_t half = 0; half < 2; half++) {
            to.starts[2 * t + half] = (uint32_t)to.split;
            put_half(&to, all + first, end - first, half == 1);
        }
    }
    // A block's features, one after the other, and its sums.
    return gy_node_scratch(node, GY_FLOAT32, (features + forest->targets) * GY_FOREST_BLOCK, err);
}

// ---- what is emitted

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
    gy_forest_line(out, depth, "for (size_t j = 0; j < 64; j++)");
    gy_indent(out, depth + 1);
    gy_text_add(out, "x[f * 64 + j] = j < samples ? %s[(first + j) * %zu + f] : 0.0f;\n",
                node->inputs[0]->c_name, features);
    gy_emit_close(out, 1, depth);
    for (size_t k = 0; k < forest->targets; k++) {
        gy_forest_line(out, 1, "for (size_t j = 0; j < 64; j++)");
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
                gy_forest_table(node, GY_BLOCK_SPLITS), half,
                gy_forest_table(node, GY_BLOCK_MASKS));
    gy_indent(out, 3);
    gy_text_add(out, "const float *v = x + (size_t)%s[i] * 64, threshold = %s[i];\n",
                gy_forest_table(node, GY_BLOCK_FEATURES),
                gy_forest_table(node, GY_BLOCK_THRESHOLDS));
    gy_indent(out, 3);
    gy_text_add(out, "const uint32_t mask = %s[i];\n", gy_forest_table(node, GY_BLOCK_MASKS));
    gy_forest_line(out, 3, "for (size_t j = 0; j < 64; j++)");
    gy_indent(out, 4);
    gy_text_add(out, half == 0 ? "leaves[j] &= mask | (0u - (uint32_t)(v[j] <= threshold));\n"
                               : "leaves[j] &= mask | (0u - (uint32_t)!(v[j] > threshold));\n");
    gy_forest_line(out, 2, "}");
}

static void emit_leaves(const gy_node *node, const gy_forest *forest, gy_text *out)
{
    const char *values = gy_forest_table(node, GY_BLOCK_VALUES);
    gy_forest_line(out, 2, "for (size_t j = 0; j < 64; j++) {");
    // The lowest bit alone, as a float: its exponent is its number.
    gy_forest_line(out, 3, "const int32_t lowest = (int32_t)(leaves[j] & (0u - leaves[j]));");
    gy_forest_line(out, 3,
                   "const uint32_t leaf = (gy_float_bits((float)lowest) >> 23 & 0xffu) - 127u;");
    gy_indent(out, 3);
    gy_text_add(out, "const uint32_t value = %s[t * 32 + leaf];\n", values);
    if (forest->tree_target == NULL) {
        gy_indent(out, 3);
        gy_text_add(out, "for (size_t k = 0; k < %zu; k++)\n", forest->targets);
        gy_indent(out, 4);
        gy_text_add(out, "sums[k * 64 + j] = sums[k * 64 + j] + %s[(size_t)value * %zu + k];\n",
                    gy_forest_table(node, GY_BLOCK_TARGETS), forest->targets);
    } else if (forest->targets == 1) {
        gy_forest_line(out, 3, "sums[j] = sums[j] + gy_bits_float(value);");
    } else {
        gy_indent(out, 3);
        gy_text_add(out, "const size_t at = (size_t)%s[t] * 64 + j;\n",
                    gy_forest_table(node, GY_BLOCK_TARGETS));
        gy_forest_line(out, 3, "sums[at] = sums[at] + gy_bits_float(value);");
    }
    gy_forest_line(out, 2, "}");
}

void gy_forest_emit_blocks(const gy_node *node, const gy_forest *forest, size_t batch,
                           size_t features, gy_forest_finish *finish, gy_text *out)
{
    gy_text_add(out, "for (size_t first = 0; first < %zu; first += 64) {\n", batch);
    emit_turn(node, forest, batch, features, out);
    gy_emit_for(out, "t", forest->trees, 1);
    gy_forest_line(out, 2, "uint32_t leaves[64];");
    gy_forest_line(out, 2, "for (size_t j = 0; j < 64; j++)");
    gy_forest_line(out, 3, "leaves[j] = 0xffffffffu;");
    emit_splits(node, 0, out);
    if (forest->nan_left_some)
        emit_splits(node, 1, out);
    emit_leaves(node, forest, out);
    gy_forest_line(out, 1, "}");
    gy_forest_line(out, 1, "for (size_t j = 0; j < samples; j++) {");
    gy_forest_line(out, 2, "const size_t n = first + j;");
    gy_indent(out, 2);
    gy_text_add(out, "float s[%zu];\n", forest->targets);
    gy_indent(out, 2);
    gy_text_add(out, "for (size_t k = 0; k < %zu; k++)\n", forest->targets);
    gy_forest_line(out, 3, "s[k] = sums[k * 64 + j];");
    gy_forest_emit_average(forest, 2, out);
    finish(node, forest, 2, out);
    gy_emit_close(out, 0, 2);
}
