// SPDX-License-Identifier: Apache-2.0
//
// What the files that lower one kind of operator share.
#ifndef GYRE_COMPILE_LOWERING_H
#define GYRE_COMPILE_LOWERING_H

#include "compile/lowered_ops.h"
#include "model/ops/support/window.h"

/** What lowering knows of a tensor of the original graph. */
typedef struct gy_lowering_tensor {
    const gy_tensor *from;
    size_t uses;           // by nodes and as outputs of the graph
    gy_node *user;         // of one use; NULL: an output of the graph
    gy_image_shape wanted; // the border that convolutions which read it need
    gy_tensor *plain;      // in the lowered graph, in the order of ONNX; NULL: not made
    gy_tensor *image;      // with channels last; NULL: not made
    gy_image_shape shape;  // of image
    int border_byte;       // what its border is filled with
    const struct gy_lowering_tensor *flat; // it is that image's channels and pixels in one row
} gy_lowering_tensor;

typedef struct gy_lowering {
    const gy_graph *from;
    gy_graph *to;
    size_t node_room; // of to->nodes
    gy_arena *arena;
    gy_lowering_tensor *tensors; // sorted by address of `from`
    size_t tensor_count;
    size_t made; // names of new nodes are numbered
} gy_lowering;

enum { GY_LOWERED = 100 }; // gy_node.mark of a node that has been taken care of

/** List the tensors of l->from in l->tensors. */
gy_status gy_lowering_collect(gy_lowering *l, gy_error *err) GY_CHECKED;
gy_lowering_tensor *gy_lowering_of(const gy_lowering *l, const gy_tensor *tensor);
/** The one node that uses a tensor and nothing else does; NULL: none, or several. */
gy_node *gy_lowering_sole_user(const gy_lowering *l, const gy_tensor *tensor);
bool gy_node_is(const gy_node *node, const char *type); // of ONNX's own domain

/** The tensor in ONNX's order, as original nodes want it. */
gy_status gy_lowering_plain(gy_tensor **tensor, gy_lowering *l, const gy_tensor *from,
                            gy_error *err) GY_CHECKED;
/**
 * The tensor as an image with at least that border. NULL border: any.
 * @param shape [out] its sizes, border included; a tensor of rank 2 is N × C with one pixel.
 */
gy_status gy_lowering_image(gy_tensor **tensor, gy_image_shape *shape, gy_lowering *l,
                            const gy_tensor *from, const gy_image_shape *border,
                            gy_error *err) GY_CHECKED;
/** The tensor as an image without a border. */
gy_status gy_lowering_dense(gy_tensor **tensor, gy_image_shape *shape, gy_lowering *l,
                            const gy_tensor *from, gy_error *err) GY_CHECKED;
/** N, C, H, W of a tensor of rank 2 to 4 seen as an image without border; false: it is none. */
bool gy_lowering_as_image(gy_image_shape *shape, const gy_tensor *tensor);

/** A new node with one output at the end of the lowered graph. */
gy_status gy_lowering_add(gy_node **node, gy_lowering *l, const gy_op *op, const char *name,
                          size_t inputs, gy_error *err) GY_CHECKED;
/** Give an original tensor the image that a new node makes; the border is what its users want. */
gy_status gy_lowering_make_image(gy_tensor **tensor, gy_image_shape *shape, gy_lowering *l,
                                 const gy_tensor *from, gy_error *err) GY_CHECKED;

// Each looks at one original node: *done tells whether it, and what was fused, is lowered.
gy_status gy_lower_quant_conv(bool *done, gy_lowering *l, gy_node *node, gy_error *err) GY_CHECKED;
gy_status gy_lower_quant_pool(bool *done, gy_lowering *l, gy_node *node, gy_error *err) GY_CHECKED;
gy_status gy_lower_quant_sum(bool *done, gy_lowering *l, gy_node *node, gy_error *err) GY_CHECKED;
gy_status gy_lower_table(bool *done, gy_lowering *l, gy_node *node, gy_error *err) GY_CHECKED;
gy_status gy_lower_requantize(bool *done, gy_lowering *l, gy_node *node, gy_error *err) GY_CHECKED;
gy_status gy_lower_conv(bool *done, gy_lowering *l, gy_node *node, gy_error *err) GY_CHECKED;
gy_status gy_lower_product(bool *done, gy_lowering *l, gy_node *node, gy_error *err) GY_CHECKED;
gy_status gy_lower_pool(bool *done, gy_lowering *l, gy_node *node, gy_error *err) GY_CHECKED;
gy_status gy_lower_element(bool *done, gy_lowering *l, gy_node *node, gy_error *err) GY_CHECKED;
gy_status gy_lower_view(bool *done, gy_lowering *l, gy_node *node, gy_error *err) GY_CHECKED;

/** The border that a convolution reads around its input. */
void gy_lowering_border(gy_image_shape *border, const gy_window *window);
/** The geometry of a convolution; state->x gets the border that it needs. */
void gy_lowering_conv_geometry(gy_conv_state *state, const gy_node *node, const gy_window *window);
/** That of a product: a convolution of one pixel. */
void gy_lowering_product_geometry(gy_conv_state *state);
/** Let an original tensor be another one under its own shape. */
gy_status gy_lowering_view(gy_lowering *l, const gy_tensor *from, const gy_tensor *to,
                           gy_error *err) GY_CHECKED;

/** Quantised bytes behind a float tensor: y = (bytes - zero) × scale. */
typedef struct gy_lowering_bytes {
    const gy_tensor *tensor; // int8 or uint8
    float scale;
    int32_t zero;
    bool is_flat; // it reads the bytes as one row an image
} gy_lowering_bytes;
/** Whether a tensor is made from bytes by DequantizeLinear with one scale, and reshapes. */
bool gy_lowering_find_bytes(gy_lowering_bytes *bytes, const gy_tensor *tensor);
/** Whether a node is QuantizeLinear with one scale; which bytes it makes. */
bool gy_lowering_makes_bytes(gy_lowering_bytes *bytes, const gy_node *node);
bool gy_node_is_reshape(const gy_node *node);

#endif
