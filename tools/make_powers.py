#!/usr/bin/env python3
"""Writes src/base/powers.c: powers of ten as 128-bit fractions, for base/decimal.c."""
import os

FIRST, LAST = -342, 324


def fraction(k):
    """ceil(10^k / 2^r) with r such that it has exactly 128 bits."""
    if k >= 0:
        value, bits = 10**k, (10**k).bit_length()
        return value << (128 - bits) if bits <= 128 else -(-value // (1 << (bits - 128)))
    divisor = 10**-k
    shift = 127 + divisor.bit_length()
    return -(-(1 << shift) // divisor) if (1 << shift) // divisor < 1 << 128 else \
        -(-(1 << (shift - 1)) // divisor)


path = os.path.join(os.path.dirname(__file__), "..", "src", "base", "powers.c")
with open(path, "w", encoding="ascii") as out:
    out.write("// SPDX-License-Identifier: Apache-2.0\n//\n")
    out.write("// Written by tools/make_powers.py: 10^k, k from %d to %d, as 128 bits, rounded up,\n"
              "// high half first.\n\n" % (FIRST, LAST))
    out.write('#include "base/decimal.h"\n\n// clang-format off\n')
    out.write("const uint64_t gy_powers[%d][2] = {\n" % (LAST - FIRST + 1))
    cells = []
    for k in range(FIRST, LAST + 1):
        g = fraction(k)
        assert 1 << 127 <= g < 1 << 128
        cells.append("{0x%016x, 0x%016x}," % (g >> 64, g & (1 << 64) - 1))
    for i in range(0, len(cells), 2):
        out.write("    " + " ".join(cells[i:i + 2]) + "\n")
    out.write("};\n// clang-format on\n")
