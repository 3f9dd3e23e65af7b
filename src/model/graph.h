// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_MODEL_GRAPH_H
#define GYRE_MODEL_GRAPH_H

#include "base/arena.h"
#include "gyre/model.h"

/**
 * One value of a graph: an input, a constant, or what a node makes. data is set for constants (they
 * may lie in the mapped file, unaligned: read them through gy_tensor_f32 and its kin or memcpy)
 * and, while the reference runs, for all.
 */
typedef struct gy_tensor {
    const char *name;   // in the model; for messages alone, never in emitted code
    const char *c_name; // set by compile before emission: "t12", "w3"
    gy_dtype dtype;
    size_t rank;
    size_t shape[GY_RANK_MAX];
    size_t count; // elements; 1 for rank 0
    const void *data;
    bool is_constant;
    bool is_input, is_output;
    struct gy_node *producer; // NULL: input or constant
    // As the model declares an input or output: its dimensions' names, "" where it gives neither
    // name nor number, NULL where it gives a number. NULL: nothing is symbolic.
    const char *const *dimensions;
    size_t mark; // of who walks over a graph's tensors
    // Data of a constant that lies unaligned in the file is copied before the reference reads it.
    bool is_unaligned;
} gy_tensor;

typedef enum gy_attribute_kind {
    GY_ATTRIBUTE_FLOAT,
    GY_ATTRIBUTE_INT,
    GY_ATTRIBUTE_STRING,
    GY_ATTRIBUTE_TENSOR,
    GY_ATTRIBUTE_GRAPH,
    GY_ATTRIBUTE_FLOATS,
    GY_ATTRIBUTE_INTS,
    GY_ATTRIBUTE_STRINGS
} gy_attribute_kind;

typedef struct gy_attribute {
    const char *name;
    gy_attribute_kind kind;
    size_t count;
    float number;
    int64_t integer;
    const char *text; // NUL-terminated
    size_t text_length;
    gy_tensor *tensor;
    struct gy_graph *graph;
    const float *floats;
    const int64_t *ints;
    const char *const *strings;
} gy_attribute;

typedef struct gy_node {
    const char *name; // in the model, else "TYPE_NUMBER"; for messages alone
    const struct gy_op *op;
    gy_attribute *attributes;
    size_t attribute_count;
    gy_tensor **inputs; // NULL entry: an optional input that is not given
    gy_tensor **outputs;
    size_t input_count, output_count;
    int opset; // of its domain in this model
    // For ops that carry decoded parameters from infer to eval and emit. In the graph's arena.
    void *state;
    // Constants that the op made in infer (the tables of trees): emitted as constant inputs are,
    // but no part of the model when it is written back.
    gy_tensor **tables;
    size_t table_count;
    gy_tensor *scratch; // memory that the op needs while it runs, uninitialised; NULL: none
    gy_arena *arena;    // the graph's: what infer may take from
    int mark;           // of gy_graph_sort; 0: no part of the graph, nothing needs it
} gy_node;

/** The version of an operator set that a model is written against. */
typedef struct gy_opset {
    const char *domain; // "" for ai.onnx
    int version;
} gy_opset;

/** Nodes stand in an order in which every input is made before it is used. */
typedef struct gy_graph {
    const char *name;
    gy_node **nodes;
    size_t node_count;
    gy_tensor **inputs, **outputs;
    size_t input_count, output_count;
    gy_opset *opsets;
    size_t opset_count;
    int ir_version;
    bool reads_shapes; // a constant comes from the shape of what changes, so from the batch too
    gy_arena *arena;
} gy_graph;

/** The graph of a model. compile and compress work on it. */
gy_graph *gy_model_graph(gy_model *model);

/** The attribute of that name; NULL: not given. */
const gy_attribute *gy_node_attribute(const gy_node *node, const char *name);
int64_t gy_node_int(const gy_node *node, const char *name, int64_t otherwise);
float gy_node_float(const gy_node *node, const char *name, float otherwise);
/** A list of ints; count 0: not given. */
const int64_t *gy_node_ints(const gy_node *node, const char *name, size_t *count);
const char *gy_node_string(const gy_node *node, const char *name, const char *otherwise);

/** A new node of a kind of operator, with room for its inputs and outputs (all NULL). It is in no
 * graph's list yet. NULL: no memory. */
gy_node *gy_node_new(gy_arena *arena, const struct gy_op *op, int opset, const char *name,
                     size_t inputs, size_t outputs);
/** A new tensor without type and shape; NULL: no memory. */
gy_tensor *gy_tensor_new(gy_arena *arena, const char *name);
/** A new constant of that type and shape with room for its elements, zeroed (in *data). */
gy_status gy_tensor_constant(gy_tensor **tensor, void **data, gy_arena *arena, const char *name,
                             gy_dtype dtype, const size_t *shape, size_t rank,
                             gy_error *err) GY_CHECKED;

/** Give tensor the type and shape of other. */
void gy_tensor_like(gy_tensor *tensor, const gy_tensor *other);
/** Set type and shape; computes count. GY_LIMIT: over 2^31 elements. */
gy_status gy_tensor_set(gy_tensor *tensor, gy_dtype dtype, const size_t *shape, size_t rank,
                        gy_error *err) GY_CHECKED;

/** Copy a constant that lies unaligned in its file, so that the reference may read it in place. */
gy_status gy_tensor_align(gy_tensor *tensor, gy_arena *arena, gy_error *err) GY_CHECKED;

/** Element i of a constant of any numeric type. */
int64_t gy_tensor_int_at(const gy_tensor *tensor, size_t i); // a fraction is cut
double gy_tensor_number_at(const gy_tensor *tensor, size_t i);
const char *gy_tensor_string_at(const gy_tensor *tensor, size_t i); // of GY_STRING

/**
 * Put the graph's nodes in order of use and drop those that nothing needs, infer every type and
 * shape, and compute what hangs on constants alone.
 * @return GY_OK; GY_FORMAT: a circle; GY_UNSUPPORTED and others from an operator's infer.
 */
gy_status gy_graph_infer(gy_graph *graph, gy_error *err) GY_CHECKED;
/** Only the order: nodes that nothing needs are dropped. */
gy_status gy_graph_sort(gy_graph *graph, gy_error *err) GY_CHECKED;

/** Run one node whose inputs have data; its outputs live in arena. */
gy_status gy_node_run(gy_node *node, gy_arena *arena, gy_error *err) GY_CHECKED;
/** Run the nodes of a graph whose inputs have data; what they make lives in arena. */
gy_status gy_graph_run(gy_graph *graph, gy_arena *arena, gy_error *err) GY_CHECKED;

/**
 * Whether the samples of a batch (the inputs' first axes) never meet: many in one call give what
 * each gives in a call of its own. false: they meet, or it cannot be shown. It reads the model for
 * one sample and for several, whatever options say of the batch, and runs nothing.
 */
gy_status gy_model_apart(bool *apart, const char *path, const gy_model_options *options,
                         gy_error *err) GY_CHECKED;

/** Write a graph as an ONNX file's bytes. */
gy_status gy_onnx_write(gy_text *out, const gy_graph *graph, gy_error *err) GY_CHECKED;

#endif
