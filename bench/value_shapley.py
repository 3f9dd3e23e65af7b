#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Exact KNN-Shapley: `gyre value` on Fashion-MNIST, 60,000 training and 10,000 test images, 64 components, k = 10.

Limit: 20 CPU seconds. The values of a part are checked against the definition's recursion in numpy, which is also
timed: it is what a user without the program would write.

Usage: value_shapley.py [--train N] [--test N]
"""

import argparse
import gzip
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np

SOURCE = pathlib.Path(__file__).resolve().parents[1]
GYRE = pathlib.Path(os.environ.get("GYRE_BUILD", SOURCE / "build")) / "src/cli/gyre"
IMAGES = pathlib.Path("/usr/share/datasets/fashion-mnist")
K, COMPONENTS, LIMIT_SECONDS, CHECKED = 10, 64, 20.0, 200


def read_idx(name):
    contents = gzip.decompress((IMAGES / name).read_bytes())
    shape = [int.from_bytes(contents[4 + 4 * i:8 + 4 * i], "big") for i in range(contents[3])]
    return np.frombuffer(contents, np.uint8, offset=4 + 4 * contents[3]).reshape(shape)


def run(folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = subprocess.run([GYRE, "value", folder / "train.npz", folder / "test.npz", "--k", str(K), "--components",
                            str(COMPONENTS), "--json", "--quiet"], check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    values = np.array([json.loads(line)["value"] for line in lines.splitlines()])
    return values, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss // 1024


def shapley(train, labels, test, test_labels):
    """Theorem 1 of Jia et al., one test sample after the other."""
    values, count = np.zeros(len(train)), len(train)
    place = np.arange(1, count)
    weights = np.minimum(K, place) / (place * K)
    squares = (train ** 2).sum(1)
    for sample, label in zip(test, test_labels):
        order = np.argsort(squares - 2 * train @ sample, kind="stable")
        right = (labels[order] == label).astype(float)
        steps = np.concatenate([(right[:-1] - right[1:]) * weights, [right[-1] * min(K, count) / (count * K)]])
        values[order] += np.cumsum(steps[::-1])[::-1]
    return values / len(test)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=int, default=60000)
    parser.add_argument("--test", type=int, default=10000)
    args = parser.parse_args()
    images, labels = read_idx("train-images-idx3-ubyte.gz")[:args.train], read_idx("train-labels-idx1-ubyte.gz")
    tests, test_labels = read_idx("t10k-images-idx3-ubyte.gz")[:args.test], read_idx("t10k-labels-idx1-ubyte.gz")
    labels, test_labels = labels[:args.train], test_labels[:args.test]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        np.savez(folder / "train.npz", x=images, label=labels)
        np.savez(folder / "test.npz", x=tests[:CHECKED], label=test_labels[:CHECKED])
        part = run(folder)[0]
        np.savez(folder / "test.npz", x=tests, label=test_labels)
        values, seconds, memory = run(folder)

    flat = np.concatenate([images, tests[:CHECKED]]).reshape(len(images) + CHECKED, -1).astype(np.float64) / 255
    flat -= flat.mean(0)
    vectors = np.linalg.eigh(flat.T @ flat)[1][:, ::-1][:, :COMPONENTS]
    flat = flat @ vectors
    began = time.process_time()
    expected = shapley(flat[:len(images)], labels, flat[len(images):], test_labels[:CHECKED])
    peer = (time.process_time() - began) * len(tests) / CHECKED
    # Components are found anew from a part of the rows: neighbours that are almost equally far change places.
    agreement = np.corrcoef(part, expected)[0, 1]
    print(f"{'':8} {'CPU s':>8} {'MB':>6}")
    print(f"{'gyre':8} {seconds:8.1f} {memory:6d}   {len(images)} x {len(tests)}, limit {LIMIT_SECONDS:.0f} CPU s")
    print(f"{'numpy':8} {peer:8.1f} {'':6}   as measured on {CHECKED} test samples; ratio {peer / seconds:.1f}")
    print(f"correlation with numpy's values {agreement:.5f}; sum {values.sum():.4f}")
    sys.exit(not (seconds <= LIMIT_SECONDS and agreement > 0.99))


if __name__ == "__main__":
    main()
