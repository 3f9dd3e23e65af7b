# SPDX-License-Identifier: Apache-2.0
"""Write sketch-1.bin and reference-1.bin from docs/formats/sketch.md alone, without the library."""
import hashlib
import math
import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).parent


def f32(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


def sealed(body):
    return body + struct.pack("<I", zlib.crc32(body))


def reference(features):
    body = b"GYSR" + struct.pack("<HH", 1, len(features))
    for edges, center, scale in features:
        body += struct.pack("<33f2f", *edges, center, scale)
    return sealed(body)


def feature(values, missing, edges, center, scale):
    places, odd = [0] * 34, {"nan": 0, "inf": 0}
    total = squares = 0
    finite = []
    for value in values:
        if math.isnan(value):
            odd["nan"] += 1
            continue
        if math.isinf(value):
            odd["inf"] += 1
            continue
        finite.append(value)
        places[sum(value >= edge for edge in edges[:32]) + (value > edges[32])] += 1
        steps = max(-32767, min(32767, round(f32(f32(value - center) * scale))))
        total += steps + 32768
        squares += steps * steps
    counts = places + [missing, odd["nan"], odd["inf"]]
    width = next(w for w in (1, 2, 4, 8) if max(counts) < 256**w)
    body = struct.pack("<B", width) + b"".join(c.to_bytes(width, "little") for c in counts)
    return body + struct.pack("<2f2Q", min(finite), max(finite), total, squares)


edges = ([float(i - 16) for i in range(33)], [f32(i / 40) for i in range(33)])
features = [(edges[0], 0.0, 8.0), (edges[1], 0.5, 128.0)]
ref = reference(features)
HERE.joinpath("reference-1.bin").write_bytes(ref)

rows = range(-40, 60)
columns = [
    [i * 0.5 for i in rows],
    [math.nan if i % 10 == 0 else f32(i * f32(0.02)) for i in rows if i != 7],
]
name = bytes(range(1, 17)) + struct.pack("<QQ", 0x1122334455667788, 1)
body = b"GYSK" + struct.pack("<HH", 1, 2) + name + struct.pack("<Q", 1)
body += hashlib.sha256(name).digest() + hashlib.sha256(ref).digest() + struct.pack("<Q", len(rows))
for i, column in enumerate(columns):
    body += feature(column, i, *features[i])
HERE.joinpath("sketch-1.bin").write_bytes(sealed(body))
