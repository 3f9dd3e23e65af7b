// SPDX-License-Identifier: Apache-2.0
//
// Where every tensor of a lowered graph lies while a program runs.
#ifndef GYRE_COMPILE_PLAN_H
#define GYRE_COMPILE_PLAN_H

#include "model/graph.h"

typedef enum gy_plan_place {
    GY_PLACE_ARENA,   // at offset_bytes of the caller's memory
    GY_PLACE_INPUT,   // the caller's input `number`
    GY_PLACE_OUTPUT,  // the caller's output `number`
    GY_PLACE_CONSTANT // the program's constant `number`
} gy_plan_place;

/** One tensor. Several share a storage: views, and outputs computed in place. */
typedef struct gy_planned {
    gy_tensor *tensor;
    size_t storage; // index of the tensor that the storage is planned with
    gy_plan_place place;
    size_t number, offset_bytes, size_bytes;
    size_t first, last; // nodes from and to which the storage must hold
    size_t order;       // of first use in the graph: breaks ties
} gy_planned;

typedef struct gy_plan {
    gy_planned *tensors; // sorted by address of `tensor`
    size_t count;
    size_t arena_bytes;
    size_t floor_bytes; // the most that is alive at one node: no plan is smaller
    size_t worst_node;  // where that is
    gy_tensor **constants;
    size_t constant_count;
    size_t constant_bytes;
} gy_plan;

/** Plan a graph's memory: best fit by size over lifetimes. */
gy_status gy_plan_make(gy_plan *plan, const gy_graph *graph, size_t align_bytes, gy_arena *arena,
                       gy_error *err) GY_CHECKED;

/** The planned storage of a tensor. */
const gy_planned *gy_plan_of(const gy_plan *plan, const gy_tensor *tensor);
/** Whether a node's first output is computed in the memory of one of its inputs. */
bool gy_plan_in_place(const gy_plan *plan, const gy_node *node);

#endif
