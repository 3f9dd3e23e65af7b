#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""LeNet on a Cortex-M4, in instructions a call as QEMU counts them (mps2-an386, one instruction a
nanosecond): Gyre's float32 and int8 programs beside what onnx2c makes of the same float32 model
(ONNX2C names its program; without it the published 1.55 M is compared with, and said so). Limits:
float32 in fewer instructions than onnx2c, int8 in less than half.
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
from _compile_models import lenet  # noqa: E402

ONNX2C_INSTRUCTIONS = 1_550_000  # with -O3 -ffast-math, arm-none-eabi-gcc 12.2
DEVICE = HERE.parent / "src/compile/device"


class Images(CalibrationDataReader):
    def __init__(self):
        random = np.random.default_rng(2)
        self.left = iter([{"x": random.random((1, 1, 28, 28), dtype=np.float32)} for _ in range(20)])

    def get_next(self):
        return next(self.left, None)


def count_gyre(model, folder):
    np.save(folder / "in.npy", np.random.default_rng(1).random((1, 1, 28, 28), dtype=np.float32))
    done = subprocess.run(["gyre", "infer", model, "-i", folder / "in.npy", "-o", folder / "out.npz",
                           "--target", "cortex-m4", "--json"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def count_onnx2c(program, model, folder):
    """Its C in the same device program, behind the description that ours have."""
    code = subprocess.run([program, model], check=True, capture_output=True, text=True).stdout
    (folder / "net.c").write_text(code)
    (folder / "model.c").write_text("""
#include "gyre_abi.h"
void entry(const float x[1][1][28][28], float y[1][10]);
static void run(const void *const *x, void *const *y, void *a, const void *w)
{ (void)a, (void)w; entry((const float (*)[1][28][28])x[0], (float (*)[10])y[0]); }
static const gy_abi_port in = {1, 4, {1, 1, 28, 28}, 784, 3136}, out = {1, 2, {1, 10}, 10, 40};
static const gy_abi_model model = {.version = 1, .input_count = 1, .output_count = 1, .inputs = &in,
                                   .outputs = &out, .run = run};
const gy_abi_model *net_model(void);
const gy_abi_model *net_model(void) { return &model; }
""")
    for name, made in (("device.h", "device.h"), ("start.c", "start.c"), ("main_device.c", "main_device.c"),
                       ("link.ld", "link.ld"), ("../../rt/abi.h", "gyre_abi.h")):
        text = (DEVICE / name).read_text()
        text = text.replace('"compile/device/device.h"', '"device.h"').replace('"rt/abi.h"', '"gyre_abi.h"')
        (folder / made).write_text(text)
    (folder / "in.bin").write_bytes(np.random.default_rng(1).random(784, dtype=np.float32).tobytes())
    subprocess.run("arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 -O3 -ffast-math -w "
                   "-ffunction-sections -fdata-sections -nostartfiles -Wl,--gc-sections -T link.ld -I. "
                   "-DMODEL=net_model -DINPUT_BYTES=3136 -DOUTPUT_BYTES=40 -DARENA_BYTES=8 "
                   "start.c main_device.c model.c net.c -lm -o run".split(), cwd=folder, check=True)
    subprocess.run("qemu-system-arm -M mps2-an386 -display none -monitor none -serial none -semihosting-config "
                   "enable=on,target=native -icount shift=0 -kernel run".split(), cwd=folder, check=True, timeout=120)
    return int(np.fromfile(folder / "run.bin", np.uint32)[1]) * 40


def main():
    with tempfile.TemporaryDirectory(prefix="gyre-bench-") as folder:
        folder = pathlib.Path(folder)
        lenet(folder / "float.onnx", 1)
        quantize_static(folder / "float.onnx", folder / "int8.onnx", Images(), quant_format=QuantFormat.QDQ,
                        per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
        program = os.environ.get("ONNX2C")
        peer = count_onnx2c(program, folder / "float.onnx", folder) if program else ONNX2C_INSTRUCTIONS
        print(f"onnx2c        {peer:9} instructions" + ("" if program else " (published; ONNX2C is not set)"))
        failed = 0
        for name, share in (("float", 1.0), ("int8", .5)):
            seen = count_gyre(folder / f"{name}.onnx", folder)
            count = seen["instructions_max"]
            print(f"gyre {name:8} {count:9} instructions, {count / peer:.2f} of it (limit {share}); stack "
                  f"{seen['stack_bytes']} B, flash {seen['flash_bytes']} B with start-up")
            failed |= count >= share * peer
        sys.exit(failed)


main()
