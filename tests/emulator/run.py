#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""AVX-512 and VNNI as machine code, on a processor that has them: the emulator Bochs.

Usage: run.py --build BUILD kernels|models     kernels: the unit test of the kernels; models: test models as
`gyre compile` makes them, with their dispatch. Programs run on the bare machine (rom.S, bare.c). Output is TAP.
"""

import os
import pathlib
import pty
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
HERE = SOURCE / "tests/emulator"
MODELS = ["mlp", "lenet", "cnn", "residual", "gated", "attention", "lenet_int8", "cnn_int8", "image_int8", "trees"]
SECONDS_MAX = 1800
COMMON = "-std=gnu11 -ffp-contract=off -fno-math-errno -fno-pic -fno-stack-protector -w".split()
LEVELS = {
    "plain": "-O2",
    "avx2": "-O3 -mavx2 -mfma -mbmi2",
    "avx512": "-O3 -mavx512f -mavx512vl -mavx512bw -mavx512dq -mavx512vnni -mavx2 -mfma -mbmi2",
}
BOCHS = """display_library: term
megs: 256
romimage: file=rom.bin
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
optramimage1: file=ram.bin, address=0x200000
cpu: model=corei7_icelake_u, count=1, ips=100000000
com1: enabled=1, mode=file, dev=serial.txt
log: bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
clock: sync=none, time0=utc
plugin_ctrl: speaker=0, voodoo=0, e1000=0, es1370=0, sb16=0, usb_uhci=0
sound: driver=dummy
"""


def call(folder, *words):
    subprocess.run([str(word) for word in words], cwd=folder, check=True)


def compile_c(folder, flags, source, to):
    call(folder, "gcc", *COMMON, *flags.split(), "-c", source, "-o", to)


def kernels(folder, _gyre):
    flags = " ".join(f"-I{SOURCE / path}" for path in ("src", "include", "tests/unit"))
    compile_c(folder, f"{LEVELS['avx512']} {flags}", SOURCE / "tests/unit/compile/test_kernels.c", "main.o")


def models(folder, gyre):
    names = [f"{model}_{batch}" for model in MODELS for batch in (1, 17)]
    for name in names:
        model, batch = name.rsplit("_", 1)
        # CC=true: of the shared library, which it would build too, there is no need.
        call(folder, "env", "CC=true", gyre, "compile", SOURCE / f"tests/data/models/{model}.onnx",
             "--name", name, "--batch", batch, "--output", name, "--weights", "c", "--quiet")
        for level, flags in LEVELS.items():
            compile_c(folder, f"{flags} -DGYRE_LEVEL={level}", f"{name}/{name}.c", f"{name}_{level}.o")
        compile_c(folder, f"-O2 -DHAVE_plain -DHAVE_avx2 -DHAVE_avx512 -Dgyre_model={name}_gyre_model",
                  f"{name}/{name}_host.c", f"{name}_host.o")
    (folder / "models.def").write_text("".join(f"MODEL({name})\n" for name in names))
    compile_c(folder, f"-O2 -I. -I{names[0]}", HERE / "models.c", "main.o")


def emulate(folder):
    """What the program wrote. Bochs of Debian waits for a command, and wants a terminal."""
    (folder / "bochsrc").write_text(BOCHS)
    (folder / "commands").write_text("c\nq\n")
    terminal, side = pty.openpty()
    try:
        subprocess.run(["bochs-bin", "-q", "-f", "bochsrc", "-rc", "commands"], cwd=folder, timeout=SECONDS_MAX,
                       stdin=side, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                       env={**os.environ, "TERM": "xterm"})
    finally:
        os.close(terminal)
        os.close(side)
    return (folder / "serial.txt").read_text()


def main():
    build, what = pathlib.Path(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory(prefix="gyre-emulator-") as top:
        folder = pathlib.Path(top)
        {"kernels": kernels, "models": models}[what](folder, build.resolve() / "src/cli/gyre")
        call(folder, "gcc", "-c", HERE / "rom.S", "-o", "rom")
        call(folder, "objcopy", "-O", "binary", "-j", ".text", "rom", "rom.bin")
        compile_c(folder, "-O1 -fno-builtin -msse4.1 -mno-avx", HERE / "bare.c", "bare.o")
        call(folder, "gcc", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none", "-Wl,--no-warn-rwx-segments",
             "-T", HERE / "link.ld", *sorted(folder.glob("*.o")), "-lgcc", "-o", "ram")
        call(folder, "objcopy", "-O", "binary", "ram", "ram.bin")
        text = emulate(folder)
    print(text.replace("exit ", "# exit "))
    sys.exit("exit 0\n" not in text)


main()
