#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the small models of tests/data/models anew (needs the packages onnx, lightgbm and
onnxmltools). They are committed, so that tests need none; each is a net of its kind with seeded
weights, or trees that LightGBM grew on seeded rows with missing values.

Usage: make_models.py FOLDER
"""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
ML = [("ai.onnx.ml", 1)]


def save_graph(graph, path, opset=OPSET, domains=()):
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, v) for d, v in domains)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="gyre tests")
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


class Net:
    """A graph that grows node by node; every method returns the name of what it makes."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.constants = [], []

    def constant(self, array):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def weights(self, *shape):
        scale = np.sqrt(2 / max(1, int(np.prod(shape[1:]))))
        return self.constant((self.random.standard_normal(shape) * scale).astype(np.float32))

    def node(self, kind, inputs, outputs=1, **attributes):
        names = [f"t{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, name=f"{kind}_{len(self.nodes)}", **attributes))
        return names[0]

    def conv(self, x, inputs, outputs, kernel, bias=True, **attributes):
        groups = attributes.get("group", 1)
        parts = [x, self.weights(outputs, inputs // groups, *kernel)]
        if bias:
            parts.append(self.constant(self.random.standard_normal(outputs).astype(np.float32) * .1))
        return self.node("Conv", parts, kernel_shape=list(kernel), **attributes)

    def norm(self, x, channels):
        r = self.random
        values = [r.uniform(.5, 1.5, channels), r.standard_normal(channels) * .1,
                  r.standard_normal(channels) * .1, r.uniform(.5, 1.5, channels)]
        return self.node("BatchNormalization", [x, *(self.constant(v.astype(np.float32)) for v in values)])

    def gemm(self, x, inputs, outputs):
        bias = self.constant(self.random.standard_normal(outputs).astype(np.float32) * .1)
        return self.node("Gemm", [x, self.weights(outputs, inputs), bias], transB=1)

    def bytes(self, x, scale, zero, signed):
        """Through bytes and back: (what is read back, the pair of scale and zero point)."""
        kind = np.int8 if signed else np.uint8
        pair = [self.constant(np.float32(scale)), self.constant(kind(zero))]
        return self.node("DequantizeLinear", [self.node("QuantizeLinear", [x, *pair]), *pair]), pair

    def int8_weights(self, *shape, per_channel=True):
        """(the weights as read from int8, their scales)"""
        values = self.random.integers(-127, 128, shape).astype(np.int8)
        scales = self.random.uniform(.002, .006, shape[0] if per_channel else ()).astype(np.float32)
        attributes = {"axis": 0} if per_channel else {}
        return self.node("DequantizeLinear", [self.constant(values), self.constant(scales)], **attributes), scales

    def int32_bias(self, outputs, x_scale, scales):
        values = self.random.integers(-3000, 3000, outputs).astype(np.int32)
        scale = np.broadcast_to(np.float32(x_scale) * scales, (outputs,)).astype(np.float32)
        return self.node("DequantizeLinear", [self.constant(values), self.constant(scale)], axis=0)

    def quant_conv(self, x, x_scale, inputs, outputs, kernel, **attributes):
        w, scales = self.int8_weights(outputs, inputs // attributes.get("group", 1), *kernel)
        parts = [x, w, self.int32_bias(outputs, x_scale, scales)]
        return self.node("Conv", parts, kernel_shape=list(kernel), **attributes)

    def save(self, path, shape, result, result_shape, opset=OPSET, domains=(), kind=TensorProto.FLOAT):
        graph = helper.make_graph(
            self.nodes, path.stem,
            [helper.make_tensor_value_info("x", kind, ["batch", *shape])],
            [helper.make_tensor_value_info(result, TensorProto.FLOAT, ["batch", *result_shape])],
            self.constants)
        save_graph(graph, path, opset, domains)


def mlp(folder):
    net = Net(1)
    y = net.node("Relu", [net.gemm("x", 20, 37)])
    y = net.node("Relu", [net.gemm(y, 37, 70)])
    y = net.node("Softmax", [net.gemm(y, 70, 10)], axis=1)
    net.save(folder / "mlp.onnx", [20], y, [10])


def lenet(folder):
    net = Net(2)
    y = net.node("MaxPool", [net.node("Relu", [net.conv("x", 1, 8, (5, 5))])], kernel_shape=[2, 2], strides=[2, 2])
    y = net.node("MaxPool", [net.node("Relu", [net.conv(y, 8, 16, (5, 5))])], kernel_shape=[2, 2], strides=[2, 2])
    y = net.node("Flatten", [y])
    y = net.gemm(net.node("Relu", [net.gemm(y, 16, 20)]), 20, 10)
    net.save(folder / "lenet.onnx", [1, 16, 16], y, [10])


def cnn(folder):
    """Strides, odd paddings, dilation, groups, depthwise, both pools, batch norm, odd channels."""
    net = Net(3)
    y = net.node("Clip", [net.norm(net.conv("x", 3, 11, (3, 3), bias=False, strides=[2, 2], pads=[0, 0, 1, 1]), 11),
                          net.constant(np.float32(0)), net.constant(np.float32(6))])
    y = net.node("Relu", [net.norm(net.conv(y, 11, 11, (3, 3), group=11, pads=[1, 1, 1, 1]), 11)])
    y = net.node("Relu", [net.conv(y, 11, 24, (1, 1))])
    y = net.node("MaxPool", [y], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    y = net.node("Relu", [net.conv(y, 24, 18, (3, 3), group=3, dilations=[2, 2], pads=[2, 2, 2, 2])])
    y = net.node("AveragePool", [y], kernel_shape=[2, 2], strides=[1, 1], pads=[0, 1, 1, 0])
    y = net.node("Relu", [net.conv(y, 18, 33, (3, 1), pads=[1, 0, 1, 0])])
    y = net.node("Flatten", [net.node("GlobalAveragePool", [y])])
    net.save(folder / "cnn.onnx", [3, 17, 15], net.gemm(y, 33, 7), [7])


def residual(folder):
    net = Net(4)
    y = net.node("Relu", [net.conv("x", 2, 16, (3, 3), pads=[1, 1, 1, 1])])
    for _ in range(2):
        z = net.node("Relu", [net.norm(net.conv(y, 16, 16, (3, 3), bias=False, pads=[1, 1, 1, 1]), 16)])
        z = net.norm(net.conv(z, 16, 16, (3, 3), bias=False, pads=[1, 1, 1, 1]), 16)
        y = net.node("Relu", [net.node("Add", [z, y])])
    y = net.node("GlobalMaxPool", [y])
    y = net.gemm(net.node("Reshape", [y, net.constant(np.array([-1, 16], np.int64))]), 16, 5)
    net.save(folder / "residual.onnx", [2, 9, 9], y, [5])


def gated(folder):
    """Activations that are not fused, between convolutions with and without padding; a gate."""
    net = Net(8)
    y = net.node("LeakyRelu", [net.conv("x", 2, 12, (3, 3), pads=[1, 1, 1, 1])], alpha=.1)
    y = net.conv(y, 12, 12, (3, 3), group=12, pads=[1, 1, 1, 1])
    y = net.node("Mul", [y, net.node("Sigmoid", [y])])
    y = net.node("HardSwish", [net.conv(y, 12, 20, (1, 1))])
    y = net.node("Mul", [y, net.constant(np.float32(.5))])
    y = net.node("Tanh", [net.conv(y, 20, 6, (3, 3), strides=[2, 2])])
    net.save(folder / "gated.onnx", [2, 9, 9], net.node("Flatten", [y]), [96])


def attention(folder):
    """A block of a transformer: layer norm, matrix products, softmax, GELU."""
    net = Net(5)
    ones = net.constant(net.random.uniform(.5, 1.5, 24).astype(np.float32))
    x = net.node("LayerNormalization", ["x", ones], axis=-1)
    q, k, v = (net.node("MatMul", [x, net.weights(24, 24)]) for _ in range(3))
    scores = net.node("MatMul", [q, net.node("Transpose", [k], perm=[0, 2, 1])])
    y = net.node("MatMul", [net.node("Softmax", [scores], axis=-1), v])
    y = net.node("Add", [y, "x"])
    y = net.node("Mul", [y, net.node("Sigmoid", [y])])
    z = net.node("Erf", [net.node("Div", [y, net.constant(np.float32(np.sqrt(2)))])])
    y = net.node("Mul", [y, net.node("Add", [z, net.constant(np.float32(1))])])
    y = net.node("ReduceMean", [net.node("Tanh", [y])], axes=[1], keepdims=0)
    net.save(folder / "attention.onnx", [6, 24], y, [24])


def classes(folder):
    """As converters write a classifier: the label, a whole number, comes before the probabilities."""
    net = Net(8)
    shares = net.node("Softmax", [net.gemm(net.node("Relu", [net.gemm("x", 12, 16)]), 16, 5)])
    label = net.node("ArgMax", [shares], axis=1, keepdims=0)
    graph = helper.make_graph(
        net.nodes, "classes", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 12])],
        [helper.make_tensor_value_info(label, TensorProto.INT64, ["n"]),
         helper.make_tensor_value_info(shares, TensorProto.FLOAT, ["n", 5])], net.constants)
    save_graph(graph, folder / "classes.onnx")


def words(folder):
    """A classifier whose labels are words, and one of categories that refuses what it does not know."""
    node = helper.make_node("LinearClassifier", ["x"], ["label", "scores"], domain="ai.onnx.ml", name="model",
                            classlabels_strings=["ham", "spam", "other"], coefficients=[1., 0., 0., 1., .5, .5],
                            intercepts=[0., 0., 0.], post_transform="SOFTMAX")
    numbers = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2])]
    save_graph(helper.make_graph([node], "words", numbers,
                                 [helper.make_tensor_value_info("label", TensorProto.STRING, [1]),
                                  helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 3])]),
               folder / "words.onnx", domains=ML)
    node = helper.make_node("OneHotEncoder", ["x"], ["y"], domain="ai.onnx.ml", name="encoder",
                            cats_int64s=[1, 2, 3], zeros=0)
    save_graph(helper.make_graph([node], "categories", numbers,
                                 [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2, 3])]),
               folder / "categories.onnx", domains=ML)


def texts(folder):
    """Texts in and out, of the kind that would be code if they were not data."""
    cities = ["K\u00f6ln", "", "*/\n#error \"x\"\n/*", "\");exit(1);//", "??/", "a\\", "%s%n", "\x7f\x01\U0001f642"]
    jobs = ["cook", "pilot", "nurse"]
    kinds = ["desk", "\\\"", "desk"]
    draw = np.random.default_rng(4)
    coefficients = draw.normal(size=(3, 2 + len(cities) + 1)).astype("f4").ravel().tolist()
    ml = {"domain": "ai.onnx.ml"}
    nodes = [
        helper.make_node("OneHotEncoder", ["city"], ["city_3d"], cats_strings=cities, **ml),
        helper.make_node("Flatten", ["city_3d"], ["city_hot"]),
        helper.make_node("LabelEncoder", ["job"], ["job_number"], keys_strings=jobs, values_floats=[1., 2., 4.],
                         default_float=-1., **ml),
        helper.make_node("Concat", ["x", "city_hot", "job_number"], ["features"], axis=1),
        helper.make_node("LinearClassifier", ["features"], ["label", "scores"], classlabels_strings=["ham", "a \"b\" \\", "\u00fc"],
                         coefficients=coefficients, intercepts=[0., .1, .2], post_transform="SOFTMAX", **ml),
        helper.make_node("LabelEncoder", ["job"], ["kind_here"], keys_strings=jobs, values_strings=kinds, default_string="none", **ml),
        helper.make_node("Identity", ["kind_here"], ["kind"]),
    ]
    save_graph(helper.make_graph(
        nodes, "texts",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2]),
         helper.make_tensor_value_info("city", TensorProto.STRING, ["n", 1]),
         helper.make_tensor_value_info("job", TensorProto.STRING, ["n", 1])],
        [helper.make_tensor_value_info("label", TensorProto.STRING, ["n"]),
         helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 3]),
         helper.make_tensor_value_info("kind", TensorProto.STRING, ["n", 1])]), folder / "texts.onnx", domains=[("ai.onnx.ml", 3)])
    # A program knows of a text that comes in only where it stands in a list: it cannot give it back.
    text = [helper.make_tensor_value_info(name, TensorProto.STRING, ["n", 2]) for name in ("word", "again")]
    save_graph(helper.make_graph([helper.make_node("Identity", ["word"], ["again"])], "echo", text[:1], text[1:]),
               folder / "echo.onnx")


def lenet_int8(folder):
    """Bytes without a sign, pooled between bytes, flattened behind them."""
    net = Net(6)
    x, _ = net.bytes("x", .02, 100, False)
    y, pair = net.bytes(net.node("Relu", [net.quant_conv(x, .02, 1, 8, (5, 5))]), .03, 0, False)
    y = net.node("MaxPool", [y], kernel_shape=[2, 2], strides=[2, 2])
    y = net.node("DequantizeLinear", [net.node("QuantizeLinear", [y, *pair]), *pair])
    y = net.node("MaxPool", [net.node("Relu", [net.quant_conv(y, .03, 8, 17, (5, 5))])], kernel_shape=[2, 2], strides=[2, 2])
    y, _ = net.bytes(y, .09, 3, False)
    y = net.node("Flatten", [y])
    w, scales = net.int8_weights(20, 17)
    y = net.node("Gemm", [y, w, net.int32_bias(20, .09, scales)], transB=1)
    y, _ = net.bytes(net.node("Relu", [y]), .1, 0, False)
    w, scales = net.int8_weights(10, 20, per_channel=False)
    y = net.node("Softmax", [net.node("Gemm", [y, w, net.int32_bias(10, .1, scales)], transB=1)])
    net.save(folder / "lenet_int8.onnx", [1, 16, 16], y, [10])


def cnn_int8(folder):
    """Bytes with a sign, paddings, strides, groups, depthwise, Clip, a pool of 3 x 3, floats in between."""
    net = Net(7)
    six = [net.constant(np.float32(0)), net.constant(np.float32(6))]
    x, _ = net.bytes("x", .02, -7, True)
    y = net.node("Clip", [net.quant_conv(x, .02, 3, 12, (3, 3), strides=[2, 2], pads=[0, 0, 1, 1]), *six])
    y, _ = net.bytes(y, .023, -128, True)
    y = net.quant_conv(y, .023, 12, 12, (3, 3), group=12, pads=[1, 1, 1, 1])
    y, _ = net.bytes(y, .05, 4, True)
    y = net.node("Relu", [net.quant_conv(y, .05, 12, 20, (1, 1))])
    y, pair = net.bytes(y, .04, -128, True)
    y = net.node("MaxPool", [y], kernel_shape=[3, 3], strides=[2, 2])
    y = net.node("DequantizeLinear", [net.node("QuantizeLinear", [y, *pair]), *pair])
    z = net.quant_conv(y, .04, 20, 20, (3, 3), group=4, pads=[1, 1, 1, 1])
    z, _ = net.bytes(z, .06, 9, True)
    y, _ = net.bytes(net.node("Relu", [net.node("Add", [y, z])]), .07, -128, True)
    y, _ = net.bytes(net.node("GlobalAveragePool", [y]), .05, -100, True)
    y = net.node("Flatten", [y])
    w, scales = net.int8_weights(7, 20)
    y = net.node("Gemm", [y, w, net.int32_bias(7, .05, scales)], transB=1)
    y, _ = net.bytes(y, .08, 11, True)
    net.save(folder / "cnn_int8.onnx", [3, 17, 15], y, [7])


def boosted(path, classes, **shape):
    """Trees of LightGBM as its users export them: labels, and a column of scores a class."""
    import lightgbm
    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType
    random = np.random.default_rng(9)
    x = random.standard_normal((1500, 12)).astype(np.float32)
    sums = x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + np.abs(x[:, 3:7]).sum(1)
    y = np.digitize(sums, np.quantile(sums, np.linspace(0, 1, classes + 1)[1:-1]))
    x[random.random(x.shape) < .05] = np.nan
    model = lightgbm.LGBMClassifier(min_child_samples=5, n_jobs=1, verbose=-1, random_state=0, deterministic=True,
                                    force_row_wise=True, **shape).fit(x, y)
    exported = convert_lightgbm(model, initial_types=[("x", FloatTensorType(["batch", 12]))], target_opset=15,
                                zipmap=False)
    path.write_bytes(exported.SerializeToString())


def trees(folder):
    """Three classes, leaves that fit a word; two classes, trees too large for two words."""
    boosted(folder / "trees.onnx", 3, n_estimators=10, num_leaves=24)
    boosted(folder / "large_trees.onnx", 2, n_estimators=7, num_leaves=80)


def image_int8(folder):
    """Pixels that are scaled before they are quantised, activations between two scales, a change of the
    scale alone, a sum and a mean of bytes, kernels of one row and of dilated columns, windows of 2 x 2."""
    net = Net(8)
    number = [net.constant(np.float32(v)) for v in (1 / 90, .8)]
    x = net.node("Sub", [net.node("Mul", [net.node("Cast", ["x"], to=TensorProto.FLOAT), number[0]]), number[1]])
    x, _ = net.bytes(x, .011, 73, False)
    y = net.node("Relu", [net.quant_conv(x, .011, 1, 9, (3, 3), pads=[1, 1, 1, 1])])
    y, _ = net.bytes(net.node("MaxPool", [y], kernel_shape=[2, 2], strides=[2, 2]), .02, 0, False)
    y, _ = net.bytes(net.quant_conv(y, .02, 9, 9, (3, 3), group=9, pads=[2, 2, 2, 2], dilations=[2, 2]), .03, 120, False)
    y, _ = net.bytes(net.node("Mul", [y, net.node("HardSigmoid", [y])]), .02, 30, False)
    z, _ = net.bytes(net.quant_conv(y, .02, 9, 9, (3, 3), group=9, pads=[1, 1, 1, 1]), .04, 0, False)
    y, _ = net.bytes(net.node("Relu", [net.node("Add", [y, z])]), .05, 0, False)
    y, _ = net.bytes(y, .07, 9, False)
    y = net.node("MaxPool", [net.quant_conv(y, .07, 9, 6, (1, 2), strides=[2, 1], pads=[2, 1, 1, 0])],
                 kernel_shape=[2, 2], strides=[2, 2])
    y, _ = net.bytes(y, .1, 128, False)
    y, _ = net.bytes(net.quant_conv(y, .1, 6, 6, (5, 5), group=6, strides=[1, 2], pads=[2, 2, 2, 2]), .15, 128, False)
    y, _ = net.bytes(net.node("GlobalAveragePool", [y]), .03, 100, False)
    w, scales = net.int8_weights(5, 6)
    y = net.node("Gemm", [net.node("Flatten", [y]), w, net.int32_bias(5, .03, scales)], transB=1)
    net.save(folder / "image_int8.onnx", [1, 14, 19], y, [5], kind=TensorProto.UINT8)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for make in (mlp, lenet, cnn, residual, attention, lenet_int8, cnn_int8, image_int8, gated, trees, classes,
                 words, texts):
        make(folder)


main()
