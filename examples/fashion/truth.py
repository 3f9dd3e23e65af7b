#!/usr/bin/env python3
"""What only the scorer may do: train on the true labels, and repeat every training under other seeds.

truth.py OUT                 trains on the true labels of the delivered garments; writes OUT/truth.json
truth.py OUT --seeds N       trains spoilt, cleaned and true N times each; writes OUT/seeds.json
"""

import argparse
import csv
import json
import pathlib
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "project"))


def arrays_of(out, subject, exclude=None):
    """Images, targets, weights and ids of the version whose commit has this subject, as prepare.py makes them for training."""
    import gyre
    import yaml
    project = out / "project"
    found = subprocess.run(["git", "log", "--format=%H", f"--grep=^{subject}$", "-1"], cwd=project, capture_output=True, check=True)
    holdout = yaml.safe_load(open(project / "params.yaml"))["prepare"]["holdout"]
    classes = sorted(set(np.load(out / "test.npz")["y"]))
    data = gyre.Dataset(str(project / "labels.csv"), version=found.stdout.decode().strip(), classes=classes, exclude=exclude)
    use = np.array([int(name[:8], 16) >= holdout * 2**32 for name in data.ids])
    return data.images()[use], data.targets()[use], data.weights[use], np.array(classes), [path for path, keep in zip(data.paths, use) if keep]


def spoilt_arrays(out):
    return arrays_of(out, "version 1: as delivered", out / "project" / "broken.v1.jsonl")


def true_arrays(out):
    """Delivered garments, none twice, none foreign, with their true labels."""
    truth = {row["path"]: row for row in csv.DictReader(open(out / "truth.csv"))}
    images, _, _, classes, paths = spoilt_arrays(out)
    rows = [row for row, path in enumerate(paths) if truth[path]["kind"] in ("ok", "wrong")]
    labels = [list(classes).index(truth[paths[row]]["label"]) for row in rows]
    return images[rows], np.eye(len(classes), dtype=np.float32)[labels], np.ones(len(rows), np.float32), classes, paths


def accuracy(job):
    import net
    import yaml
    arrays, test, params, seed = job
    images, targets, weights, classes, _ = arrays
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
    sets = {"spoilt": spoilt_arrays(args.out), "cleaned": arrays_of(args.out, "version 2: cleaned"), "truth": true_arrays(args.out)}
    jobs = [(arrays, test, params, seed) for arrays in sets.values() for seed in range(1, args.seeds + 1)]
    with ProcessPoolExecutor(2) as pool:
        scores = np.array(list(pool.map(accuracy, jobs))).reshape(len(sets), args.seeds)
    result = {name: {"mean": float(row.mean()), "spread": float(row.std(ddof=1)) if args.seeds > 1 else 0.0, "runs": row.tolist()}
              for name, row in zip(sets, scores)}
    result["recovered"] = float((result["cleaned"]["mean"] - result["spoilt"]["mean"]) / (result["truth"]["mean"] - result["spoilt"]["mean"]))
    (args.out / "seeds.json").write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
