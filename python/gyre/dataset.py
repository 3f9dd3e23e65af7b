# SPDX-License-Identifier: Apache-2.0
"""gyre.Dataset: ids, features or pictures, labels and weights of any version."""

import json
import os
import tempfile

import numpy as np

from . import _gyre, columns


class Dataset:
    """The samples of a table that have an id and a label (or soft label), in row order.

    path     the table or its pointer: "labels.csv" or "labels.csv.gyre"
    version  None: as it is in the work tree; else any git revision that has the pointer: "HEAD~1"
    label    the label's column; default: the contract's, else label, target, class or y
    classes  only samples of these classes; default: all that there are
    exclude  what `gyre check --json` or `gyre audit --json` printed (a path): the rows that it names are left out

    ids      list of 64 hex digits          rows     row numbers, from 1
    classes  sorted class names             labels   int array, place in classes; -1: none
    weights  float32 array (column gyre_weight, else 1)
    soft     float32 [n, classes] (column gyre_soft), None: the table has none
    paths    of the pictures; None: the table names no files
    """

    def __init__(self, path, version=None, label=None, classes=None, exclude=None):
        self.path = path[:-5] if path.endswith(".gyre") else path
        self.version = version
        self._folder = os.path.dirname(os.path.abspath(self.path))
        table = self._read(label)
        rows, label_column, file_column = table.about()
        named = {column[0]: columns.to_numpy(column, rows) for column in table.columns()}
        ids = self._version_ids(named, file_column) if version and file_column else table.ids()
        spelled = np.full(rows, None, object) if label_column is None else named[label_column].astype(object)
        wanted = None if classes is None else set(classes)
        soft = self._soft(named.get("gyre_soft"), wanted)
        weights = named.get("gyre_weight")
        left_out = self._excluded(exclude)

        def is_kept(row):
            if ids[row] is None or row + 1 in left_out:
                return False
            if label_column is None or (soft and soft[row]):
                return True
            return spelled[row] is not None and (wanted is None or str(spelled[row]) in wanted)

        keep = np.array([row for row in range(rows) if is_kept(row)], int)
        self.ids = [ids[row] for row in keep]
        self.rows = keep + 1
        self.paths = None if file_column is None else [str(named[file_column][row]) for row in keep]
        self._set_labels([spelled[row] for row in keep], [soft[row] for row in keep] if soft else None, classes)
        self.weights = np.ones(len(keep), np.float32) if weights is None else np.nan_to_num(weights[keep].astype(np.float32), nan=1.0)
        skip = {label_column, file_column, "gyre_soft", "gyre_weight"}
        self.columns = {name: array[keep] for name, array in named.items() if name not in skip}

    def _read(self, label):
        if self.version is None:
            return _gyre.table_read(self.path, label, True)
        root = _gyre.pointer_read(self.path + ".gyre", self.version)["root"]
        with tempfile.TemporaryDirectory() as folder:
            copy = os.path.join(folder, os.path.basename(self.path))
            with open(copy, "wb") as out:
                out.write(_gyre.object_read(self._folder, root))
            return _gyre.table_read(copy, label, True)

    def _version_ids(self, named, file_column):
        """The ids that the files of that version had: from the version's own list, not from the work tree."""
        known = {}
        for row, path in enumerate(named[file_column]):
            top = str(path).split("/")[0]
            if top not in known:
                pointer = os.path.join(self._folder, top + ".gyre")
                known[top] = {f"{top}/{name}" if name else top: key for name, key in _gyre.version_list(pointer, self.version)}
        return [known[str(path).split("/")[0]].get(str(path)) for path in named[file_column]]

    @staticmethod
    def _excluded(path):
        if path is None:
            return set()
        with open(path, encoding="utf-8") as lines:
            return {record["row"] for record in map(json.loads, lines) if record.get("row") is not None}

    @staticmethod
    def _soft(column, wanted):
        """Shares of each row, summing to one over the wanted classes; None where a row has none."""
        if column is None:
            return None

        def shares(text):
            entry = {name: share for name, share in json.loads(text).items() if wanted is None or name in wanted} if text else {}
            total = sum(entry.values())
            return {name: share / total for name, share in entry.items()} if total > 0 else None

        return [shares(text) for text in column]

    def _set_labels(self, spelled, soft, classes):
        names = set(classes or ())
        if classes is None:
            names = {str(name) for name in spelled if name is not None}
            for entry in soft or []:
                names.update(entry or {})
        self.classes = sorted(names)
        place = {name: index for index, name in enumerate(self.classes)}
        self.labels = np.array([-1 if name is None else place.get(str(name), -1) for name in spelled], np.int64)
        self.soft = None
        if soft:
            self.soft = np.zeros((len(spelled), len(self.classes)), np.float32)
            for row, entry in enumerate(soft):
                if entry:
                    for name, share in entry.items():
                        self.soft[row, place[name]] = share
                else:
                    self.soft[row, self.labels[row]] = 1.0

    def __len__(self):
        return len(self.ids)

    def targets(self):
        """float32 [n, classes]: the soft labels where there are some, else the labels as one-hot rows."""
        if self.soft is not None:
            return self.soft
        return np.eye(len(self.classes), dtype=np.float32)[self.labels]

    def images(self):
        """uint8 [n, channels, height, width]: the pictures, all of one size."""
        if self.paths is None:
            raise ValueError(f"'{self.path}' names no files")
        if self.version is None:
            sources = [os.path.join(self._folder, path) for path in self.paths]
        else:
            sources = [_gyre.object_read(self._folder, name) for name in self.ids]
        pixels, height, width, channels = _gyre.images(sources)
        shaped = np.frombuffer(pixels, np.uint8).reshape(len(sources), height, width, channels)
        return np.ascontiguousarray(shaped.transpose(0, 3, 1, 2))

    def features(self):
        """float64 [n, columns]: the numeric columns, in table order."""
        numeric = [array.astype(np.float64) for array in self.columns.values() if array.dtype.kind in "biuf"]
        return np.stack(numeric, 1) if numeric else np.zeros((len(self), 0))

    def arrow(self):
        """A pyarrow table: gyre_id, the columns, gyre_label, gyre_weight. Needs pyarrow."""
        import pyarrow
        arrays = {"gyre_id": self.ids, **self.columns, "gyre_label": [self.classes[i] if i >= 0 else None for i in self.labels], "gyre_weight": self.weights}
        return pyarrow.table({name: pyarrow.array(array) for name, array in arrays.items()})

    def torch(self):
        """A torch TensorDataset of (images or features, targets, weights). Needs torch."""
        import torch
        inputs = self.images() if self.paths is not None else self.features().astype(np.float32)
        return torch.utils.data.TensorDataset(torch.from_numpy(inputs), torch.from_numpy(self.targets()), torch.from_numpy(self.weights))
