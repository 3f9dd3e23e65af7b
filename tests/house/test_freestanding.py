#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rt is built without an operating system for every kind of processor, and needs four functions of
it; each public header stands alone, in C11 and in C++17."""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
from tap import Tap  # noqa: E402

FLAGS = ["-std=gnu11", "-O2", "-ffreestanding", "-nostdlib", "-ffp-contract=off", "-Wall", "-Wextra",
         "-Werror", f"-I{SOURCE / 'src'}", f"-I{SOURCE / 'include'}"]
TARGETS = {
    "x86-64": ["gcc"],
    "aarch64": ["aarch64-linux-gnu-gcc"],
    "cortex-m4": ["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16",
                  "-mfloat-abi=hard"],
}
# The last one is the linker's own, where the compiler makes position-independent code by default.
ALLOWED = {"memcpy", "memset", "memmove", "memcmp", "_GLOBAL_OFFSET_TABLE_"}


def run(command, **kwargs):
    """(status, all output) of a command."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **kwargs)
    return done.returncode, done.stdout


def build_rt(tap, pool, target, compiler, folder):
    """Compile every file of rt, join them, and look at what is missing."""
    if shutil.which(compiler[0]) is None:
        tap.skip(f"rt_on_{target}", f"{compiler[0]} is not there")
        return
    sources = sorted((SOURCE / "src/rt").glob("*.c"))
    objects = [folder / f"{target}-{source.stem}.o" for source in sources]
    results = pool.map(lambda pair: run([*compiler, *FLAGS, "-c", pair[0], "-o", pair[1]]),
                       zip(sources, objects))
    rows = [text for status, text in results if status != 0]
    if not tap.check(sources and not rows, f"rt compiles for {target} ({len(sources)} files)", rows):
        return
    # libgcc is the compiler's own: 64-bit division on a Cortex-M, and the like.
    joined = folder / f"{target}.o"
    status, text = run([*compiler, "-nostdlib", "-r", *objects, "-lgcc", "-o", joined])
    tap.check(status == 0, f"rt's parts for {target} join", text)
    nm = compiler[0].removesuffix("gcc") + "nm"
    missing = {line.split()[-1] for line in run([nm, "-u", joined])[1].splitlines()}
    tap.check(not missing - ALLOWED, f"rt needs memcpy and its kin alone on {target}",
              sorted(missing - ALLOWED))


def check_headers(tap, pool, folder):
    """Every public header alone, by strict compilers."""
    headers = sorted((SOURCE / "include/gyre").glob("*.h"))
    strict = ["-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{SOURCE / 'include'}"]
    for language, command in (("c", ["gcc", "-std=c11"]), ("c++", ["g++", "-std=c++17"])):
        if shutil.which(command[0]) is None:
            tap.skip(f"headers_in_{language}", f"{command[0]} is not there")
            continue

        def alone(header, language=language, command=command):
            unit = folder / f"{header.stem}.{language.replace('+', 'p')}"
            unit.write_text(f'#include "gyre/{header.name}"\n')
            return run([*command, *strict, "-x", language, unit])

        rows = [text for status, text in pool.map(alone, headers) if status != 0]
        tap.check(headers and not rows, f"each of {len(headers)} headers stands alone in {language}",
                  rows)


def main():
    tap = Tap("house")
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        folder = pathlib.Path(folder)
        for target, compiler in TARGETS.items():
            build_rt(tap, pool, target, compiler, folder)
        check_headers(tap, pool, folder)
    tap.done()


if __name__ == "__main__":
    main()
