// SPDX-License-Identifier: Apache-2.0
//
// The form for any tree and one sample: 8 trees are walked in lock step, without branches, so that
// their memory latencies overlap.
//
// Nodes of 64 bits, a tree after the other, level by level, children side by side; where each tree
// starts; the depth of each group of 8 trees, its last one's. Where trees have one target each, the
// weight of each node (0 of a split) and, of several, the target of each tree; else the leaves'
// rows of weights and the row of each node.

#include <string.h>

#include "model/ops/support/forest_table.h"
#include "rt/math.h"

static uint64_t pack(const gy_forest *forest, const gy_forest_node *from, size_t features,
                     size_t way)
{
    uint64_t high = forest->slots - 1;
    float threshold = gy_bits_float(0x7f800000u);
    if (!from->is_leaf) {
        bool is_second = from->nan_left && forest->slots > features + 1;
        high = (uint64_t)way << forest->slot_bits | (from->feature + (is_second ? features : 0));
        threshold = from->threshold;
    }
    return high << 32 | gy_float_bits(threshold);
}

/** Where a tree's nodes go. */
typedef struct walk_tables {
    uint64_t *packed;
    float *weights; // by node, of trees with one target
    uint32_t *rows; // by node, of others: the leaf's row of weights
    uint32_t *queue;
    size_t features, end;
} walk_tables;

// One tree, level by level: the two children of a split stand side by side.
static bool pack_tree(walk_tables *to, const gy_forest *forest, size_t t)
{
    size_t tail = 0, start = to->end;
    to->queue[tail++] = forest->roots[t];
    for (size_t head = 0; head < tail; head++) {
        const gy_forest_node *from = &forest->nodes[to->queue[head]];
        size_t way = tail - head;
        to->packed[start + head] = pack(forest, from, to->features, way);
        if (from->is_leaf && forest->tree_target != NULL)
            to->weights[start + head] =
                forest->weights[from->leaf * forest->targets + forest->tree_target[t]];
        else if (from->is_leaf)
            to->rows[start + head] = from->leaf;
        if (from->is_leaf)
            continue;
        if (way >= UINT64_C(1) << (32 - forest->slot_bits))
            return false;
        to->queue[tail++] = from->left;
        to->queue[tail++] = from->right;
    }
    to->end = start + tail;
    return true;
}

gy_status gy_forest_walk(gy_node *node, gy_forest *forest, size_t features, gy_error *err)
{
    forest->slots = (forest->nan_left_some ? 2 : 1) * features + 1;
    forest->slot_bits = 1;
    while (forest->slot_bits < 31 && forest->slots > UINT64_C(1) << forest->slot_bits)
        forest->slot_bits++;
    bool is_single = forest->tree_target != NULL;
    void *packed, *starts, *depths, *weights, *rows = NULL;
    walk_tables to = {.queue = GY_NEW(node->arena, uint32_t, forest->node_count),
                      .features = features};
    size_t groups = forest->trees / GY_FOREST_LOCKSTEP, count = forest->node_count;
    if (to.queue == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for tables of trees");
    GY_TRY(gy_forest_add(&packed, node, GY_WALK_NODES, GY_UINT64, count, err));
    GY_TRY(gy_forest_add(&starts, node, GY_WALK_STARTS, GY_UINT32, forest->trees, err));
    GY_TRY(gy_forest_add(&depths, node, GY_WALK_DEPTHS, GY_UINT32, groups + 1, err));
    GY_TRY(gy_forest_add(&weights, node, GY_WALK_WEIGHTS, GY_FLOAT32,
                         is_single ? count : forest->leaves * forest->targets, err));
    node->table_count = GY_WALK_TARGETS;
    if (forest->targets > 1) {
        GY_TRY(gy_forest_add(&rows, node, GY_WALK_TARGETS, GY_UINT32,
                             is_single ? forest->trees : count, err));
        node->table_count++;
        if (is_single)
            memcpy(rows, forest->tree_target, forest->trees * sizeof(uint32_t));
    }
    if (!is_single)
        memcpy(weights, forest->weights, forest->leaves * forest->targets * sizeof(float));
    to.packed = packed;
    to.weights = weights;
    to.rows = rows;
    for (size_t t = 0; t < forest->trees; t++) {
        ((uint32_t *)starts)[t] = (uint32_t)to.end;
        if (!pack_tree(&to, forest, t))
            return gy_node_fail(node, GY_LIMIT, err,
                                "a tree of over %u nodes on a level, with %u bits of features",
                                1u << (32 - forest->slot_bits), forest->slot_bits);
    }
    for (size_t g = 0; g < groups; g++)
        ((uint32_t *)depths)[g] = forest->depths[g * GY_FOREST_LOCKSTEP + GY_FOREST_LOCKSTEP - 1];
    ((uint32_t *)depths)[groups] = forest->depths[forest->trees - 1];
    return gy_node_scratch(node, GY_FLOAT32, forest->slots, err);
}

// ---- what is emitted

// One step of walker i: it stays where it is once it has reached a leaf.
static void emit_step(const gy_node *node, const gy_forest *forest, const char *i, size_t depth,
                      gy_text *out)
{
    unsigned bits = forest->slot_bits;
    gy_indent(out, depth);
    gy_text_add(out, "{\n");
    gy_indent(out, depth + 1);
    gy_text_add(out, "const uint64_t w = %s[%s];\n", gy_forest_table(node, GY_WALK_NODES), i);
    gy_forest_line(out, depth + 1, "const uint32_t high = (uint32_t)(w >> 32);");
    gy_indent(out, depth + 1);
    gy_text_add(out, "%s += (high >> %u) + ", i, bits);
    gy_text_add(out, "(uint32_t)!(x[high & 0x%xu] <= gy_bits_float((uint32_t)w));\n",
                (1u << bits) - 1);
    gy_forest_line(out, depth, "}");
}

// Add what the leaf of walker i gives.
static void emit_add(const gy_node *node, const gy_forest *forest, const char *i, const char *tree,
                     size_t depth, gy_text *out)
{
    const char *weights = gy_forest_table(node, GY_WALK_WEIGHTS);
    const char *rows = forest->targets == 1 ? "" : gy_forest_table(node, GY_WALK_TARGETS);
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
    gy_forest_line(out, depth, "}");
    gy_indent(out, depth);
    gy_text_add(out, "x[%zu] = 0.0f;\n", forest->slots - 1);
}

// The trees of sample n, 8 at a time and the rest one by one.
static void emit_trees(const gy_node *node, const gy_forest *forest, size_t depth, gy_text *out)
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
            gy_text_add(out, "uint32_t %s = %s[%s];\n", names[i],
                        gy_forest_table(node, GY_WALK_STARTS), trees[i]);
        }
        gy_indent(out, depth + 1);
        gy_text_add(out, "for (uint32_t d = %s[t / 8]; d > 0; d--) {\n",
                    gy_forest_table(node, GY_WALK_DEPTHS));
        for (size_t i = 0; i < GY_FOREST_LOCKSTEP; i++)
            emit_step(node, forest, names[i], depth + 2, out);
        gy_forest_line(out, depth + 1, "}");
        for (size_t i = 0; i < GY_FOREST_LOCKSTEP; i++)
            emit_add(node, forest, names[i], trees[i], depth + 1, out);
        gy_forest_line(out, depth, "}");
    }
    if (whole == forest->trees)
        return;
    gy_indent(out, depth);
    gy_text_add(out, "for (size_t t = %zu; t < %zu; t++) {\n", whole, forest->trees);
    gy_indent(out, depth + 1);
    gy_text_add(out, "uint32_t i = %s[t];\n", gy_forest_table(node, GY_WALK_STARTS));
    gy_indent(out, depth + 1);
    gy_text_add(out, "for (uint32_t d = %s[%zu]; d > 0; d--)\n",
                gy_forest_table(node, GY_WALK_DEPTHS), forest->trees / GY_FOREST_LOCKSTEP);
    emit_step(node, forest, "i", depth + 2, out);
    emit_add(node, forest, "i", "t", depth + 1, out);
    gy_forest_line(out, depth, "}");
}

void gy_forest_emit_walk(const gy_node *node, const gy_forest *forest, size_t features,
                         gy_text *out)
{
    emit_slots(node, forest, features, 1, out);
    gy_forest_emit_base(forest, 1, out);
    emit_trees(node, forest, 1, out);
}
