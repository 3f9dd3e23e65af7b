#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small real tables: of planted wrong labels few are left, of what was right nearly all stays; planted outliers are
found, and where none is planted nearly none; a missing value, a rare word or a long tail is no outlier.

A flag says "rather wrong than right": putting the suggested labels in place must leave fewer wrong ones than there
were, in every case, and over all cases no more than what a careful person gets without the program: the classes
that cross-validated logistic regression holds for likeliest.

usage: small_tables.py GYRE
"""
import json
import os
import subprocess
import sys
import tempfile
import warnings

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARES, GROSS, DEVIATIONS = (0.1, 0.2), 5, 10


def find_python():
    """Go on in a Python that has the packages: this one, $PYTHON, or the project's own."""
    try:
        import numpy, sklearn  # noqa: F401, E401

        return
    except ImportError:
        pass
    for python in (os.environ.get("PYTHON"), os.path.join(SOURCE, ".venv/bin/python")):
        if python and os.path.exists(python) and os.environ.get("GYRE_SMALL_TABLES") is None:
            os.environ["GYRE_SMALL_TABLES"] = "1"
            os.execv(python, [python, *sys.argv])
    print("not ok 1 - scikit-learn or numpy is not installed (tools/setup does it)\n1..1")
    sys.exit(1)


def audit(features, labels, folder):
    """The likeliest label of each row, which labels are flagged, which rows are outliers."""
    path = os.path.join(folder, "table.csv")
    with open(path, "w") as out:
        out.write(",".join(f"f{i}" for i in range(features.shape[1])) + ",label\n")
        for row, label in zip(features, labels):
            out.write(",".join(f"{value:.9g}" for value in row) + f",c{label}\n")
    command = [sys.argv[1], "audit", path, "--json", "--all", "--quiet"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    suggested, flagged, outliers = labels.copy(), np.zeros(len(labels), bool), np.zeros(len(labels), bool)
    for finding in map(json.loads, told.splitlines()):
        row = finding["row"] - 1
        if finding["kind"] == "label":
            suggested[row], flagged[row] = int(finding["suggested"][1:]), finding["flagged"]
        elif finding["kind"] == "outlier":
            outliers[row] = finding["flagged"]
    return suggested, flagged, outliers


def spoil(labels, share, seed):
    """Exactly this share of the labels, each to the next class."""
    hit = np.random.RandomState(seed).permutation(len(labels))[:round(share * len(labels))]
    given = labels.copy()
    given[hit] = (labels[hit] + 1) % (labels.max() + 1)
    return given


def displace(features, seed):
    """A few rows, each with two values that no other row has."""
    random, moved = np.random.RandomState(seed), features.copy()
    hit = random.permutation(len(features))[:GROSS]
    for row in hit:
        for col in random.permutation(features.shape[1])[:2]:
            moved[row, col] = features[:, col].mean() + DEVIATIONS * features[:, col].std() * random.choice([-1, 1])
    return moved, hit


def scramble(features, seed):
    """Digits of which a few are no digits: noise, negatives, grey ground, shuffled points."""
    random, spoilt = np.random.RandomState(seed), features.copy()
    hit = random.permutation(len(features))[:3 * GROSS]
    for at, row in enumerate(hit):
        spoilt[row] = (random.randint(0, 17, 64), 16 - spoilt[row], 8 + random.randn(64).round(),
                       random.permutation(spoilt[row]))[at % 4]
    return spoilt, hit


def ordinary(rows, seed):
    """What tables are like: missing values, rare words, long tails, a column that hardly ever differs, two that say
    the same, and a small crowd of its own."""
    random = np.random.RandomState(seed)
    size, late = random.randn(rows), random.rand(rows) < 0.02
    columns = [2 + size, 7 * size + 1e-4 * random.randn(rows), np.exp(1.2 * random.randn(rows)),
               random.standard_t(3, rows), random.poisson(0.05, rows), np.where(late, 9, 0) + random.randn(rows)]
    texts = [[f"{value:.9g}" for value in column] for column in columns]
    texts.append(random.choice(["red", "blue", "green", "mauve"], rows, p=[0.6, 0.3, 0.095, 0.005]).tolist())
    for column in texts:
        for row in np.flatnonzero(random.rand(rows) < 0.01):
            column[row] = ""
    return list(zip(*texts))


def outliers_of(rows, folder):
    path = os.path.join(folder, "ordinary.csv")
    with open(path, "w") as out:
        out.write(",".join("abcdefghij"[:len(rows[0])]) + "\n")
        out.writelines(",".join(row) + "\n" for row in rows)
    told = subprocess.run([sys.argv[1], "audit", path, "--json", "--quiet"], check=True, capture_output=True, text=True)
    return [finding["row"] for finding in map(json.loads, told.stdout.splitlines()) if finding["kind"] == "outlier"]


def likeliest(features, given):
    """What a person would do by hand."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return cross_val_predict(model, features, given, cv=StratifiedKFold(5, shuffle=True, random_state=0))


number = failed = 0


def check(good, what):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)


def main():
    rows = untouched = strange = left = by_hand = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in ("iris", "wine", "breast_cancer"):
            features, labels = getattr(datasets, f"load_{name}")(return_X_y=True)
            _, flagged, outliers = audit(features, labels, folder)
            rows, untouched, strange = rows + len(labels), untouched + flagged.sum(), strange + outliers.sum()
            moved, hit = displace(features, 1)
            check(audit(moved, labels, folder)[2][hit].all(), f"{name}: {GROSS} rows far from all others are found")
            for share in SHARES:
                given = spoil(labels, share, 1)
                suggested = audit(features, given, folder)[0]
                planted, wrong = (given != labels).sum(), (suggested != labels).sum()
                check(wrong < planted, f"{name}: {planted} wrong labels, then {wrong}")
                left, by_hand = left + wrong, by_hand + (likeliest(features, given) != labels).sum()
        features, labels = datasets.load_digits(return_X_y=True)
        for seed in (1, 2):
            spoilt, hit = scramble(features, seed)
            found = np.flatnonzero(audit(spoilt, labels, folder)[2])
            known = len(set(found) & set(hit))
            check(known == len(hit) and len(found) <= len(hit) + 3,
                  f"digits: {len(found)} outliers, {known} of {len(hit)} that are no digits among them")
        for count in (1000, 4000):  # of fewer rows two in a hundred are no crowd
            found = len(outliers_of(ordinary(count, 1), folder))
            check(found <= max(1, 0.002 * count), f"{found} of {count} rows with gaps, rare words and long tails called outliers")
    check(left <= by_hand, f"{left} wrong labels left, {by_hand} by logistic regression")
    check(untouched <= 0.01 * rows, f"{untouched} of {rows} right labels doubted")
    check(strange <= 0.003 * rows, f"{strange} of {rows} rows called outliers where none was planted")
    print(f"1..{number}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    find_python()
    import numpy as np
    from sklearn import datasets
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    warnings.filterwarnings("ignore")
    main()
