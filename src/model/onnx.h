// SPDX-License-Identifier: Apache-2.0
//
// What the parts of the ONNX reader share. Field numbers are those of onnx.proto3.
#ifndef GYRE_MODEL_ONNX_H
#define GYRE_MODEL_ONNX_H

#include "base/map.h"
#include "model/model.h"
#include "model/wire.h"

enum {
    GY_ONNX_INLINED_BYTES_MAX = 1 << 28, // bodies of functions, each as often as it is called
    GY_ONNX_DEPTH_MAX = 16,              // subgraphs in subgraphs, functions in functions
    GY_ONNX_NODES_MAX = 1 << 20,         // of a model, functions inlined
    GY_ONNX_PORTS_MAX = 65536            // inputs or outputs of one node or graph
};

/** Names of one graph, function or subgraph; what a subgraph lacks is looked up outside. */
typedef struct gy_scope {
    gy_text_map names;   // to the tensor's address
    gy_tensor **tensors; // made here because a node named them
    size_t count, capacity;
    struct gy_scope *outer;
} gy_scope;

/** A local function of the model, not yet parsed. */
typedef struct gy_onnx_function {
    const char *domain, *name, *overload;
    gy_wire body;
    struct gy_onnx_function *next;
} gy_onnx_function;

/** Attributes that a call of a function gives to its body. */
typedef struct gy_onnx_call {
    gy_attribute *attributes;
    size_t count;
} gy_onnx_call;

/** What a model declares a tensor to be: an input, an output or any other (value_info). */
typedef struct gy_declared {
    const gy_tensor *tensor; // NULL while it is read
    bool has_type, has_shape;
    gy_dtype dtype;
    size_t rank;
    size_t shape[GY_RANK_MAX];
    const char *symbols[GY_RANK_MAX]; // a dimension's name, "" where it has none; NULL: a number
    struct gy_declared *next;
} gy_declared;

struct gy_onnx_reader;

/** Reads a GraphProto, as gy_onnx_graph does. */
typedef gy_status gy_onnx_graph_reader(gy_graph **graph, gy_wire wire, gy_scope *outer,
                                       const gy_onnx_call *call, struct gy_onnx_reader *reader,
                                       gy_error *err);

typedef struct gy_onnx_reader {
    gy_onnx_graph_reader
        *read_graph; // of attributes: graphs hold nodes, whose attributes hold graphs
    gy_model *model;
    gy_arena *arena; // the model's
    const gy_model_options *options;
    gy_opset *opsets; // that hold here: the model's, or a function's own
    size_t opset_count;
    gy_onnx_function *functions;
    gy_declared *declared; // of the model's own graph
    gy_tensor *absent;     // stands for a function's input that the call does not give
    size_t nodes;          // so far
    size_t inlined_bytes;
    size_t depth;
} gy_onnx_reader;

/** Our type for ONNX's TensorProto.DataType. GY_UNSUPPORTED: none. */
gy_status gy_onnx_dtype(gy_dtype *dtype, uint64_t onnx, gy_error *err) GY_CHECKED;
/** ONNX's number for our type. */
int gy_onnx_dtype_number(gy_dtype dtype);

/** Read a TensorProto into a new constant. */
gy_status gy_onnx_tensor(gy_tensor **tensor, gy_wire wire, gy_onnx_reader *reader,
                         gy_error *err) GY_CHECKED;

/** The bytes of a tensor that lie in another file: entries are its external_data. */
typedef struct gy_onnx_external {
    const char *location;
    size_t offset_bytes, length_bytes;
    bool has_length;
} gy_onnx_external;
gy_status gy_onnx_external_bytes(const unsigned char **bytes, size_t *size_bytes,
                                 const gy_onnx_external *external, gy_model *model,
                                 gy_error *err) GY_CHECKED;
void gy_onnx_externals_close(gy_model *model);

/** Read a ValueInfoProto. must_be_tensor: GY_UNSUPPORTED where it is a sequence, a map, ... */
gy_status gy_onnx_value_info(const char **name, gy_declared *declared, bool must_be_tensor,
                             gy_wire wire, gy_onnx_reader *reader, gy_error *err) GY_CHECKED;

/** GY_INVALID: a tensor of the inferred graph is not what the model declares it to be. */
gy_status gy_onnx_declared_check(const gy_onnx_reader *reader, gy_error *err) GY_CHECKED;

/** Read one AttributeProto. call: what a function was called with; NULL: not in a function.
 * *given false: it refers to an attribute that the call does not give. */
gy_status gy_onnx_attribute(gy_attribute *attribute, bool *given, gy_wire wire, gy_scope *scope,
                            const gy_onnx_call *call, gy_onnx_reader *reader,
                            gy_error *err) GY_CHECKED;

/** Read a GraphProto. outer: NULL for the model's own. */
gy_status gy_onnx_graph(gy_graph **graph, gy_wire wire, gy_scope *outer, const gy_onnx_call *call,
                        gy_onnx_reader *reader, gy_error *err) GY_CHECKED;

/** Read the OperatorSetIdProtos that stand in fields of that number into reader->opsets. */
gy_status gy_onnx_opsets(gy_wire wire, uint32_t number, gy_onnx_reader *reader,
                         gy_error *err) GY_CHECKED;

/** A growing list of nodes while a graph is read. */
typedef struct gy_node_list {
    gy_node **nodes;
    size_t count, capacity;
} gy_node_list;

/** Read a NodeProto; a call of a local function adds the function's nodes. */
gy_status gy_onnx_node(gy_node_list *list, gy_wire wire, gy_scope *scope, const gy_onnx_call *call,
                       gy_onnx_reader *reader, gy_error *err) GY_CHECKED;

/**
 * The tensor of that name, made if it is not there. is_read: outer scopes are asked first; what is
 * written is always of this scope.
 */
gy_status gy_scope_at(gy_tensor **tensor, gy_scope *scope, const char *name, bool is_read,
                      gy_arena *arena, gy_error *err) GY_CHECKED;
/** Put a tensor under a name. GY_FORMAT: the name is taken. */
gy_status gy_scope_put(gy_scope *scope, const char *name, gy_tensor *tensor,
                       gy_error *err) GY_CHECKED;
/** GY_FORMAT: a name was used that nothing makes. */
gy_status gy_scope_check(const gy_scope *scope, gy_error *err) GY_CHECKED;

#endif
