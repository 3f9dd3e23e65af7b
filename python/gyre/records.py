# SPDX-License-Identifier: Apache-2.0
"""What training gives back, under the samples' ids: into the ledger of the project, in the run that `gyre run` started."""

import atexit
import csv
import json
import os
import sys
import tempfile
from typing import Any, Optional, Sequence

import numpy as np

from . import _gyre


def _append(records, path="."):
    run = os.environ.get("GYRE_RUN")
    project = os.environ.get("GYRE_PROJECT") or _gyre.project(path)
    _gyre.ledger_append(project, [(kind, list(ids), json.dumps(body), run, None, "python") for kind, ids, body in records])


@atexit.register
def _note_versions():
    """In a run that `gyre run` started: leave the versions of all modules that were loaded for its record."""
    run, project = os.environ.get("GYRE_RUN"), os.environ.get("GYRE_PROJECT")
    if not run or not project:
        return
    folder = os.path.join(project, ".gyre", "runs")
    path = os.path.join(folder, run + ".json")
    notes = {}
    try:
        os.makedirs(folder, exist_ok=True)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                notes = json.load(file)
        loaded = {name: getattr(module, "__version__", None) for name, module in list(sys.modules.items()) if "." not in name}
        versions = {name: version for name, version in loaded.items() if isinstance(version, str)}
        notes.setdefault("python", sys.version.split()[0])
        notes.setdefault("libraries", {}).update(sorted(versions.items()))
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
            json.dump(notes, file, sort_keys=True)
        os.replace(file.name, path)
    except (OSError, ValueError, AttributeError) as error:  # a note that cannot be left fails no training
        print(f"gyre: no library versions for the run's record: {error}", file=sys.stderr)


def log_training(ids: Sequence[str], model: str, path: str = ".") -> None:
    """Say that the model file was trained with these samples."""
    _append([("lineage", [_gyre.id_of_file(os.fspath(model)), *map(str, ids)], {"what": "trained", "path": str(model), "samples": len(ids)})], path)


def log_metric(name: str, value: float, split: Optional[str] = None, path: str = ".") -> None:
    """Say what a metric came to."""
    _append([("metric", [], {"name": name, "value": float(value), **({"split": split} if split else {})})], path)


def log_predictions(ids: Sequence[str], predictions: Any, model: str, labels: Optional[Any] = None, losses: Optional[Any] = None, path: str = ".") -> None:
    """Say what a model file predicted of each sample (and its loss, where given)."""
    name = _gyre.id_of_file(os.fspath(model))
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


def write_predictions(path: str, ids: Sequence[str], label: Any, prediction: Any, scores: Optional[Any] = None) -> None:
    """Write predictions by id as CSV (id, label, prediction, score_0, ...), as `gyre gate` reads them."""
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["id", "label", "prediction"] + [f"score_{i}" for i in range(0 if scores is None else scores.shape[1])])
        for row, name in enumerate(ids):
            writer.writerow([name, _plain(label[row]), _plain(prediction[row])] + ([] if scores is None else [repr(float(s)) for s in scores[row]]))
