#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gcc for `gyre infer` where the processor has no AVX-512: CC=compiler.py.

What is to be compiled for AVX-512 is compiled for AVX2 instead, with immintrin.h of this folder, and
the emitted dispatch is told that the processor has all that it asks for.
"""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent


def main():
    words = sys.argv[1:]
    instructions = [word[2:] for word in words if word.startswith("-mavx512")]
    words = [word for word in words if not word.startswith("-mavx512")]
    if instructions:
        words += ["-isystem", str(HERE), *(f"-D__{name.upper()}__" for name in instructions)]
    else:
        words.append("-D__builtin_cpu_supports(feature)=1")
    os.execvp("gcc", ["gcc", *words])


main()
