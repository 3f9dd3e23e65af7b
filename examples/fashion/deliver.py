#!/usr/bin/env python3
"""Lay out a delivery of Fashion-MNIST as a supplier would send it, and spoil it; keep the truth aside for scoring.

deliver.py OUT [--seed N] [--rows N]

OUT/delivery/   images/*.png and labels.csv (path, label, camera, batch, date): what the project gets
OUT/truth.csv   path, kind (ok, wrong, duplicate, foreign, broken), true label, what it is a copy of: for scoring alone
OUT/test.npz    the 10,000 test images (x: uint8 [n, 1, 28, 28], y): they judge, nobody trains on them
OUT/production.npz  the training images that were not delivered: what production will see

The spoiling, drawn from the seed: wrong labels (25 %, by class: some classes suffer more, and they go to the
classes that look alike), near duplicates (3 %: shifted by a pixel, or noise), foreign images (1 %), broken rows.
"""

import argparse
import csv
import datetime
import gzip
import pathlib
import struct
import zlib

import numpy as np

DATA = pathlib.Path("/usr/share/datasets/fashion-mnist")
CLASSES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
LOOKS_LIKE = {0: [6, 2], 1: [3, 0], 2: [4, 6], 3: [0, 4], 4: [2, 6], 5: [7, 9], 6: [0, 2], 7: [5, 9], 8: [5, 0], 9: [7, 5]}
NOISE = 0.25
BROKEN = {"missing label": 20, "unknown class": 12, "undecodable file": 16, "wrong type": 12}


def read_idx(name):
    raw = gzip.open(DATA / f"{name}.gz").read()
    rank = raw[3]
    shape = [int.from_bytes(raw[4 + 4 * i:8 + 4 * i], "big") for i in range(rank)]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


def png(image):
    """The smallest PNG of a grey image: filter 0, one IDAT."""
    height, width = image.shape

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    lines = np.zeros((height, width + 1), np.uint8)
    lines[:, 1:] = image
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines.tobytes(), 6)) + chunk(b"IEND", b"")


def wrong_labels(random, labels):
    """Labels with class-dependent noise: NOISE in the mean, .3 to 1.7 of it by class, at most 45 %."""
    share = random.uniform(0.3, 1.7, 10)
    share = np.minimum(share * NOISE / share.mean(), 0.45)
    given = labels.copy()
    for label in range(10):
        hit = (labels == label) & (random.random(len(labels)) < share[label])
        given[hit] = random.choice(LOOKS_LIKE[label], hit.sum(), p=[0.8, 0.2])
    return given


def near_duplicate(random, image, number):
    if number % 2:
        return np.roll(image, random.choice([-1, 1]), random.integers(2))
    noise = random.normal(0, 6, image.shape) * (image > 0)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def foreign(random, images, number):
    """What does not belong: stripes and rings, a scrambled garment, a smooth texture."""
    if number % 3 == 0:
        y, x = np.mgrid[0:28, 0:28] - 13.5
        wave = np.hypot(x, y) if number % 2 else x * np.cos(number) + y * np.sin(number)
        return ((np.sin(wave * random.uniform(0.5, 1.5)) > 0) * random.integers(120, 255)).astype(np.uint8)
    if number % 3 == 1:
        blocks = images[random.integers(len(images))].reshape(7, 4, 7, 4).transpose(0, 2, 1, 3).reshape(49, 4, 4)
        return blocks[random.permutation(49)].reshape(7, 7, 4, 4).transpose(0, 2, 1, 3).reshape(28, 28)
    texture = random.normal(size=(28, 28))
    for _ in range(3):
        texture = sum(np.roll(texture, shift, axis) for shift in (-1, 1) for axis in (0, 1)) + texture
    texture -= texture.min()
    return (texture / texture.max() * 255).astype(np.uint8)


def draw(seed, rows):
    """The delivery as rows of (image, given label, kind, true label, row it copies)."""
    random = np.random.default_rng(1000 + seed)
    images, labels = read_idx("train-images-idx3-ubyte"), read_idx("train-labels-idx1-ubyte").astype(int)
    order = random.permutation(len(images))
    chosen, aside = order[:rows], order[rows:]
    given = wrong_labels(random, labels[chosen])
    out = [(images[i], g, "ok" if g == labels[i] else "wrong", labels[i], -1) for i, g in zip(chosen, given)]
    for number, source in enumerate(random.choice(rows, int(0.03 * rows), replace=False)):
        copy = near_duplicate(random, out[source][0], number)
        out.append((copy, out[source][1], "duplicate", out[source][3], source))
    for number in range(int(0.01 * rows)):
        out.append((foreign(random, images, number), random.integers(10), "foreign", -1, -1))
    return random, out, (images[aside], labels[aside])


def break_rows(random, lines, files):
    """Break some rows, each in one way; return row number -> what was done."""
    share = min(1.0, len(lines) / 20000)
    kinds = [kind for kind, count in BROKEN.items() for _ in range(max(2, int(count * share)))]
    broken = dict(zip(random.choice(len(lines), len(kinds), replace=False).tolist(), kinds))
    for row, kind in broken.items():
        if kind == "missing label":
            lines[row]["label"] = ""
        elif kind == "unknown class":
            lines[row]["label"] = str(random.choice(["Shrit", "Hat", "Bagg", "sneakers"]))
        elif kind == "undecodable file":
            whole = files[lines[row]["path"]]
            files[lines[row]["path"]] = whole[:random.integers(20, len(whole) - 20)] if row % 2 else random.bytes(300)
        else:
            column, value = [("batch", "twelve"), ("date", "yesterday")][row % 2]
            lines[row][column] = value
    return broken


def write_csv(path, fields, lines):
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def deliver(out, seed, rows):
    random, samples, aside = draw(seed, rows)
    order = random.permutation(len(samples))
    place = {old: new for new, old in enumerate(order)}
    lines, truth, files = [], [], {}
    for new, old in enumerate(order):
        image, given, kind, true, source = samples[old]
        path = f"images/{new:05d}.png"
        files[path] = png(image)
        batch = new * 20 // len(samples) + 1
        date = datetime.date(2026, 3, 2) + datetime.timedelta(days=batch * 2)
        lines.append({"path": path, "label": CLASSES[given], "camera": f"cam{random.integers(1, 5)}", "batch": batch, "date": date})
        truth.append({"path": path, "kind": kind, "label": CLASSES[true] if true >= 0 else "",
                      "copy_of": f"images/{place[source]:05d}.png" if source >= 0 else ""})
    for row, kind in break_rows(random, lines, files).items():
        truth[row]["kind"] = f"broken: {kind}"
    (out / "delivery" / "images").mkdir(parents=True, exist_ok=True)
    for path, contents in files.items():
        (out / "delivery" / path).write_bytes(contents)
    write_csv(out / "delivery" / "labels.csv", ["path", "label", "camera", "batch", "date"], lines)
    write_csv(out / "truth.csv", ["path", "kind", "label", "copy_of"], truth)
    names = np.array(CLASSES)
    np.savez(out / "test.npz", x=read_idx("t10k-images-idx3-ubyte")[:, None], y=names[read_idx("t10k-labels-idx1-ubyte")])
    np.savez(out / "production.npz", x=aside[0][:, None], y=names[aside[1]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=20000)
    args = parser.parse_args()
    deliver(args.out, args.seed, args.rows)


if __name__ == "__main__":
    main()
