#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Labels that 8 bits change: gyre compress against ONNX Runtime's quantize_static.

compress_int8.py                                               # three nets trained on Fashion-MNIST
compress_int8.py GYRE MODEL.onnx CALIBRATE.npz TEST.npz [MODEL.onnx ...]

Both get the same calibration samples (the first array that fits the model's input), both results run in ONNX Runtime
with its graph optimisations off (its int8 kernels may saturate without VNNI) and are compared with the float model on
all samples of TEST (labels, if any, in an array named label or y). Needs numpy, onnx and onnxruntime.
"""

import logging
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnxruntime
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process

logging.disable(logging.WARNING)


def session(path):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(path, samples):
    model = session(path)
    name = model.get_inputs()[0].name
    return np.concatenate([model.run(None, {name: samples[i:i + 500]})[0] for i in range(0, len(samples), 500)])


def find(arrays, model):
    """The array that fits the model's input, as gyre looks for it: by name, else by shape."""
    port = model.get_inputs()[0]
    if port.name in arrays:
        return arrays[port.name]
    return next(a for a in arrays.values() if a.ndim == len(port.shape) and list(a.shape[1:]) == list(port.shape[1:]))


class Reader(quantization.CalibrationDataReader):
    def __init__(self, name, samples):
        self.parts = iter([{name: samples[i:i + 100]} for i in range(0, len(samples), 100)])

    def get_next(self):
        return next(self.parts, None)


def by_onnxruntime(model, out, name, samples, folder):
    prepared = folder / "prepared.onnx"
    quant_pre_process(str(model), str(prepared), skip_symbolic_shape=True)
    quantization.quantize_static(
        str(prepared), str(out), Reader(name, samples), quant_format=quantization.QuantFormat.QDQ, per_channel=True,
        activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8)


def cpu(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def main():
    if len(sys.argv) == 1:
        from _compress_models import make_all
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            return compare("gyre", make_all(folder), folder / "calibrate.npz", folder / "test.npz")
    gyre, first, calibrate, test, *more = sys.argv[1:]
    return compare(gyre, [first, *more], calibrate, test)


def compare(gyre, models, calibrate, test):
    totals = [0, 0]
    for model in models:
        float_model = session(model)
        name = float_model.get_inputs()[0].name
        samples = find(dict(np.load(calibrate)), float_model)
        arrays = dict(np.load(test))
        judged = find(arrays, float_model)
        labels = next((arrays[key] for key in ("label", "y") if key in arrays and arrays[key].dtype.kind in "iu"), None)
        expected = run(model, judged)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            start = time.time(), cpu(resource.RUSAGE_CHILDREN)
            subprocess.run([gyre, "compress", model, "-o", folder / "gyre.onnx", "--calibrate", calibrate],
                           check=True, stdout=subprocess.DEVNULL)
            spent = time.time() - start[0], cpu(resource.RUSAGE_CHILDREN) - start[1]
            start = time.time(), cpu(resource.RUSAGE_SELF)
            by_onnxruntime(model, folder / "ort.onnx", name, samples, folder)
            spent_ort = time.time() - start[0], cpu(resource.RUSAGE_SELF) - start[1]
            print(f"{pathlib.Path(model).name}: {len(samples)} calibration samples, {len(judged)} judged")
            for place, (who, file, seconds) in enumerate(
                    (("gyre", "gyre.onnx", spent), ("onnxruntime", "ort.onnx", spent_ort))):
                got = run(folder / file, judged)
                flipped = int((got.argmax(1) != expected.argmax(1)).sum())
                totals[place] += flipped
                line = f"  {who:12s} {flipped:5d} labels changed, {(folder / file).stat().st_size} bytes"
                if labels is not None:
                    line += f", accuracy {(got.argmax(1) == labels).mean():.4f}"
                    line += f" (float {(expected.argmax(1) == labels).mean():.4f})"
                print(f"{line}, {seconds[0]:.1f} s, {seconds[1]:.1f} CPU s")
    print(f"labels changed: gyre {totals[0]}, onnxruntime {totals[1]}, ratio {totals[0] / max(totals[1], 1):.2f}")
    return 0 if totals[0] < totals[1] else 1


if __name__ == "__main__":
    sys.exit(main())
