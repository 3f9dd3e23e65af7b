# SPDX-License-Identifier: Apache-2.0
"""gyre.Dataset: ids, features or pictures, labels and weights of any version."""

import json
import os
from typing import Any, Iterable, List, Optional, Union

import numpy as np

from . import _gyre, columns, versions


def _spell(value):
    """A label as gyre names its class: true, 3, 1.5, text."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, (float, np.floating)):
        return repr(value.item() if isinstance(value, np.floating) else value).removesuffix(".0")
    return str(value)


def _is_missing(value):
    return value is None or value != value


def _in_order(names):
    """Sorted as numbers if all are whole numbers, else as text."""
    try:
        return sorted(names, key=lambda name: (int(name), name))
    except ValueError:
        return sorted(names)


class Dataset:
    """The samples of a table that have an id and a label (or soft label), in row order.

    path     the table, an image folder, or its pointer: "labels.csv" or "labels.csv.gyre"
    version  None: as it is in the work tree; else any git revision that has the pointer: "HEAD~1"
    label    the label's column; default: the contract's, else label, target, class or y
    classes  only samples of these classes; default: all that there are
    exclude  what `gyre check --json` or `gyre audit --json` printed (a path): the rows that it names are left out

    ids      list of 64 hex digits          rows     row numbers, from 1
    classes  class names, sorted            labels   int array, place in classes; -1: none
    weights  float32 array (column gyre_weight, else 1)
    soft     float32 [n, classes] (column gyre_soft), None: the table has none
    paths    of the pictures; None: the table names no files
    """

    def __init__(self, path: Union[str, os.PathLike], version: Optional[str] = None, label: Optional[str] = None,
                 classes: Optional[Iterable[Any]] = None, exclude: Optional[Union[str, os.PathLike]] = None):
        path = os.fspath(path)
        self.path = path[:-5] if path.endswith(".gyre") else path
        self.version = version
        table, self._folder, ids = versions.open_table(self.path, version, label)
        rows, label_column, file_column = table.about()
        parts = table.columns()
        named = {part[0]: columns.to_numpy(part, rows) for part in parts}
        ids = table.ids() if ids is None else ids
        spelled = [None] * rows if label_column is None else [None if _is_missing(value) else _spell(value) for value in named[label_column]]
        wanted = None if classes is None else {_spell(name) for name in classes}
        soft = self._soft(named.get("gyre_soft"), wanted)
        weights = named.get("gyre_weight")
        left_out = self._excluded(exclude)

        def is_kept(row):
            if ids[row] is None or row + 1 in left_out:
                return False
            if label_column is None or (soft and soft[row]):
                return True
            return spelled[row] is not None and (wanted is None or spelled[row] in wanted)

        keep = np.array([row for row in range(rows) if is_kept(row)], int)
        self.ids = [ids[row] for row in keep]
        self.rows = keep + 1
        self.paths = None if file_column is None else [str(named[file_column][row]) for row in keep]
        self._set_labels([spelled[row] for row in keep], [soft[row] for row in keep] if soft else None, wanted)
        self.weights = np.ones(len(keep), np.float32) if weights is None else np.nan_to_num(weights[keep].astype(np.float32), nan=1.0)
        skip = {label_column, file_column, "gyre_soft", "gyre_weight"}
        self._kinds = {part[0]: part[1] for part in parts}
        self.columns = {name: array[keep] for name, array in named.items() if name not in skip}

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

    def _set_labels(self, spelled, soft, wanted):
        names = set(wanted or ())
        if wanted is None:
            names = {name for name in spelled if name is not None}
            for entry in soft or []:
                names.update(entry or {})
        self.classes = _in_order(names)
        place = {name: index for index, name in enumerate(self.classes)}
        self.labels = np.array([place.get(name, -1) for name in spelled], np.int64)
        self.soft = None
        if soft:
            self.soft = np.zeros((len(spelled), len(self.classes)), np.float32)
            for row, entry in enumerate(soft):
                if entry:
                    for name, share in entry.items():
                        self.soft[row, place[name]] = share
                elif self.labels[row] >= 0:
                    self.soft[row, self.labels[row]] = 1.0

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        counts = np.bincount(self.labels[self.labels >= 0], minlength=len(self.classes))
        shown = ", ".join(f"{name} {count}" for name, count in zip(self.classes[:6], counts)) + (", ..." if len(self.classes) > 6 else "")
        at = "" if self.version is None else f" at {self.version}"
        held = [f"{len(self)} samples", f"{len(self.classes)} classes ({shown})" if self.classes else "no labels"]
        held.append("pictures" if self.paths is not None else f"{len(self.columns)} column{'' if len(self.columns) == 1 else 's'}")
        return f"<gyre.Dataset '{self.path}'{at}: {', '.join(held)}>"

    def targets(self) -> np.ndarray:
        """float32 [n, classes]: the soft labels where there are some, else the labels as one-hot rows (without a label: zeros)."""
        if self.soft is not None:
            return self.soft
        one_hot = np.zeros((len(self), len(self.classes)), np.float32)
        labelled = np.flatnonzero(self.labels >= 0)
        one_hot[labelled, self.labels[labelled]] = 1.0
        return one_hot

    def images(self) -> np.ndarray:
        """uint8 [n, channels, height, width]: the pictures, all of one size; or the one column of 8-bit arrays."""
        if self.paths is None:
            return self._arrays()
        if self.version is None:
            sources = [os.path.join(self._folder, path) for path in self.paths]
        else:
            sources = [_gyre.object_read(os.path.dirname(os.path.abspath(self.path)), name) for name in self.ids]
        pixels, height, width, channels = _gyre.images(sources)
        shaped = np.frombuffer(pixels, np.uint8).reshape(len(sources), height, width, channels)
        return np.ascontiguousarray(shaped.transpose(0, 3, 1, 2))

    def _arrays(self):
        found = [array for array in self.columns.values() if array.dtype == np.uint8 and array.ndim in (3, 4)]
        if len(found) != 1:
            raise ValueError(f"'{self.path}' names no files and has {len(found)} columns of 8-bit pictures, must have one")
        shape = found[0].shape
        if len(shape) == 3:
            return np.ascontiguousarray(found[0][:, None])
        return np.ascontiguousarray(found[0].transpose(0, 3, 1, 2)) if shape[3] in (1, 3, 4) else found[0]

    def _numeric(self):
        """(name, array) of the columns of numbers and bools, in table order; a gap is NaN."""
        for name, array in self.columns.items():
            if array.dtype.kind == "O" and self._kinds[name] in (columns.INT64, columns.BOOL):
                array = np.array([np.nan if item is None else item for item in array], np.float64)
            if array.dtype.kind in "biuf":
                yield name, array

    def features(self) -> np.ndarray:
        """float64 [n, columns]: the numeric columns, in table order, gaps as NaN; arrays as so many columns."""
        numeric = [array.reshape(len(self), -1).astype(np.float64) for _, array in self._numeric()]
        return np.concatenate(numeric, 1) if numeric else np.zeros((len(self), 0))

    def feature_names(self) -> List[str]:
        """The columns of features(): the table's, and of arrays name[0], name[1], ..."""
        names = []
        for name, array in self._numeric():
            each = int(np.prod(array.shape[1:], dtype=int))
            names += [name] if array.ndim == 1 else [f"{name}[{i}]" for i in range(each)]
        return names

    def _parts(self):
        """gyre_id, the columns, gyre_label, gyre_weight, as parts of a table."""
        paths = {} if self.paths is None else {"path": self.paths}
        own = {"gyre_id": self.ids, **paths, **self.columns,
               "gyre_label": np.array([self.classes[i] if i >= 0 else None for i in self.labels], object), "gyre_weight": self.weights}
        return [(len(self), columns.from_array(name, array, self._kinds.get(name))) for name, array in own.items()]

    def __arrow_c_stream__(self, requested_schema=None):
        """The samples for whoever takes Arrow: pyarrow.table(data), polars.DataFrame(data). Needs neither."""
        return _gyre.table_from_parts(self._parts(), None).__arrow_c_stream__(requested_schema)

    def frame(self) -> Any:
        """A pandas data frame: gyre_id, path, the columns, gyre_label, gyre_weight. Needs pandas. polars: polars.DataFrame(data)."""
        import pandas
        own = {"gyre_id": self.ids, **({} if self.paths is None else {"path": self.paths}),
               **{name: array if array.ndim == 1 else list(array) for name, array in self.columns.items()}}
        labels = [self.classes[i] if i >= 0 else None for i in self.labels]
        return pandas.DataFrame({**own, "gyre_label": labels, "gyre_weight": self.weights})

    def arrow(self) -> Any:
        """A pyarrow table: gyre_id, path, the columns, gyre_label, gyre_weight. Needs pyarrow."""
        import pyarrow
        return pyarrow.table(self)

    def torch(self) -> Any:
        """A torch TensorDataset of (pictures, the only column of arrays, or features; targets; weights). Needs torch."""
        import torch
        arrays = [array for array in self.columns.values() if array.dtype.kind in "biuf"]
        if self.paths is not None:
            inputs = self.images()
        elif len(arrays) == 1 and arrays[0].ndim > 1:
            inputs = arrays[0]
        else:
            inputs = self.features().astype(np.float32)
        return torch.utils.data.TensorDataset(*map(torch.from_numpy, (np.ascontiguousarray(inputs), self.targets(), self.weights)))
