// SPDX-License-Identifier: Apache-2.0
//
// The form for one sample and trees of up to 64 leaves. A tree's leaves are the bits of a word or
// two, from the left; a split whose test fails clears the leaves on its left, and the lowest bit
// that is left is the leaf that is reached. Which splits fail is found for all trees at once:
// those of one feature stand in order of their thresholds, so that a search finds how many fail,
// and these, a run from the front, are applied without a test each and without a branch that
// nobody could predict. (QuickScorer: Lucchese and others, SIGIR 2015.) Runs are long in large
// forests: after every `step` splits the words of all trees, as the splits so far leave them, stand
// ready as a row, so that a run is one row, which vectors apply, and less than a step of splits.
//
// Columns (one a feature that is split on): its feature, first threshold, count of thresholds,
// first split, rows before its own, and what NaN comes to: a row, a run of splits (first, end).
// Thresholds, without equal ones; ends: how many splits fail below the first threshold (none), the
// second, and so on, one more than thresholds. Splits: the word's number above its mask.

#include <stdlib.h>
#include <string.h>

#include "model/ops/support/forest_table.h"

enum { COLUMN_FIELDS = 8, STEP_MIN = 8, LIVE_UNIT = 16, ROWS_AT_ONCE = 4 };

/** Fields of a column. */
enum { FEATURE, THRESHOLD, THRESHOLDS, SPLIT, ROW, NAN_ROW, NAN_SPLIT, NAN_END };

/** The tables while they are filled, or, where a pointer is NULL, counted. */
typedef struct masks {
    uint32_t *columns, *ends, *rows;
    uint64_t *nodes;
    float *thresholds;
    size_t column_count, threshold_count, node_count, row_count;
    uint32_t *row; // of the splits so far of a column
} masks;

static int by_feature(const void *a, const void *b)
{
    const gy_forest_split *x = a, *y = b;
    if (x->feature != y->feature)
        return x->feature < y->feature ? -1 : 1;
    if (x->threshold != y->threshold)
        return x->threshold < y->threshold ? -1 : 1;
    if (x->tree != y->tree)
        return x->tree < y->tree ? -1 : 1;
    return x->cleared < y->cleared ? -1 : x->cleared > y->cleared;
}

static uint32_t put_row(masks *to, const gy_forest *forest)
{
    if (to->rows != NULL)
        memcpy(to->rows + to->row_count * forest->live, to->row, forest->live * sizeof(uint32_t));
    return (uint32_t)to->row_count++;
}

// One split: a mask for each word that it changes. first: of its column's; a row where one is due.
static void put_split(masks *to, const gy_forest *forest, const gy_forest_split *split,
                      size_t first, bool has_rows)
{
    for (size_t i = 0; i < forest->words; i++) {
        uint32_t mask = ~(uint32_t)(split->cleared >> (32 * i));
        size_t word = split->tree * forest->words + i;
        if (mask == UINT32_MAX)
            continue;
        to->row[word] &= mask;
        if (to->nodes != NULL)
            to->nodes[to->node_count] = (uint64_t)word << 32 | mask;
        to->node_count++;
        if (has_rows && (to->node_count - first) % forest->step == 0)
            put_row(to, forest);
    }
}

static void clear_row(masks *to, const gy_forest *forest)
{
    memset(to->row, 0xff, forest->live * sizeof(uint32_t));
}

// What NaN comes to in a column of `count` splits, the first at *splits.
static void put_nan(uint32_t *column, masks *to, const gy_forest *forest,
                    const gy_forest_split *splits, size_t count)
{
    size_t right = 0, first = to->node_count;
    for (size_t i = 0; i < count; i++)
        right += !splits[i].nan_left;
    if (right == count) { // all of them
        uint32_t all = (uint32_t)first - column[SPLIT], rows = all / (uint32_t)forest->step;
        column[NAN_ROW] = rows == 0 ? 0 : column[ROW] + rows;
        column[NAN_SPLIT] = column[SPLIT] + rows * (uint32_t)forest->step;
        column[NAN_END] = (uint32_t)first;
        return;
    }
    clear_row(to, forest);
    bool is_row = right > forest->step;
    uint64_t *nodes = to->nodes;
    to->nodes = is_row ? NULL : nodes;
    for (size_t i = 0; i < count; i++)
        if (!splits[i].nan_left)
            put_split(to, forest, &splits[i], first, false);
    to->nodes = nodes;
    to->node_count = is_row ? first : to->node_count;
    column[NAN_ROW] = is_row ? put_row(to, forest) : 0;
    column[NAN_SPLIT] = (uint32_t)first;
    column[NAN_END] = (uint32_t)to->node_count;
}

static void put_column(masks *to, const gy_forest *forest, const gy_forest_split *splits,
                       size_t count)
{
    size_t first = to->node_count, end = to->threshold_count + to->column_count;
    uint32_t column[COLUMN_FIELDS] = {
        [FEATURE] = splits->feature,
        [THRESHOLD] = (uint32_t)to->threshold_count,
        [SPLIT] = (uint32_t)first,
        [ROW] = (uint32_t)to->row_count - 1,
    };
    clear_row(to, forest);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || splits[i].threshold != splits[i - 1].threshold) {
            if (to->nodes != NULL) {
                to->thresholds[to->threshold_count] = splits[i].threshold;
                to->ends[end++] = (uint32_t)(to->node_count - first);
            }
            to->threshold_count++;
        }
        put_split(to, forest, &splits[i], first, true);
    }
    if (to->nodes != NULL)
        to->ends[end] = (uint32_t)(to->node_count - first);
    column[THRESHOLDS] = (uint32_t)to->threshold_count - column[THRESHOLD];
    put_nan(column, to, forest, splits, count);
    if (to->columns != NULL)
        memcpy(to->columns + to->column_count * COLUMN_FIELDS, column, sizeof(column));
    to->column_count++;
}

static void put_all(masks *to, const gy_forest *forest, const gy_forest_split *splits, size_t count)
{
    clear_row(to, forest);
    put_row(to, forest); // row 0 changes nothing
    for (size_t first = 0, end = 0; first < count; first = end) {
        while (end < count && splits[end].feature == splits[first].feature)
            end++;
        put_column(to, forest, splits + first, end - first);
    }
}

gy_status gy_forest_masks(gy_node *node, gy_forest *forest, size_t leaves, gy_error *err)
{
    size_t splits = forest->node_count - forest->leaves;
    gy_forest_split *all;
    void *data[5];
    forest->words = leaves > GY_FOREST_LEAVES ? 2 : 1;
    forest->stride = leaves;
    forest->live = (forest->trees * forest->words + LIVE_UNIT - 1) / LIVE_UNIT * LIVE_UNIT;
    forest->step = forest->live / 2 < STEP_MIN ? STEP_MIN : forest->live / 2;
    GY_TRY(gy_forest_leaf_tables(&all, node, forest, forest->stride, GY_MASK_TARGETS, err));
    qsort(all, splits, sizeof(all[0]), by_feature);
    masks count = {.row = GY_NEW(node->arena, uint32_t, forest->live)};
    if (count.row == NULL)
        return gy_node_fail(node, GY_NO_MEMORY, err, "no memory for tables of trees");
    put_all(&count, forest, all, splits);
    static const gy_dtype types[] = {GY_UINT32, GY_FLOAT32, GY_UINT32, GY_UINT64, GY_UINT32};
    size_t counts[] = {count.column_count * COLUMN_FIELDS, count.threshold_count,
                       count.threshold_count + count.column_count, count.node_count + 3,
                       count.row_count * forest->live};
    if (count.node_count > UINT32_MAX)
        return gy_node_fail(node, GY_LIMIT, err, "%zu splits", splits);
    for (size_t i = 0; i < 5; i++)
        GY_TRY(gy_forest_add(&data[i], node, GY_MASK_COLUMNS + i, types[i], counts[i], err));
    masks to = {.columns = data[0],
                .thresholds = data[1],
                .ends = data[2],
                .nodes = data[3],
                .rows = data[4],
                .row = count.row};
    put_all(&to, forest, all, splits);
    forest->columns = to.column_count;
    // The words, then for each column the first and the end of a run and the row to apply.
    return gy_node_scratch(node, GY_UINT32, forest->live + 3 * forest->columns + ROWS_AT_ONCE - 1,
                           err);
}

// What a sample costs, in tenths of nanoseconds as measured on one processor: right within a third
// over forests of 20 to 1000 trees, which is enough to choose. Short runs need no branch that is
// hard to predict.
static uint64_t cost_of_masks(const gy_forest *forest, size_t words, size_t columns)
{
    uint64_t splits = forest->node_count - forest->leaves, live = forest->trees * words;
    bool has_rows = splits > columns * live;
    uint64_t run = has_rows ? columns * live / 4 : splits / 2;
    return columns * (splits > 8 * columns ? 120 : 25) + run * 5 + live * 12 +
           (has_rows ? columns * live * 3 / 10 : 0);
}

bool gy_forest_suits_masks(const gy_forest *forest, size_t leaves, size_t columns)
{
    if (leaves > GY_FOREST_LEAVES_MAX)
        return false;
    uint64_t steps = 0;
    for (size_t t = 0; t < forest->trees; t++)
        steps += forest->depths[t];
    return cost_of_masks(forest, leaves > GY_FOREST_LEAVES ? 2 : 1, columns) < steps * 12;
}

// ---- what is emitted, in the loop over samples

// How many splits of column c fail, by bisection without branches, and what they come to.
static void emit_search(const gy_node *node, const gy_forest *forest, size_t features, gy_text *out)
{
    gy_text_add(out,
                "        const uint32_t *column = %s + c * %d;\n"
                "        const float v = %s[n * %zu + column[%d]];\n"
                "        uint32_t at = column[%d];\n"
                "        for (uint32_t left = column[%d]; left > 0; left /= 2) {\n"
                "            const uint32_t half = (left + 1) / 2;\n"
                "            at += half & (0u - (uint32_t)!(v <= %s[at + half - 1]));\n"
                "        }\n",
                gy_forest_table(node, GY_MASK_COLUMNS), COLUMN_FIELDS, node->inputs[0]->c_name,
                features, FEATURE, THRESHOLD, THRESHOLDS,
                gy_forest_table(node, GY_MASK_THRESHOLDS));
    gy_text_add(out,
                "        const uint32_t failed = %s[at + c], steps = failed / %zu;\n"
                "        uint32_t row = steps == 0 ? 0 : column[%d] + steps;\n"
                "        uint32_t i = column[%d] + steps * %zu, end = column[%d] + failed;\n"
                "        if (v != v) {\n"
                "            row = column[%d];\n"
                "            i = column[%d];\n"
                "            end = column[%d];\n"
                "        }\n"
                "        firsts[c] = i;\n"
                "        ends[c] = end;\n"
                "        rows[count] = row;\n"
                "        count += row != 0;\n",
                gy_forest_table(node, GY_MASK_ENDS), forest->step, ROW, SPLIT, forest->step, SPLIT,
                NAN_ROW, NAN_SPLIT, NAN_END);
}

// Apply the columns' runs of splits, four at a time. The last four go on beyond the run's end,
// where they change nothing: one branch that nobody can predict is enough.
static void emit_runs(const gy_node *node, const gy_forest *forest, gy_text *out)
{
    const char *splits = gy_forest_table(node, GY_MASK_NODES);
    gy_text_add(out,
                "    for (size_t c = 0; c < %zu; c++) {\n"
                "        const uint32_t end = ends[c];\n"
                "        uint32_t i = firsts[c];\n"
                "        for (; i + 4 <= end; i += 4) {\n",
                forest->columns);
    for (int k = 0; k < 4; k++)
        gy_text_add(out, "            const uint64_t m%d = %s[i + %d];\n", k, splits, k);
    for (int k = 0; k < 4; k++)
        gy_text_add(out, "            live[m%d >> 32] &= (uint32_t)m%d;\n", k, k);
    gy_text_add(out, "        }\n");
    for (int k = 0; k < 3; k++)
        gy_text_add(
            out,
            "        const uint64_t m%d = %s[i + %d];\n"
            "        live[m%d >> 32] &= (uint32_t)m%d | (0u - (uint32_t)(i + %d >= end));\n",
            k, splits, k, k, k, k);
    gy_text_add(out, "    }\n");
}

static void emit_rows(const gy_node *node, const gy_forest *forest, gy_text *out)
{
    static const char names[] = "abcd";
    gy_text_add(out, "    while (count %% 4 != 0)\n"
                     "        rows[count++] = 0;\n"
                     "    for (size_t r = 0; r < count; r += 4) {\n");
    for (size_t k = 0; k < ROWS_AT_ONCE; k++)
        gy_text_add(out, "        const uint32_t *%c = %s + (size_t)rows[r + %zu] * %zu;\n",
                    names[k], gy_forest_table(node, GY_MASK_ROWS), k, forest->live);
    gy_text_add(out,
                "        for (size_t i = 0; i < %zu; i++)\n"
                "            live[i] &= (a[i] & b[i]) & (c[i] & d[i]);\n"
                "    }\n",
                forest->live);
}

static void emit_leaves(const gy_node *node, const gy_forest *forest, gy_text *out)
{
    gy_text_add(out, "    for (size_t t = 0; t < %zu; t++) {\n", forest->trees);
    if (forest->words == 1)
        gy_text_add(out, "        const uint32_t leaf = gy_lowest_bit(live[t]);\n");
    else
        gy_text_add(out, "        const uint32_t low = live[2 * t], high = live[2 * t + 1];\n"
                         "        const uint32_t leaf =\n"
                         "            low != 0 ? gy_lowest_bit(low) : 32 + gy_lowest_bit(high);\n");
    gy_text_add(out, "        const uint32_t value = %s[t * %zu + leaf];\n",
                gy_forest_table(node, GY_MASK_VALUES), forest->stride);
    if (forest->tree_target == NULL)
        gy_text_add(out,
                    "        for (size_t k = 0; k < %zu; k++)\n"
                    "            s[k] = s[k] + %s[(size_t)value * %zu + k];\n",
                    forest->targets, gy_forest_table(node, GY_MASK_TARGETS), forest->targets);
    else if (forest->targets == 1)
        gy_text_add(out, "        s[0] = s[0] + gy_bits_float(value);\n");
    else
        gy_text_add(out,
                    "        const uint32_t k = %s[t];\n"
                    "        s[k] = s[k] + gy_bits_float(value);\n",
                    gy_forest_table(node, GY_MASK_TARGETS));
    gy_text_add(out, "    }\n");
}

void gy_forest_emit_masks(const gy_node *node, const gy_forest *forest, size_t features,
                          gy_text *out)
{
    gy_text_add(out,
                "    uint32_t *live = %s, *firsts = live + %zu;\n"
                "    uint32_t *ends = firsts + %zu, *rows = ends + %zu;\n"
                "    size_t count = 0;\n"
                "    for (size_t i = 0; i < %zu; i++)\n"
                "        live[i] = 0xffffffffu;\n"
                "    for (size_t c = 0; c < %zu; c++) {\n",
                node->scratch->c_name, forest->live, forest->columns, forest->columns, forest->live,
                forest->columns);
    emit_search(node, forest, features, out);
    gy_text_add(out, "    }\n");
    emit_runs(node, forest, out);
    emit_rows(node, forest, out);
    gy_forest_emit_base(forest, 1, out);
    emit_leaves(node, forest, out);
}
