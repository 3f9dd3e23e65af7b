#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nets on a Cortex-M4, in instructions a call as QEMU counts them (mps2-an386, one instruction a nanosecond): Gyre's
float32 and int8 programs beside what onnx2c and emx-onnx-cgen make of the same float32 model, in the same device
program, at -O3 -ffast-math, which Gyre does without. emx-onnx-cgen comes with `tools/setup peers`; no registry has
onnx2c: ONNX2C names its program, and without it the counts of commit ea045cc are compared with, and said so. Limits:
float32 in fewer instructions than either, int8 in less than half of onnx2c's.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from _compile_models import NETS  # noqa: E402

# Counted here with the onnx2c of commit ea045cc and arm-none-eabi-gcc 12.2.
ONNX2C = {"lenet": 1_548_920, "dscnn": 19_925_920}
EMX = HERE.parent / ".venv-emx/bin/emx-onnx-cgen"
DEVICE = HERE.parent / "src/compile/device"
SAMPLES = 20


class Images(CalibrationDataReader):
    def __init__(self, shape):
        random = np.random.default_rng(2)
        self.left = iter([{"x": random.random(shape, dtype=np.float32)} for _ in range(SAMPLES)])

    def get_next(self):
        return next(self.left, None)


def count_gyre(model, folder, x):
    np.save(folder / "in.npy", x)
    done = subprocess.run(["gyre", "infer", model, "-i", folder / "in.npy", "-o", folder / "out.npz",
                           "--target", "cortex-m4", "--json"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout), next(iter(np.load(folder / "out.npz").values())).ravel()


def count_peer(code, function, folder, x, outputs):
    """C of a function (const float *, float *) in the device program that ours run in, behind a description like
    theirs: (instructions, the result)."""
    (folder / "net.c").write_text(code)
    (folder / "model.c").write_text(f"""
#include "gyre_abi.h"
void {function}(const float *x, float *y);
static void run(const void *const *x, void *const *y, void *a, const void *w)
{{ (void)a, (void)w; {function}(x[0], y[0]); }}
static const gy_abi_port in = {{1, 1, {{{x.size}}}, {x.size}, {x.nbytes}}}, out = {{1, 1, {{{outputs}}}, {outputs}, {4 * outputs}}};
static const gy_abi_model model = {{.version = 1, .input_count = 1, .output_count = 1, .inputs = &in,
                                   .outputs = &out, .run = run}};
const gy_abi_model *net_model(void);
const gy_abi_model *net_model(void) {{ return &model; }}
""")
    for name, made in (("device.h", "device.h"), ("start.c", "start.c"), ("main_device.c", "main_device.c"),
                       ("link.ld", "link.ld"), ("../../rt/abi.h", "gyre_abi.h")):
        text = (DEVICE / name).read_text()
        text = text.replace('"compile/device/device.h"', '"device.h"').replace('"rt/abi.h"', '"gyre_abi.h"')
        (folder / made).write_text(text)
    (folder / "in.bin").write_bytes(x.tobytes())
    subprocess.run("arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 -O3 -ffast-math -w "
                   "-ffunction-sections -fdata-sections -nostartfiles -Wl,--gc-sections -T link.ld -I. "
                   f"-DMODEL=net_model -DCALLS=1 -DINPUT_BYTES={(x.nbytes + 7) // 8 * 8} -DOUTPUT_BYTES={(4 * outputs + 7) // 8 * 8} "
                   "-DARENA_BYTES=8 start.c main_device.c model.c net.c -lm -o run".split(), cwd=folder, check=True)
    subprocess.run("qemu-system-arm -M mps2-an386 -display none -monitor none -serial none -semihosting-config "
                   "enable=on,target=native -icount shift=0 -kernel run".split(), cwd=folder, check=True, timeout=300)
    return int(np.fromfile(folder / "run.bin", np.uint32)[1]) * 40, np.fromfile(folder / "out.bin", np.float32)[:outputs]


def peers(model, folder, net, x, outputs):
    """Rows of (name, instructions, result or None where the count is a recorded one)."""
    if program := os.environ.get("ONNX2C"):
        code = subprocess.run([program, model], check=True, capture_output=True, text=True).stdout
        yield "onnx2c", *count_peer(code, "entry", folder, x, outputs)
    else:
        yield "onnx2c (recorded: ONNX2C is not set)", ONNX2C[net], None
    if not EMX.exists():
        print("emx-onnx-cgen is not there: tools/setup peers")
        return
    # Threshold 0: temporaries on the stack; else it takes them from the heap, which a device has not.
    subprocess.run([EMX, "compile", model, folder / "emx.c", "--model-name", "net", "--large-temp-threshold", "0"],
                   check=True, capture_output=True)
    yield "emx-onnx-cgen", *count_peer((folder / "emx.c").read_text(), "net", folder, x, outputs)


def compare(net, folder):
    failed = False
    shape, _, outputs = NETS[net](folder / "float.onnx", 1)
    quantize_static(folder / "float.onnx", folder / "int8.onnx", Images(shape), quant_format=QuantFormat.QDQ,
                    per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
    x = np.random.default_rng(1).random(shape, dtype=np.float32)
    seen, result = count_gyre(folder / "float.onnx", folder, x)
    small, _ = count_gyre(folder / "int8.onnx", folder, x)
    counts = {}
    for name, count, theirs in peers(folder / "float.onnx", folder, net, x, outputs):
        print(f"{net:6} {name:36} {count:9} instructions")
        counts[name.split()[0]] = count
        if theirs is not None and not np.allclose(theirs, result, rtol=1e-3, atol=1e-3):
            sys.exit(f"{name} computes something else")
    for name, run, limit in (("float", seen, min(counts.values())), ("int8", small, counts["onnx2c"] / 2)):
        count = run["instructions_max"]
        print(f"{net:6} {'gyre ' + name:36} {count:9} instructions, {count / counts['onnx2c']:.2f} of onnx2c's; stack "
              f"{run['stack_bytes']} B, memory {run['arena_bytes']} B, flash {run['flash_bytes']} B with start-up")
        failed |= count >= limit
    return failed


def main():
    failed = False
    for net in ONNX2C:
        with tempfile.TemporaryDirectory(prefix="gyre-bench-") as folder:
            failed |= compare(net, pathlib.Path(folder))
    sys.exit(failed)


main()
