#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Boosted trees: Gyre's compiled tables against ONNX Runtime's C API, one thread, changing rows.

Trains LightGBM regressors (28 features), exports them, compiles them for this host at batch 1 and
64, and times both in one process, turn by turn: minimum and median of CPU microseconds a sample.

Usage: compile_trees.py [--large]
"""
import glob
import json
import os
import resource
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
import lightgbm
import numpy
import onnxruntime
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GYRE = os.environ.get("GYRE", "gyre")
FEATURES = 28


def train(trees, leaves, rows=6000):
    random = numpy.random.default_rng(trees + leaves)
    x = random.normal(size=(rows, FEATURES)).astype("f4")
    y = x[:, 0] * x[:, 1] + numpy.sin(3 * x[:, 2]) + numpy.abs(x[:, 3:9]).sum(1) + random.normal(size=rows)
    model = lightgbm.LGBMRegressor(
        n_estimators=trees, num_leaves=leaves, min_child_samples=5, learning_rate=0.05, n_jobs=2, verbose=-1
    )
    return model.fit(x, y), x


def measure(program, folder, name, model, x):
    path = os.path.join(folder, name + ".onnx")
    exported = convert_lightgbm(model, initial_types=[("x", FloatTensorType([None, FEATURES]))], target_opset=15)
    with open(path, "wb") as file:
        file.write(exported.SerializeToString())
    rows = os.path.join(folder, name + ".f32")
    x[:4096].tofile(rows)
    library = glob.glob(os.path.join(os.path.dirname(onnxruntime.__file__), "capi", "libonnxruntime.so*"))[0]
    for batch in (1, 64):
        out = os.path.join(folder, f"{name}_{batch}")
        subprocess.run([GYRE, "compile", path, "-o", out, "--batch", str(batch), "--name", "m", "-q"], check=True)
        result = subprocess.run(
            [program, library, path, os.path.join(out, "m.so"), rows, str(batch), str(FEATURES)]
            + [exported.graph.input[0].name, exported.graph.output[0].name],
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        yield batch, {key: value / (1 if key == "difference" else batch) for key, value in json.loads(result.stdout).items()}


def main():
    # The large one takes minutes to export.
    sizes = [(100, 31), (1000, 31)] + ([(1000, 255)] if "--large" in sys.argv else [])
    with tempfile.TemporaryDirectory(prefix="gyre-bench-") as folder:
        program = os.path.join(folder, "compile_trees")
        command = ["cc", "-O2", "-I", os.path.join(SOURCE, "src"), os.path.join(SOURCE, "bench/compile_trees.c")]
        subprocess.run([*command, "-o", program, "-ldl", "-lm"], check=True)
        print("trees x leaves  batch   ORT min/median   gyre min/median  (us a sample)  ratio  difference")
        for trees, leaves in sizes:
            model, x = train(trees, leaves)
            for batch, r in measure(program, folder, f"t{trees}_{leaves}", model, x):
                print(
                    f"{trees:5} x {leaves:<6} {batch:6}  {r['ort_min']:8.2f} /{r['ort_median']:8.2f}"
                    f"  {r['gyre_min']:8.2f} /{r['gyre_median']:8.2f}"
                    f"                {r['gyre_median'] / r['ort_median']:6.3f}  {r['difference']:.1e}",
                    flush=True,
                )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"children: {peak.ru_utime:.0f} CPU s, {peak.ru_maxrss // 1024} MiB at most")


if __name__ == "__main__":
    main()
