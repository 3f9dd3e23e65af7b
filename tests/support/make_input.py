#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write seeded float32 numbers as .npy, with nothing but Python's own library.

Usage: make_input.py OUT.npy SEED SHAPE [special|mixed|bytes]     SHAPE as 96,3,17,15; special: every
seventh number is NaN, an infinity, a zero of either sign, a subnormal or a huge one; mixed: in the second
half alone; bytes: uint8 instead.
"""

import math
import random
import struct
import sys

SPECIAL = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1e-42, -3e-45, 3e38, -1e30]


def main():
    path, seed, shape = sys.argv[1], int(sys.argv[2]), [int(n) for n in sys.argv[3].split(",")]
    first_special = {"special": 0, "mixed": math.prod(shape) // 2}.get("".join(sys.argv[4:]), math.inf)
    numbers = random.Random(seed)
    values = [SPECIAL[numbers.randrange(len(SPECIAL))] if i >= first_special and i % 7 == 0 else numbers.gauss(0, 1)
              for i in range(math.prod(shape))]
    of_bytes = sys.argv[4:] == ["bytes"]
    if of_bytes:
        values = [numbers.randrange(256) for _ in values]
    header = f"{{'descr': '{'|u1' if of_bytes else '<f4'}', 'fortran_order': False, 'shape': ({', '.join(map(str, shape))},), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack(f"<{len(values)}{'B' if of_bytes else 'f'}", *values))


main()
