#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time and memory of `gyre audit` on made tables, beside cleanlab.

Tables: clusters with 10 % wrong labels, named rows x columns x classes. The peer does what a user would: probabilities
by cross-validation (scikit-learn's random forest alone, as many trees as gyre grows), label issues from them and
outliers by distance; no near duplicates.
Limits: 1,000,000 x 5: 180 s on two cores and 2 GB; 160,000 x 5: 15 CPU s; 4,000 x 2 of 200 classes: 8 CPU s.

Usage: value_audit_time.py [--tables 4000x2x200,20000x20x5,160000x5x2,1000000x5x2] [--runs N] [--without-peer]
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

SOURCE = pathlib.Path(__file__).resolve().parents[1]
GYRE = pathlib.Path(os.environ.get("GYRE_BUILD", SOURCE / "build")) / "src/cli/gyre"
TABLES = "4000x2x200,20000x20x5,160000x5x2,1000000x5x2"
LIMITS = {"4000x2x200": ("cpu", 8), "160000x5x2": ("cpu", 15), "1000000x5x2": ("wall", 180)}
MEMORY_MB = 2048
PEER_ROWS_MAX = 200_000
PEER = """
import sys
import numpy, pandas
from cleanlab.filter import find_label_issues
from cleanlab.outlier import OutOfDistribution
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_predict
table = pandas.read_csv(sys.argv[1])
features = table.drop(columns="label").to_numpy()
labels = numpy.unique(table["label"], return_inverse=True)[1]
model = RandomForestClassifier(60 if len(table) > 10000 else 200, min_samples_leaf=2, n_jobs=-1, random_state=1)
shares = cross_val_predict(model, features, labels, cv=5, method="predict_proba")
print(find_label_issues(labels, shares).sum(), OutOfDistribution().fit_score(features=features, verbose=False).min())
"""


def write_table(path, rows, cols, classes):
    random = np.random.default_rng(0)
    centers = random.normal(size=(classes, cols)) * 2
    labels = random.integers(0, classes, rows)
    features = centers[labels] + random.normal(size=(rows, cols))
    wrong = random.random(rows) < 0.1
    labels[wrong] = (labels[wrong] + random.integers(1, classes, wrong.sum())) % classes
    with open(path, "w", encoding="utf-8") as out:
        out.write(",".join(f"x{i}" for i in range(cols)) + ",label\n")
        for row, label in zip(features, labels):
            out.write(",".join(f"{value:.4f}" for value in row) + f",c{label}\n")


def measure(command):
    """Wall and CPU seconds, peak MB."""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        status, used = os.wait4(child.pid, 0)[1:]
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command[0]} failed with status {child.returncode}")
    return {"wall": time.monotonic() - began, "cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss // 1024}


def show(table, name, runs, note):
    cpu, wall = [run["cpu"] for run in runs], [run["wall"] for run in runs]
    print(f"{table:14} {name:9} {min(cpu):8.1f} {statistics.median(cpu):8.1f} {min(wall):8.1f} "
          f"{statistics.median(wall):8.1f} {max(run['mb'] for run in runs):6d}   {note}", flush=True)


def bench_table(table, peer, count, folder):
    rows, cols, classes = (int(number) for number in table.split("x"))
    path = folder / f"{table}.csv"
    write_table(path, rows, cols, classes)
    ours, theirs = [], []
    for _ in range(count):
        ours.append(measure([GYRE, "audit", path]))
        if peer and rows <= PEER_ROWS_MAX:
            theirs.append(measure([peer, "-c", PEER, path]))
    kind, limit = LIMITS.get(table, (None, None))
    show(table, "gyre", ours, f"limit {limit} s {kind}" if kind else "")
    if theirs:
        ratio = min(run["cpu"] for run in theirs) / min(run["cpu"] for run in ours)
        show(table, "cleanlab", theirs, f"{ratio:.1f} x the CPU seconds")
    is_met = kind is None or min(run[kind] for run in ours) <= limit
    return is_met and max(run["mb"] for run in ours) <= MEMORY_MB


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", default=TABLES)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--without-peer", action="store_true")
    args = parser.parse_args()
    python = SOURCE / ".venv-cleanlab/bin/python"
    peer = python if python.exists() and not args.without_peer else None
    if peer is None and not args.without_peer:
        print(f"no {python.relative_to(SOURCE)} : without the peer")
    print(f"{'table':14} {'':9} {'CPU s':>8} {'median':>8} {'wall s':>8} {'median':>8} {'MB':>6}")
    with tempfile.TemporaryDirectory() as name:
        met = [bench_table(table, peer, args.runs, pathlib.Path(name)) for table in args.tables.split(",")]
    sys.exit(not all(met))


if __name__ == "__main__":
    main()
