#!/usr/bin/env python3
"""What only the scorer may do: train on the true labels, and repeat every training under other seeds.

truth.py OUT                 trains on the true labels of the delivered garments; writes OUT/truth.json
truth.py OUT --seeds N       trains spoilt, cleaned and true N times each; writes OUT/seeds.json
"""

import argparse
import csv
import json
import pathlib
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "project"))


def true_arrays(out):
    """Delivered garments, none twice, none foreign, with their true labels, but those that prepare.py holds out."""
    import gyre
    truth = list(csv.DictReader(open(out / "truth.csv")))
    good = [row for row in truth if row["kind"] in ("ok", "wrong")]
    data = np.load(out / "project" / "prepared.v1.npz")
    place = {name: row for row, name in enumerate(data["ids"])}
    rows, labels = [], []
    for row in good:
        name = gyre.id_of_file(str(out / "delivery" / row["path"]))
        if name in place and not data["held_out"][place[name]]:
            rows.append(place[name])
            labels.append(row["label"])
    classes = list(data["classes"])
    targets = np.eye(len(classes), dtype=np.float32)[[classes.index(label) for label in labels]]
    return data["images"][rows], targets, np.ones(len(rows), np.float32), data["classes"]


def prepared_arrays(path):
    data = np.load(path)
    use = ~data["held_out"]
    return data["images"][use], data["targets"][use], data["weights"][use], data["classes"]


def accuracy(job):
    import net
    import yaml
    arrays, test, params, seed = job
    images, targets, weights, classes = arrays
    model = net.train(images, targets, weights, **{**params, "seed": seed})
    return float((classes[net.logits(model, test["x"]).argmax(1)] == test["y"]).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=0)
    args = parser.parse_args()
    import yaml
    params = yaml.safe_load(open(args.out / "project" / "params.yaml"))["train"]
    test = dict(np.load(args.out / "test.npz"))
    if args.seeds == 0:
        result = {"accuracy_truth": accuracy((true_arrays(args.out), test, params, params["seed"]))}
        (args.out / "truth.json").write_text(json.dumps(result))
        return
    sets = {"spoilt": prepared_arrays(args.out / "project" / "prepared.v1.npz"),
            "cleaned": prepared_arrays(args.out / "project" / "prepared.npz"), "truth": true_arrays(args.out)}
    jobs = [(arrays, test, params, seed) for arrays in sets.values() for seed in range(1, args.seeds + 1)]
    with ProcessPoolExecutor(2) as pool:
        scores = np.array(list(pool.map(accuracy, jobs))).reshape(len(sets), args.seeds)
    result = {name: {"mean": float(row.mean()), "spread": float(row.std(ddof=1)) if args.seeds > 1 else 0.0, "runs": row.tolist()}
              for name, row in zip(sets, scores)}
    result["recovered"] = float((result["cleaned"]["mean"] - result["spoilt"]["mean"]) / (result["truth"]["mean"] - result["spoilt"]["mean"]))
    (args.out / "seeds.json").write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
