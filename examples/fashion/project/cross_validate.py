"""The user's own network, cross-validated: out-of-sample probabilities by id, for `gyre audit --probs`.

cross_validate.py OUT.npz [--targets SOFT.npz]: with --targets, trained on the soft labels of an earlier round.
"""

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


def main():
    data = gyre.Dataset("labels.csv", classes=sorted(set(np.load("test.npz")["y"])), exclude="broken.jsonl")
    images, targets = data.images(), data.targets()
    if "--targets" in sys.argv:
        soft = np.load(sys.argv[sys.argv.index("--targets") + 1])
        place = {name: row for row, name in enumerate(soft["ids"])}
        targets = soft["probs"][[place[name] for name in data.ids]].astype(np.float32)
    part = np.array([int(name[8:16], 16) % FOLDS for name in data.ids])
    jobs = [(images, targets, part != number, number) for number in range(FOLDS)]
    probs = np.zeros((len(images), len(data.classes)), np.float32)
    with ProcessPoolExecutor(2) as pool:
        for number, result in enumerate(pool.map(fold, jobs)):
            probs[part == number] = result
    np.savez(sys.argv[1], ids=np.array(data.ids), probs=probs, classes=np.array(data.classes))


if __name__ == "__main__":
    main()
