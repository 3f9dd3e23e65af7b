"""The user's own network, cross-validated: out-of-sample probabilities by id, for `gyre audit --probs`.

cross_validate.py OUT.npz [--soft FINDINGS.jsonl]: with --soft, trained on what an earlier audit holds for likely (its
`gyre audit --json --all`), instead of on the labels as they are given.
"""

import json
import sys
from concurrent.futures import ProcessPoolExecutor

import gyre
import numpy as np

FOLDS, EPOCHS = 3, 5


def fold(job):
    import net
    images, targets, inside, number = job
    model = net.train(images[inside], targets[inside], np.ones(inside.sum(), np.float32), EPOCHS, 0.004, 128, seed=number)
    out = net.logits(model, images[~inside])
    out = np.exp(out - out.max(1, keepdims=True))
    return out / out.sum(1, keepdims=True)


def soft_targets(path, data, targets):
    place = {name: row for row, name in enumerate(data.ids)}
    targets = targets.copy()
    for finding in map(json.loads, open(path)):
        if finding["kind"] == "label" and finding.get("soft") and finding["id"] in place:
            shares = np.array([finding["soft"].get(name, 0.0) for name in data.classes], np.float32)
            targets[place[finding["id"]]] = shares / shares.sum()
    return targets


def main():
    data = gyre.Dataset("labels.csv", classes=sorted(set(np.load("test.npz")["y"])), exclude="broken.jsonl")
    images, targets = data.images(), data.targets()
    if "--soft" in sys.argv:
        targets = soft_targets(sys.argv[sys.argv.index("--soft") + 1], data, targets)
    part = np.array([int(name[8:16], 16) % FOLDS for name in data.ids])
    jobs = [(images, targets, part != number, number) for number in range(FOLDS)]
    probs = np.zeros((len(images), len(data.classes)), np.float32)
    with ProcessPoolExecutor(2) as pool:
        for number, result in enumerate(pool.map(fold, jobs)):
            probs[part == number] = result
    np.savez(sys.argv[1], ids=np.array(data.ids), probs=probs, classes=np.array(data.classes))


if __name__ == "__main__":
    main()
