# SPDX-License-Identifier: Apache-2.0
"""What training gives back, under the samples' ids: into the ledger of the project, in the run that `gyre run` started."""

import csv
import json
import os

import numpy as np

from . import _gyre


def _append(records, path="."):
    run = os.environ.get("GYRE_RUN")
    project = os.environ.get("GYRE_PROJECT") or _gyre.project(path)
    _gyre.ledger_append(project, [(kind, list(ids), json.dumps(body), run, None, "python") for kind, ids, body in records])


def log_training(ids, model, path="."):
    """Say that the model file was trained with these samples."""
    _append([("lineage", [_gyre.id_of_file(model), *map(str, ids)], {"what": "trained", "path": str(model), "samples": len(ids)})], path)


def log_metric(name, value, split=None, path="."):
    """Say what a metric came to."""
    _append([("metric", [], {"name": name, "value": float(value), **({"split": split} if split else {})})], path)


def log_predictions(ids, predictions, model, labels=None, losses=None, path="."):
    """Say what a model file predicted of each sample (and its loss, where given)."""
    name = _gyre.id_of_file(model)
    records = []
    for row, sample in enumerate(ids):
        body = {"model": name, "output": _plain(predictions[row])}
        if labels is not None:
            body["label"] = _plain(labels[row])
        if losses is not None:
            body["loss"] = float(losses[row])
        records.append(("prediction", [str(sample)], body))
    _append(records, path)


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value.tolist() if isinstance(value, np.ndarray) else value


def write_predictions(path, ids, label, prediction, scores=None):
    """Write predictions by id as CSV (id, label, prediction, score_0, ...), as `gyre gate` reads them."""
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["id", "label", "prediction"] + [f"score_{i}" for i in range(0 if scores is None else scores.shape[1])])
        for row, name in enumerate(ids):
            writer.writerow([name, _plain(label[row]), _plain(prediction[row])] + ([] if scores is None else [repr(float(s)) for s in scores[row]]))
