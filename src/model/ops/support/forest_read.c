// SPDX-License-Identifier: Apache-2.0
//
// Trees from the attributes of ai.onnx.ml's TreeEnsemble operators. The attributes are parallel
// lists that anyone may have written: every reference is checked, and every node must be reached
// from one root exactly once.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "model/ops/support/forest.h"
#include "rt/math.h"

/** The parallel lists. */
typedef struct lists {
    const int64_t *trees, *ids, *features, *yes, *no, *nan_true;
    const float *values;
    const char *const *modes;
    size_t count, nan_count;
    const int64_t *leaf_trees, *leaf_ids, *leaf_targets;
    const float *leaf_weights;
    size_t leaf_count;
} lists;

static gy_status read_ints(const int64_t **values, const gy_node *node, const char *name,
                           size_t wanted, gy_error *err)
{
    size_t count;
    *values = gy_node_ints(node, name, &count);
    if (count != wanted)
        return gy_node_fail(node, GY_FORMAT, err, "%s has %zu values, must be %zu", name, count,
                            wanted);
    return GY_OK;
}

static gy_status read_floats(const float **values, const gy_node *node, const char *name,
                             size_t wanted, gy_error *err)
{
    const gy_attribute *given = gy_node_attribute(node, name);
    size_t count = given != NULL && given->kind == GY_ATTRIBUTE_FLOATS ? given->count : 0;
    *values = count == 0 ? NULL : given->floats;
    if (count != wanted)
        return gy_node_fail(node, GY_FORMAT, err, "%s has %zu values, must be %zu", name, count,
                            wanted);
    return GY_OK;
}

static gy_status read_lists(lists *l, const gy_node *node, const char *leaves, gy_error *err)
{
    char name[40];
    l->trees = gy_node_ints(node, "nodes_treeids", &l->count);
    if (l->count == 0)
        return gy_node_fail(node, GY_FORMAT, err, "%s without nodes", node->op->type);
    GY_TRY(read_ints(&l->ids, node, "nodes_nodeids", l->count, err));
    GY_TRY(read_ints(&l->features, node, "nodes_featureids", l->count, err));
    GY_TRY(read_ints(&l->yes, node, "nodes_truenodeids", l->count, err));
    GY_TRY(read_ints(&l->no, node, "nodes_falsenodeids", l->count, err));
    GY_TRY(read_floats(&l->values, node, "nodes_values", l->count, err));
    l->nan_true = gy_node_ints(node, "nodes_missing_value_tracks_true", &l->nan_count);
    if (l->nan_count != 0 && l->nan_count != l->count)
        return gy_node_fail(node, GY_FORMAT, err, "%zu ways of missing values for %zu nodes",
                            l->nan_count, l->count);
    const gy_attribute *modes = gy_node_attribute(node, "nodes_modes");
    if (modes == NULL || modes->kind != GY_ATTRIBUTE_STRINGS || modes->count != l->count)
        return gy_node_fail(node, GY_FORMAT, err, "nodes_modes does not fit %zu nodes", l->count);
    l->modes = modes->strings;
    snprintf(name, sizeof(name), "%s_treeids", leaves);
    l->leaf_trees = gy_node_ints(node, name, &l->leaf_count);
    snprintf(name, sizeof(name), "%s_nodeids", leaves);
    GY_TRY(read_ints(&l->leaf_ids, node, name, l->leaf_count, err));
    snprintf(name, sizeof(name), "%s_ids", leaves);
    GY_TRY(read_ints(&l->leaf_targets, node, name, l->leaf_count, err));
    snprintf(name, sizeof(name), "%s_weights", leaves);
    return read_floats(&l->leaf_weights, node, name, l->leaf_count, err);
}

// The next float below: x < t is x <= below(t).
static float below(float t)
{
    uint32_t bits = gy_float_bits(t);
    if (t != t || bits == 0xff800000u)
        return t;
    if (t == 0.0f)
        return gy_bits_float(0x80000001u);
    return gy_bits_float(t > 0.0f ? bits - 1 : bits + 1);
}

static gy_status set_split(gy_forest_node *made, const char *mode, bool nan_true, bool *swaps,
                           const gy_node *node, gy_error *err)
{
    bool is_less = strcmp(mode, "BRANCH_LT") == 0, is_most = strcmp(mode, "BRANCH_LEQ") == 0;
    bool is_greater = strcmp(mode, "BRANCH_GT") == 0, is_least = strcmp(mode, "BRANCH_GTE") == 0;
    if (!is_less && !is_most && !is_greater && !is_least)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "splits by '%.40s' are not supported", mode);
    if (made->threshold != made->threshold)
        return gy_node_fail(node, GY_UNSUPPORTED, err, "a split by NaN is not supported");
    *swaps = is_greater || is_least;
    if (is_less || is_least)
        made->threshold = below(made->threshold);
    // NaN compares false: it goes the "no" way unless the model says otherwise.
    made->nan_left = nan_true != *swaps;
    return GY_OK;
}

static gy_status place(uint64_t **at, bool *fresh, gy_text_map *map, int64_t tree, int64_t id,
                       gy_error *err)
{
    int64_t key[2] = {tree, id};
    return gy_text_map_at(at, fresh, map, (const char *)key, sizeof(key), err);
}

static gy_status find(uint32_t *found, const gy_text_map *map, int64_t tree, int64_t id,
                      const gy_node *node, gy_error *err)
{
    int64_t key[2] = {tree, id};
    const uint64_t *at = gy_text_map_find(map, (const char *)key, sizeof(key));
    if (at == NULL)
        return gy_node_fail(node, GY_FORMAT, err, "tree %lld has no node %lld", (long long)tree,
                            (long long)id);
    *found = (uint32_t)*at;
    return GY_OK;
}

static gy_status read_nodes(gy_forest *forest, gy_text_map *map, const lists *l, size_t features,
                            const gy_node *node, gy_error *err)
{
    for (size_t i = 0; i < l->count; i++) {
        uint64_t *at;
        bool fresh;
        GY_TRY(place(&at, &fresh, map, l->trees[i], l->ids[i], err));
        if (!fresh)
            return gy_node_fail(node, GY_FORMAT, err, "tree %lld has node %lld twice",
                                (long long)l->trees[i], (long long)l->ids[i]);
        *at = i;
    }
    forest->nan_left_all = true;
    for (size_t i = 0; i < l->count; i++) {
        gy_forest_node *made = &forest->nodes[i];
        made->is_leaf = strcmp(l->modes[i], "LEAF") == 0;
        if (made->is_leaf)
            continue;
        if (l->features[i] < 0 || (size_t)l->features[i] >= features)
            return gy_node_fail(node, GY_FORMAT, err, "a split on feature %lld of %zu",
                                (long long)l->features[i], features);
        made->feature = (uint32_t)l->features[i];
        made->threshold = l->values[i];
        bool swaps = false;
        GY_TRY(set_split(made, l->modes[i], l->nan_count != 0 && l->nan_true[i] != 0, &swaps, node,
                         err));
        GY_TRY(find(swaps ? &made->right : &made->left, map, l->trees[i], l->yes[i], node, err));
        GY_TRY(find(swaps ? &made->left : &made->right, map, l->trees[i], l->no[i], node, err));
        forest->nan_left_some = forest->nan_left_some || made->nan_left;
        forest->nan_left_all = forest->nan_left_all && made->nan_left;
    }
    return GY_OK;
}

/** A tree while it is found: where it starts, and its depth. */
typedef struct tree {
    uint32_t root, depth, place;
} tree;

static int by_depth(const void *a, const void *b)
{
    const tree *x = a, *y = b;
    if (x->depth != y->depth)
        return x->depth < y->depth ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

// Walk from a root, level by level. seen: nodes that some tree has reached.
static gy_status measure(tree *t, const gy_forest *forest, uint8_t *seen, uint32_t *queue,
                         const gy_node *node, gy_error *err)
{
    size_t head = 0, tail = 0;
    queue[tail++] = t->root;
    seen[t->root] = 1;
    for (t->depth = 0; head < tail; t->depth++) {
        for (size_t end = tail; head < end; head++) {
            const gy_forest_node *at = &forest->nodes[queue[head]];
            uint32_t children[] = {at->left, at->right};
            for (size_t k = 0; !at->is_leaf && k < 2; k++) {
                if (seen[children[k]])
                    return gy_node_fail(node, GY_FORMAT, err, "a node of a tree is reached twice");
                seen[children[k]] = 1;
                queue[tail++] = children[k];
            }
        }
    }
    t->depth--;
    return GY_OK;
}

static gy_status find_trees(gy_forest *forest, const gy_node *node, gy_error *err)
{
    gy_arena *arena = node->arena;
    size_t count = forest->node_count;
    uint8_t *has_parent = GY_NEW(arena, uint8_t, count), *seen = GY_NEW(arena, uint8_t, count);
    uint32_t *queue = GY_NEW(arena, uint32_t, count);
    tree *trees = GY_NEW(arena, tree, count);
    if (has_parent == NULL || seen == NULL || queue == NULL || trees == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for %zu nodes of trees", count);
    for (size_t i = 0; i < count; i++)
        if (!forest->nodes[i].is_leaf)
            has_parent[forest->nodes[i].left] = has_parent[forest->nodes[i].right] = 1;
    size_t reached = 0;
    for (size_t i = 0; i < count; i++) {
        if (has_parent[i])
            continue;
        tree *t = &trees[forest->trees];
        *t = (tree){.root = (uint32_t)i, .place = (uint32_t)forest->trees};
        GY_TRY(measure(t, forest, seen, queue, node, err));
        forest->trees++;
    }
    for (size_t i = 0; i < count; i++)
        reached += seen[i];
    if (reached != count)
        return gy_node_fail(node, GY_FORMAT, err, "%zu nodes of trees lie in circles",
                            count - reached);
    qsort(trees, forest->trees, sizeof(tree), by_depth);
    forest->roots = GY_NEW(arena, uint32_t, forest->trees);
    forest->depths = GY_NEW(arena, uint32_t, forest->trees);
    if (forest->roots == NULL || forest->depths == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for %zu trees", forest->trees);
    for (size_t t = 0; t < forest->trees; t++) {
        forest->roots[t] = trees[t].root;
        forest->depths[t] = trees[t].depth;
    }
    return GY_OK;
}

static gy_status read_weights(gy_forest *forest, const gy_text_map *map, const lists *l,
                              const gy_node *node, gy_error *err)
{
    for (size_t i = 0; i < forest->node_count; i++)
        if (forest->nodes[i].is_leaf)
            forest->nodes[i].leaf = (uint32_t)forest->leaves++;
    if (forest->leaves > SIZE_MAX / sizeof(float) / forest->targets)
        return gy_node_fail(node, GY_LIMIT, err, "%zu leaves for %zu outputs", forest->leaves,
                            forest->targets);
    forest->weights = GY_NEW(node->arena, float, forest->leaves * forest->targets);
    if (forest->weights == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for %zu leaves of %zu outputs",
                            forest->leaves, forest->targets);
    forest->weights_positive = true;
    for (size_t i = 0; i < l->leaf_count; i++) {
        uint32_t at = 0;
        GY_TRY(find(&at, map, l->leaf_trees[i], l->leaf_ids[i], node, err));
        if (!forest->nodes[at].is_leaf || l->leaf_targets[i] < 0 ||
            (size_t)l->leaf_targets[i] >= forest->targets)
            return gy_node_fail(node, GY_FORMAT, err, "weight %zu is for output %lld of %zu", i,
                                (long long)l->leaf_targets[i], forest->targets);
        forest->weights_positive = forest->weights_positive && l->leaf_weights[i] >= 0.0f;
        forest->weights[forest->nodes[at].leaf * forest->targets + (size_t)l->leaf_targets[i]] +=
            l->leaf_weights[i];
    }
    return GY_OK;
}

// Trees that add to one target alone (boosting) take one add a tree, not one a target.
static gy_status find_tree_targets(gy_forest *forest, const gy_text_map *map, const lists *l,
                                   const gy_node *node, gy_error *err)
{
    uint32_t *root_of = GY_NEW(node->arena, uint32_t, forest->node_count);
    uint32_t *queue = GY_NEW(node->arena, uint32_t, forest->node_count);
    uint32_t *target = GY_NEW(node->arena, uint32_t, forest->trees);
    if (root_of == NULL || queue == NULL || target == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for %zu trees", forest->trees);
    for (size_t t = 0; t < forest->trees; t++) {
        size_t tail = 0;
        queue[tail++] = forest->roots[t];
        for (size_t head = 0; head < tail; head++) {
            const gy_forest_node *at = &forest->nodes[queue[head]];
            root_of[queue[head]] = (uint32_t)t;
            if (!at->is_leaf) {
                queue[tail++] = at->left;
                queue[tail++] = at->right;
            }
        }
        target[t] = UINT32_MAX;
    }
    for (size_t i = 0; i < l->leaf_count; i++) {
        uint32_t at = 0;
        GY_TRY(find(&at, map, l->leaf_trees[i], l->leaf_ids[i], node, err));
        uint32_t *known = &target[root_of[at]];
        if (*known != UINT32_MAX && *known != (uint32_t)l->leaf_targets[i])
            return GY_OK;
        *known = (uint32_t)l->leaf_targets[i];
    }
    for (size_t t = 0; t < forest->trees; t++)
        target[t] = target[t] == UINT32_MAX ? 0 : target[t];
    forest->tree_target = target;
    return GY_OK;
}

static gy_status read_base(gy_forest *forest, const gy_node *node, gy_error *err)
{
    const gy_attribute *given = gy_node_attribute(node, "base_values");
    size_t count = given != NULL && given->kind == GY_ATTRIBUTE_FLOATS ? given->count : 0;
    forest->base = GY_NEW(node->arena, float, forest->targets);
    if (forest->base == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for %zu outputs", forest->targets);
    if (count != 0 && count != forest->targets)
        return gy_node_fail(node, GY_FORMAT, err, "%zu base values for %zu outputs", count,
                            forest->targets);
    for (size_t i = 0; i < count; i++)
        forest->base[i] = given->floats[i];
    return GY_OK;
}

gy_status gy_forest_read(gy_forest **made, const gy_node *node, const char *leaves, size_t targets,
                         size_t features, gy_error *err)
{
    lists l = {0};
    GY_TRY(read_lists(&l, node, leaves, err));
    gy_forest *forest = GY_NEW(node->arena, gy_forest, 1);
    if (forest == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for trees");
    *forest = (gy_forest){.nodes = GY_NEW(node->arena, gy_forest_node, l.count),
                          .node_count = l.count,
                          .targets = targets};
    if (forest->nodes == NULL || l.count > UINT32_MAX / 2)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for %zu nodes of trees", l.count);
    gy_text_map map = {.arena = node->arena};
    GY_TRY(read_nodes(forest, &map, &l, features, node, err));
    GY_TRY(find_trees(forest, node, err));
    GY_TRY(read_weights(forest, &map, &l, node, err));
    GY_TRY(find_tree_targets(forest, &map, &l, node, err));
    GY_TRY(read_base(forest, node, err));
    *made = forest;
    return GY_OK;
}
