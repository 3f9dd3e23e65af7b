#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Models that gyre compress wrote, in ONNX Runtime and in gyre infer, on real images.

Nets with seeded filters and heads fitted to Fashion-MNIST (Debian's dataset-fashion-mnist) are
compressed; ONNX Runtime, with its graph optimisations off (its int8 kernels may saturate on
processors without VNNI), must load each result and agree with gyre infer on all 10,000 test images. It
adds floats where we add integers, but the scales are such that neither rounds: every output has the same
bits, and in a fifth of the images every tensor of bytes is looked at, too. Where the two compute another
function between bytes (Sigmoid and the like are approximations, each of its own), every output is
within one step (of eight bits over their range) and at least 99.9 % of the labels are the same.

usage: compressed.py GYRE
"""

import gzip
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
from tap import Tap  # noqa: E402

IMAGES = pathlib.Path("/usr/share/datasets/fashion-mnist")
FITTED, CALIBRATED, JUDGED = 3000, 600, 10000
SAME_MIN = 0.999


def find_python():
    """Go on in a Python that has the packages: this one, $PYTHON, or the project's own."""
    try:
        import numpy, onnx, onnxruntime  # noqa: F401, E401
        return
    except ImportError:
        pass
    for python in (os.environ.get("PYTHON"), SOURCE / ".venv/bin/python"):
        if python and os.path.exists(python) and os.environ.get("GYRE_COMPRESSED") is None:
            os.environ["GYRE_COMPRESSED"] = "1"
            os.execv(python, [str(python), *sys.argv])
    tap = Tap("model")
    tap.skip("compressed", "onnx or onnxruntime is not installed (tools/setup does it)")
    tap.done()


def images(part, count):
    """Images of 1 x 28 x 28 between 0 and 1, and their labels."""
    import numpy
    pixels = gzip.decompress((IMAGES / f"{part}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((IMAGES / f"{part}-labels-idx1-ubyte.gz").read_bytes())
    x = numpy.frombuffer(pixels, numpy.uint8, count * 784, 16).reshape(count, 1, 28, 28)
    return x.astype(numpy.float32) / numpy.float32(255), numpy.frombuffer(labels, numpy.uint8, count, 8)


class Net:
    """Layers one after the other, with seeded weights; a head that is fitted ends it."""

    def __init__(self):
        import numpy
        self.random = numpy.random.default_rng(0)
        self.nodes, self.constants, self.result = [], [], "x"

    def constant(self, array):
        import numpy
        from onnx import numpy_helper
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(numpy.asarray(array, numpy.float32), name))
        return name

    def node(self, kind, *inputs, **attributes):
        from onnx import helper
        made = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, [self.result, *inputs], [made], made, **attributes))
        self.result = made
        return self

    def conv(self, inputs, outputs, kernel, groups=1, **attributes):
        size = (outputs, inputs // groups, kernel, kernel)
        spread = (2 / (size[1] * kernel * kernel)) ** 0.5
        return self.node("Conv", self.constant(self.random.normal(0, spread, size)),
                         self.constant(self.random.normal(0, 0.05, outputs)),
                         kernel_shape=[kernel, kernel], group=groups, **attributes)

    def gemm(self, inputs, outputs):
        weights = self.random.normal(0, (2 / inputs) ** 0.5, (outputs, inputs))
        bias = self.random.normal(0, 0.05, outputs)
        return self.node("Gemm", self.constant(weights), self.constant(bias), transB=1)

    def norm(self, channels):
        bounds = ((0.5, 1.5), (-0.1, 0.1), (-0.1, 0.1), (0.5, 1.5))
        values = [self.constant(self.random.uniform(low, high, channels)) for low, high in bounds]
        return self.node("BatchNormalization", *values)

    def clip(self, most):
        return self.node("Clip", self.constant(0), self.constant(most))

    def add(self, other):
        return self.node("Add", other)

    def model(self, shape):
        from onnx import TensorProto, helper
        ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *rest]) for name, rest in
                 (("x", (1, 28, 28)), (self.result, shape))]
        graph = helper.make_graph(self.nodes, "net", ports[:1], ports[1:], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    def fit(self, features, x, y):
        """End in the least squares (with a little ridge) of the classes on what comes out so far."""
        import numpy
        made = by_ort(self.model((features,)).SerializeToString(), x).astype(numpy.float64)
        made = numpy.hstack([made, numpy.ones((len(made), 1))])
        square = made.T @ made
        square[numpy.diag_indices_from(square)] += 1e-3 * numpy.trace(square) / len(square)
        head = numpy.linalg.solve(square, made.T @ numpy.eye(10)[y])
        self.node("Gemm", self.constant(head[:-1].T), self.constant(head[-1]), transB=1)
        return self.model((10,))


def nets(x, y):
    """Name and model of each, and whether floats compute nothing in it that may round."""
    half = {"kernel_shape": [2, 2], "strides": [2, 2]}
    same = {"pads": [1, 1, 1, 1]}
    net = Net().node("Flatten").gemm(784, 256).node("Relu").gemm(256, 300).node("Relu")
    yield "dense", net.fit(300, x, y), True
    net = Net().conv(1, 8, 5).node("Relu").node("MaxPool", **half).conv(8, 24, 5).node("Relu").node("MaxPool", **half)
    yield "convolutions and pools", net.node("Flatten").fit(24 * 16, x, y), True
    net = Net().conv(1, 24, 3, strides=[2, 2], **same).norm(24).node("Relu")
    for _ in range(2):
        net.conv(24, 24, 3, groups=24, **same).norm(24).node("Relu").conv(24, 24, 1).norm(24).node("Relu")
    net.node("AveragePool", **half).node("Flatten")
    yield "depthwise convolutions", net.fit(24 * 49, x, y), True
    net = Net().conv(1, 16, 3, strides=[2, 2], **same).node("Relu")
    for _ in range(2):
        start = net.result
        net.conv(16, 16, 3, **same).node("Relu").conv(16, 16, 3, **same).add(start).node("Relu")
    net.node("MaxPool", **half).node("Flatten")
    yield "residual", net.fit(16 * 49, x, y), True
    yield "inverted residuals", inverted().fit(32 * 10, x, y), True
    net = Net().conv(1, 16, 3, strides=[2, 2], **same).node("HardSigmoid").conv(16, 16, 3, strides=[2, 2], **same)
    start = net.result
    net.node("Sigmoid").node("Mul", start).conv(16, 24, 3, **same).node("LeakyRelu", alpha=0.1).node("Flatten")
    yield "functions in floats", net.fit(24 * 49, x, y), False


def inverted():
    """As MobileNetV2: wide depthwise convolutions cut at 6, narrow sums of both signs, means at the end."""
    net = Net().conv(1, 12, 3, strides=[2, 2], pads=[1, 1, 1, 1]).clip(6)
    for step in (1, 2, 1):
        start = net.result
        net.conv(12, 36, 1).norm(36).clip(6)
        net.conv(36, 36, 3, groups=36, strides=[step, step], pads=[1, 1, 1, 1]).norm(36).clip(6).conv(36, 12, 1).norm(12)
        if step == 1:
            net.add(start)
    start = net.conv(12, 32, 1).clip(6).result
    means = net.node("GlobalAveragePool").node("Flatten").result
    net.result = start
    return net.node("AveragePool", kernel_shape=[2, 2], strides=[2, 2]).node("Flatten").node("Concat", means, axis=1)


def run_ort(model, x):
    """All outputs, a list."""
    import numpy
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    parts = [session.run(None, {"x": x[i:i + 250]}) for i in range(0, len(x), 250)]
    return [numpy.concatenate(made) for made in zip(*parts)]


def by_ort(model, x):
    return run_ort(model, x)[0]


def run(gyre, *arguments):
    done = subprocess.run([gyre, *map(str, arguments), "--quiet"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"gyre {arguments[0]}: {done.stderr.strip()}")


def by_gyre(gyre, path, x, folder, options=("--batch", 50)):
    """All outputs, a list."""
    import numpy
    numpy.savez(folder / "in.npz", x=x)
    run(gyre, "infer", path, "-i", folder / "in.npz", "-o", folder / "out.npz", *options)
    with numpy.load(folder / "out.npz") as arrays:
        return [arrays[name] for name in arrays.files]


def show_bytes(path, shown):
    """Write the model with its tensors of bytes as outputs too; how many there are."""
    import onnx
    from onnx import TensorProto, helper
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    made = [node.output[0] for node in model.graph.node if node.op_type == "QuantizeLinear"]
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.UINT8, None) for name in made)
    onnx.save(model, shown)
    return len(made)


def first_steps(ours, theirs):
    """By how many steps the first tensor of bytes that differs does, for each image; 0: none does."""
    import numpy
    first = numpy.zeros(len(ours[0]), int)
    for a, b in zip(ours, theirs):
        off = numpy.abs(a.astype(int) - b.astype(int)).reshape(len(a), -1).max(1)
        first = numpy.where(first == 0, off, first)
    return first


def check(gyre, model, is_exact, calibrated, x, y, folder):
    """(what is wrong, what was seen)"""
    import numpy
    import onnx
    onnx.save(model, folder / "m.onnx")
    numpy.savez(folder / "calibrate.npz", x=calibrated)
    run(gyre, "compress", folder / "m.onnx", "-o", folder / "q.onnx", "--calibrate", folder / "calibrate.npz")
    ours, theirs = by_gyre(gyre, folder / "q.onnx", x, folder)[0], by_ort(str(folder / "q.onnx"), x)
    tensors = show_bytes(folder / "q.onnx", folder / "shown.onnx")
    part = x[:len(x) // 5]
    shown = str(folder / "shown.onnx")
    first = first_steps(by_gyre(gyre, shown, part, folder)[1:], run_ort(shown, part)[1:])
    steps = numpy.abs(ours - theirs) / ((theirs.max() - theirs.min()) / 255)
    near, same = (steps <= 1).mean(), (ours.argmax(1) == theirs.argmax(1)).mean()
    right = (ours.argmax(1) == y).mean()
    problems = [] if tensors > 1 else ["nothing is quantised"]
    problems += [] if first.max() <= (0 if is_exact else 1) else [f"bytes are first {first.max()} steps apart"]
    problems += [] if near == 1 else [f"{near:.4%} of the outputs are within one step"]
    problems += [] if not is_exact or (ours == theirs).all() else [f"{(ours == theirs).mean():.4%} of the outputs are equal"]
    problems += [] if same >= SAME_MIN else [f"{same:.4%} of the labels agree"]
    # A net that knows nothing would prove nothing.
    problems += [] if right > 0.7 else [f"only {right:.2%} of the labels are right"]
    return problems, (f"outputs {(ours == theirs).mean():.3%} equal (at most {steps.max():.2f} steps off), labels {same:.3%} "
                      f"the same, {right:.1%} right; bytes differ first by {first.max()} in {(first > 0).mean():.2%} of images")


def main():
    find_python()
    tap = Tap("model")
    if not IMAGES.is_dir():
        tap.skip("compressed", "dataset-fashion-mnist is not installed (tools/setup does it)")
        tap.done()
    x, y = images("train", FITTED + CALIBRATED)
    judged = images("t10k", JUDGED)
    for name, model, is_exact in nets(x[:FITTED], y[:FITTED]):
        with tempfile.TemporaryDirectory(prefix="gyre-compressed-") as folder:
            problems, seen = check(sys.argv[1], model, is_exact, x[FITTED:], *judged, pathlib.Path(folder))
        tap.check(not problems, f"{name}: {seen}", problems)
    tap.done()


if __name__ == "__main__":
    main()
