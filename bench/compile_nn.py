#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiled nets beside ONNX Runtime: CPU time a call at batch 1, one thread, both called from one C
loop through their C interfaces, interleaved; minimum and median of the rounds. Limit: geometric
mean of the ratios of the medians <= 1.0. The outputs must agree to 1e-5 of their size.

Usage: compile_nn.py [--rounds N] [--batch N]
"""

import argparse
import ctypes
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from _compile_models import NETS  # noqa: E402

ROUND_US = 60_000  # each contestant, each round
RATIO_MAX = 1.0


def build_timer(folder):
    library = folder / "timer.so"
    subprocess.run([os.environ.get("CC", "cc"), "-O2", "-w", "-shared", "-fPIC", f"-I{HERE.parent / 'src'}",
                    HERE / "_compile_timer.c", "-o", library, "-ldl"], check=True)
    timer = ctypes.CDLL(str(library))
    timer.ort_open.restype = timer.gyre_open.restype = ctypes.c_void_p
    timer.ort_time.restype = timer.gyre_time.restype = ctypes.c_double
    timer.gyre_kernels.restype = ctypes.c_char_p
    runtime = next((pathlib.Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so*"))
    if timer.ort_start(str(runtime).encode()) != 0:
        sys.exit("cannot open ONNX Runtime's C API")
    return timer


def pointer(array):
    return ctypes.c_void_p(array.ctypes.data)


def open_both(timer, folder, name, batch):
    """({contestant: time(calls) in us}, outputs of both, what Gyre runs on)"""
    model = folder / f"{name}.onnx"
    shape, output, count = NETS[name](model, batch)
    subprocess.run(["gyre", "compile", model, "-o", folder / name, "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    x = np.random.default_rng(1).random(shape, dtype=np.float32)
    ys = [np.zeros((batch, count), np.float32) for _ in range(2)]
    dims = [(ctypes.c_int64 * len(s))(*s) for s in (shape, (batch, count))]
    name_bytes = output.encode()
    session = timer.ort_open(str(model).encode(), b"x", name_bytes, pointer(x), ctypes.c_size_t(x.nbytes), dims[0],
                             ctypes.c_size_t(len(shape)), pointer(ys[0]), ctypes.c_size_t(ys[0].nbytes), dims[1],
                             ctypes.c_size_t(2))
    compiled = timer.gyre_open(str(folder / name / f"{name}.so").encode())
    if not session or not compiled:
        sys.exit(f"cannot open {name}")
    keep = (x, ys, dims, name_bytes)
    return {"onnxruntime": lambda calls, keep=keep: timer.ort_time(ctypes.c_void_p(session), calls),
            "gyre": lambda calls: timer.gyre_time(ctypes.c_void_p(compiled), pointer(x), pointer(ys[1]), calls)}, ys, \
        timer.gyre_kernels(ctypes.c_void_p(compiled)).decode()


def measure(contestants, rounds):
    calls, times = {}, {name: [] for name in contestants}
    for name, run in contestants.items():
        run(2)
        calls[name] = max(1, int(ROUND_US / max(run(3), .01)))
    for _ in range(rounds):
        for name, run in contestants.items():
            times[name].append(run(calls[name]))
    return {name: (min(values), statistics.median(values)) for name, values in times.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--batch", type=int, default=1)
    options = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory(prefix="gyre-bench-") as folder:
        folder = pathlib.Path(folder)
        timer = build_timer(folder)
        for name in NETS:
            contestants, ys, kernels = open_both(timer, folder, name, options.batch)
            times = measure(contestants, options.rounds)
            ort, gyre = times["onnxruntime"], times["gyre"]
            ratios.append(gyre[1] / ort[1])
            off = np.abs(ys[0] - ys[1]).max() / np.abs(ys[0]).max()
            print(f"{name:10} onnxruntime {ort[0]:8.2f} / {ort[1]:8.2f} us   gyre ({kernels}) {gyre[0]:8.2f} / "
                  f"{gyre[1]:8.2f} us   ratio {ratios[-1]:.2f}   off by {off:.0e}", flush=True)
            if not off <= 1e-5:
                sys.exit(f"{name}: the outputs differ")
    mean = float(np.exp(np.mean(np.log(ratios))))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"geometric mean of the ratios {mean:.2f} (limit {RATIO_MAX}), batch {options.batch}, CPU time, "
          f"minimum / median of {options.rounds} rounds; peak RSS of both {peak} MiB")
    sys.exit(0 if mean <= RATIO_MAX else 1)


main()
