// SPDX-License-Identifier: Apache-2.0
//
// The judges at hand: a vote of nearest neighbours, randomised trees, and small networks (images:
// one with convolutions too; tables: a straight one, logistic regression). Each judges only what it
// has not learned from.

#include "value/judge.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/thread.h"
#include "rt/math.h"
#include "value/network.h"
#include "value/shrink.h"
#include "value/trees.h"

enum { FOLDS_IMAGES = 4, FOLDS_TABLES = 5, FOLDS_FEW = 10, FEW_ROWS = 2000 };
enum { TREES = 60, TREES_FEW = 200, TREES_FEW_ROWS = 10000 };
enum { VOTE_WIDTH = 10 }; // the distance of this neighbour is the width of the vote

// ---- folds

typedef struct fold_ticket {
    int32_t label;
    uint64_t order; // of the group: seed and id
    uint32_t row;
} fold_ticket;

static int by_ticket(const void *left, const void *right)
{
    const fold_ticket *a = left, *b = right;
    if (a->label != b->label)
        return a->label < b->label ? -1 : 1;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

// A number that hangs on seed and id alone (splitmix64's finish).
static uint64_t order_of(const gy_judge_case *matter, uint32_t row)
{
    uint64_t number = row;
    if (matter->samples->ids != NULL)
        for (size_t i = 0; i < 8; i++)
            number = number << 8 | matter->samples->ids[row].bytes[i];
    number += matter->seed * 0x9e3779b97f4a7c15u;
    number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9u;
    number = (number ^ number >> 27) * 0x94d049bb133111ebu;
    return number ^ number >> 31;
}

gy_status gy_judge_folds(uint8_t *fold_of, size_t folds, const gy_judge_case *matter,
                         gy_arena *scratch, gy_error *err)
{
    size_t rows = matter->samples->rows;
    gy_arena_mark mark = gy_arena_here(scratch);
    fold_ticket *tickets = GY_NEW(scratch, fold_ticket, rows);
    if (tickets == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to deal %zu samples to folds", rows);
    size_t count = 0;
    for (size_t row = 0; row < rows; row++)
        if (matter->groups[row] == row)
            tickets[count++] = (fold_ticket){matter->samples->labels[row],
                                             order_of(matter, (uint32_t)row), (uint32_t)row};
    qsort(tickets, count, sizeof(*tickets), by_ticket);
    for (size_t i = 0; i < count; i++)
        fold_of[tickets[i].row] = (uint8_t)(i % folds);
    for (size_t row = 0; row < rows; row++)
        fold_of[row] = fold_of[matter->groups[row]];
    gy_arena_rewind(scratch, mark);
    return GY_OK;
}

// ---- neighbours

static void vote(float *shares, const gy_judge_case *matter, size_t row)
{
    size_t classes = matter->samples->class_count;
    const gy_neighbor *near = matter->nearest + row * matter->neighbor_count;
    size_t width_at = matter->neighbor_count < VOTE_WIDTH ? matter->neighbor_count : VOTE_WIDTH;
    float width = near[width_at - 1].distance + 1e-12f, whole = 0.0f;
    for (size_t c = 0; c < classes; c++)
        shares[c] = 0.02f;
    for (size_t i = 0; i < matter->neighbor_count; i++) {
        size_t other = near[i].row;
        // A near duplicate knows the label: it was copied along.
        if (matter->groups[other] == matter->groups[row])
            continue;
        float weight = gy_expf(-0.5f * near[i].distance / width);
        for (size_t c = 0; matter->targets != NULL && c < classes; c++)
            shares[c] += weight * matter->targets[other * classes + c];
        if (matter->targets == NULL && matter->samples->labels[other] >= 0)
            shares[matter->samples->labels[other]] += weight;
    }
    for (size_t c = 0; c < classes; c++)
        whole += shares[c];
    for (size_t c = 0; c < classes; c++)
        shares[c] /= whole;
}

// ---- networks

typedef struct network_task {
    gy_network_training *training;
    const gy_network_data *data;
    gy_network_recipe recipe;
    uint32_t *learned, *judged; // rows
    size_t learned_count, judged_count;
    float *probabilities;
} network_task;

typedef struct network_plan {
    const char *name;
    gy_network_shape shape;
    gy_network_recipe recipe;
    const float *features;
    size_t cols;
} network_plan;

static gy_status run_tasks(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    (void)worker;
    (void)err;
    network_task *tasks = context;
    for (size_t i = begin; i < end; i++) {
        network_task *task = &tasks[i];
        gy_network_train(task->training, task->data, task->learned, task->learned_count,
                         &task->recipe);
        gy_network_predict(task->probabilities, NULL, task->training, task->data, task->judged,
                           task->judged_count);
    }
    return GY_OK;
}

// Inputs with mean 0 and variance 1 over all of them: one number each, so that components keep
// their proportions.
static void scale_inputs(gy_network_data *data, const network_plan *plan, size_t rows)
{
    double sum = 0.0, squares = 0.0, count = (double)(rows * plan->cols);
    for (size_t i = 0; i < rows * plan->cols; i++)
        sum += (double)plan->features[i];
    double mean = sum / count;
    for (size_t i = 0; i < rows * plan->cols; i++) {
        double off = (double)plan->features[i] - mean;
        squares += off * off;
    }
    data->features = plan->features;
    data->center = (float)mean;
    data->scale = squares > 0.0 ? (float)(1.0 / sqrt(squares / count)) : 1.0f;
}

static gy_status make_task(network_task *task, const network_plan *plan, gy_network_data *data,
                           const gy_judge_case *matter, size_t fold, const uint8_t *fold_of,
                           float *probabilities, gy_arena *arena, gy_error *err)
{
    size_t rows = matter->samples->rows;
    gy_network network;
    gy_network_plan(&network, &plan->shape);
    *task = (network_task){.data = data, .recipe = plan->recipe, .probabilities = probabilities};
    task->recipe.seed = matter->seed * 1000 + plan->recipe.seed + fold;
    task->learned = GY_NEW(arena, uint32_t, rows);
    task->judged = GY_NEW(arena, uint32_t, rows);
    if (task->learned == NULL || task->judged == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a fold of %zu samples", rows);
    for (size_t row = 0; row < rows; row++) {
        if (fold_of[row] == fold)
            task->judged[task->judged_count++] = (uint32_t)row;
        else if (matter->samples->labels[row] >= 0 || matter->targets != NULL)
            task->learned[task->learned_count++] = (uint32_t)row;
    }
    return gy_network_training_make(&task->training, &network, rows, arena, err);
}

static gy_status fill_targets(const float **targets, const gy_judge_case *matter, gy_arena *arena,
                              gy_error *err)
{
    *targets = matter->targets;
    if (matter->targets != NULL)
        return GY_OK;
    size_t rows = matter->samples->rows, classes = matter->samples->class_count;
    float *made = GY_NEW(arena, float, rows *classes);
    if (made == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu targets", rows);
    for (size_t row = 0; row < rows; row++)
        if (matter->samples->labels[row] >= 0)
            made[row * classes + (size_t)matter->samples->labels[row]] = 1.0f;
    *targets = made;
    return GY_OK;
}

// All folds of all networks in one loop, the long ones first, so that no thread waits long.
static gy_status run_networks(float **members, const network_plan *plans, size_t plan_count,
                              size_t folds, const gy_judge_case *matter, gy_arena *arena,
                              gy_error *err)
{
    size_t rows = matter->samples->rows;
    uint8_t *fold_of = GY_NEW(arena, uint8_t, rows);
    gy_network_data *data = GY_NEW(arena, gy_network_data, plan_count);
    network_task *tasks = GY_NEW(arena, network_task, plan_count * folds);
    if (fold_of == NULL || data == NULL || tasks == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the folds of %zu samples", rows);
    GY_TRY(gy_judge_folds(fold_of, folds, matter, arena, err));
    const float *targets;
    GY_TRY(fill_targets(&targets, matter, arena, err));
    for (size_t p = 0; p < plan_count; p++) {
        scale_inputs(&data[p], &plans[p], rows);
        data[p].targets = targets;
        for (size_t fold = 0; fold < folds; fold++)
            GY_TRY(make_task(&tasks[p * folds + fold], &plans[p], &data[p], matter, fold, fold_of,
                             members[p], arena, err));
    }
    return gy_thread_loop(plan_count * folds, 1, matter->threads, run_tasks, tasks, err);
}

// Few samples need more rounds; many learn as much in fewer.
static size_t epochs_for(size_t rows, size_t least, size_t most, size_t samples_seen)
{
    size_t epochs = samples_seen / rows;
    return epochs < least ? least : epochs > most ? most : epochs;
}

// Make every share positive, so that no judge alone can rule a class out.
static void soften(float *shares, size_t rows, size_t classes, float floor)
{
    float whole = 1.0f + floor * (float)classes;
    for (size_t i = 0; i < rows * classes; i++)
        shares[i] = (shares[i] + floor) / whole;
}

static size_t plan_networks(network_plan *plans, const gy_judge_case *matter,
                            const gy_samples *pixels)
{
    const gy_samples *flat = matter->projected;
    size_t classes = matter->samples->class_count, rows = matter->samples->rows, count = 0;
    if (pixels->width >= 8 && pixels->height >= 8)
        plans[count++] = (network_plan){
            .name = "convolutions",
            .shape = {pixels->channels, pixels->height, pixels->width, {8, 16}, 64, classes},
            .recipe = {.epochs = epochs_for(rows, 5, 30, 160000),
                       .batch = 64,
                       .rate = 0.004f,
                       .seed = 100},
            .features = pixels->features,
            .cols = pixels->cols};
    plans[count++] = (network_plan){.name = "network",
                                    .shape = {flat->cols, 1, 1, {0, 0}, 128, classes},
                                    .recipe = {.epochs = epochs_for(rows, 8, 60, 200000),
                                               .batch = rows < FEW_ROWS ? 16 : 64,
                                               .rate = 0.003f,
                                               .decay = 0.01f,
                                               .seed = 200},
                                    .features = flat->features,
                                    .cols = flat->cols};
    if (pixels->width == 0)
        plans[count++] = (network_plan){.name = "logistic",
                                        .shape = {flat->cols, 1, 1, {0, 0}, 0, classes},
                                        .recipe = {.epochs = epochs_for(rows, 10, 200, 400000),
                                                   .batch = rows < FEW_ROWS ? 16 : 64,
                                                   .rate = 0.01f,
                                                   .decay = 0.01f,
                                                   .seed = 300},
                                        .features = flat->features,
                                        .cols = flat->cols};
    return count;
}

static gy_status add_member(gy_judgement *judgement, const char *name, size_t rows, size_t classes,
                            gy_arena *arena, gy_error *err)
{
    assert(judgement->count < GY_JUDGES_MAX);
    float *member = GY_NEW(arena, float, rows *classes);
    if (member == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for what '%s' thinks of %zu samples", name,
                       rows);
    judgement->names[judgement->count] = name;
    judgement->members[judgement->count++] = member;
    return GY_OK;
}

gy_status gy_judge(gy_judgement *judgement, const gy_judge_case *matter, gy_arena *arena,
                   gy_error *err)
{
    size_t rows = matter->samples->rows, classes = matter->samples->class_count;
    gy_samples pixels;
    GY_TRY(gy_shrink(&pixels, matter->samples, arena, err));
    network_plan plans[3];
    size_t networks = plan_networks(plans, matter, &pixels);
    *judgement = (gy_judgement){0};
    for (size_t i = 0; i < networks; i++)
        GY_TRY(add_member(judgement, plans[i].name, rows, classes, arena, err));
    GY_TRY(add_member(judgement, "neighbours", rows, classes, arena, err));
    if (matter->targets == NULL)
        GY_TRY(add_member(judgement, "trees", rows, classes, arena, err));

    gy_arena_mark mark = gy_arena_here(arena);
    size_t folds = pixels.width > 0 ? FOLDS_IMAGES : rows < FEW_ROWS ? FOLDS_FEW : FOLDS_TABLES;
    GY_TRY(run_networks(judgement->members, plans, networks, folds, matter, arena, err));
    for (size_t i = 0; i < networks; i++)
        soften(judgement->members[i], rows, classes, 1e-6f);
    for (size_t row = 0; row < rows; row++)
        vote(judgement->members[networks] + row * classes, matter, row);
    if (matter->targets == NULL) {
        gy_samples seen = pixels.width > 0 ? *matter->projected : *matter->samples;
        gy_trees_recipe recipe = {rows <= TREES_FEW_ROWS ? TREES_FEW : TREES, 2, matter->seed,
                                  matter->threads};
        GY_TRY(gy_trees_judge(judgement->members[networks + 1], &seen, matter->groups, &recipe,
                              arena, err));
        soften(judgement->members[networks + 1], rows, classes, 5e-3f);
    }
    gy_arena_rewind(arena, mark);
    return GY_OK;
}
