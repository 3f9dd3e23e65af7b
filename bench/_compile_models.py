# SPDX-License-Identifier: Apache-2.0
"""The nets of the compiler's benchmarks, with seeded weights: what counts is their shape."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Net:
    def __init__(self):
        self.random = np.random.default_rng(0)
        self.nodes, self.constants = [], []

    def weights(self, *shape):
        scale = np.sqrt(2 / max(1, int(np.prod(shape[1:])))) if len(shape) > 1 else .1
        name = f"w{len(self.constants)}"
        array = (self.random.standard_normal(shape) * scale).astype(np.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def node(self, kind, inputs, **attributes):
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=f"{kind}_{name}", **attributes))
        return name

    def conv(self, x, inputs, outputs, kernel, stride=1, pads=None, groups=1, relu=True):
        pads = pads or [kernel[0] // 2, kernel[1] // 2] * 2
        y = self.node("Conv", [x, self.weights(outputs, inputs // groups, *kernel), self.weights(outputs)],
                      kernel_shape=list(kernel), strides=[stride] * 2, pads=pads, group=groups)
        return self.node("Relu", [y]) if relu else y

    def gemm(self, x, inputs, outputs, relu=False):
        y = self.node("Gemm", [x, self.weights(outputs, inputs), self.weights(outputs)], transB=1)
        return self.node("Relu", [y]) if relu else y

    def save(self, path, shape, y, outputs):
        graph = helper.make_graph(self.nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                                  [helper.make_tensor_value_info(y, TensorProto.FLOAT, [shape[0], outputs])],
                                  self.constants)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
        return shape, y, outputs


def mlp(path, batch):
    net = Net()
    y = net.gemm(net.gemm("x", 784, 256, True), 256, 128, True)
    y = net.node("Softmax", [net.gemm(y, 128, 10)], axis=1)
    return net.save(path, [batch, 784], y, 10)


def lenet(path, batch):
    net, half = Net(), {"kernel_shape": [2, 2], "strides": [2, 2]}
    y = net.node("MaxPool", [net.conv("x", 1, 8, (5, 5), pads=[0] * 4)], **half)
    y = net.node("MaxPool", [net.conv(y, 8, 16, (5, 5), pads=[0] * 4)], **half)
    y = net.gemm(net.gemm(net.node("Flatten", [y]), 256, 64, True), 64, 10)
    return net.save(path, [batch, 1, 28, 28], y, 10)


def dscnn(path, batch):
    """Keyword spotting as in MLPerf Tiny: 49 x 10 inputs, 64 channels."""
    net = Net()
    y = net.conv("x", 1, 64, (10, 4), stride=2, pads=[4, 1, 5, 1])
    for _ in range(4):
        y = net.conv(net.conv(y, 64, 64, (3, 3), groups=64), 64, 64, (1, 1))
    y = net.gemm(net.node("Flatten", [net.node("GlobalAveragePool", [y])]), 64, 12)
    return net.save(path, [batch, 1, 49, 10], y, 12)


def mobilenet(path, batch):
    """MobileNetV1, width 0.25, 96 x 96."""
    net, steps = Net(), [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
    steps += [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
    y, inputs = net.conv("x", 3, 8, (3, 3), stride=2, pads=[0, 0, 1, 1]), 8
    for outputs, stride in steps:
        pads = [0, 0, 1, 1] if stride == 2 else None
        y = net.conv(y, inputs, inputs, (3, 3), stride=stride, pads=pads, groups=inputs)
        y = net.conv(y, inputs, outputs // 4, (1, 1))
        inputs = outputs // 4
    y = net.gemm(net.node("Flatten", [net.node("GlobalAveragePool", [y])]), inputs, 10)
    return net.save(path, [batch, 3, 96, 96], y, 10)


NETS = {"mlp": mlp, "lenet": lenet, "dscnn": dscnn, "mobilenet": mobilenet}
