# SPDX-License-Identifier: Apache-2.0
"""gyre.audit: wrong labels, outliers and near duplicates of a data frame, with no set-up."""

import json
import os
from typing import Any, Optional

import numpy as np

from . import _gyre, columns

_FIELDS = ("row", "id", "kind", "score", "given", "suggested", "reason", "soft")


class Findings(list):
    """What an audit found: a list of dicts, the worst of each kind first.

    Each has id, row (from 0: data.iloc[row]; `gyre audit` itself counts from 1), kind (label, outlier, duplicate, broken),
    score (0 to 1, higher is worse), given, suggested, reason, soft (class to probability; None: not known).

    note  what the audit says of the table, a line each: columns that it left out and why
    """

    note: str = ""
    _library: str = "pandas"

    def of(self, kind: str) -> "Findings":
        """Those of one kind: findings.of("label")."""
        return self._with([finding for finding in self if finding["kind"] == kind])

    def frame(self) -> Any:
        """A data frame of the library that the audited data came from (pandas, polars or pyarrow; else pandas), a finding a row.

        soft is JSON text there.
        """
        table = {name: [finding[name] for finding in self] for name in _FIELDS}
        table["soft"] = [None if soft is None else json.dumps(soft) for soft in table["soft"]]
        if self._library == "polars":
            import polars
            return polars.DataFrame(table)
        if self._library == "pyarrow":
            import pyarrow
            return pyarrow.table(table)
        import pandas
        return pandas.DataFrame(table)

    def _with(self, findings: list) -> "Findings":
        other = Findings(findings)
        other.note, other._library = self.note, self._library
        return other

    def __repr__(self) -> str:
        counts = {}
        for finding in self:
            counts[finding["kind"]] = counts.get(finding["kind"], 0) + 1
        said = ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "none"
        return f"<gyre.Findings: {said}>"


def audit(data: Any, label: Any = None, *, probs: Optional[Any] = None, seed: int = 0, all: bool = False) -> Findings:
    """Find label problems, outliers and near duplicates.

    data   pandas, polars or Arrow table, dict of arrays, 2-d numpy array, or a path as for `gyre audit`
    label  the label's column, or an array of labels; default: label, target, class or y
    probs  [rows, classes] out-of-sample probabilities of your own model, classes sorted by name; None: own judges alone
    seed   of the folds and judges
    all    every sample and kind with its score, not only what is an issue

    Returns a gyre.Findings: a list of dicts (row from 0) that makes a data frame.

        findings = gyre.audit(df, label="y")
        findings.of("label").frame()         # which labels look wrong, and what they should be
        df.iloc[[f["row"] for f in findings]]

    Raises gyre.Error: no such file or column, nothing to judge by, probs of another size.
    """
    path = None
    if isinstance(data, (str, os.PathLike)):
        path = os.fspath(data)
        table = _gyre.table_read(path, label, True)
    else:
        parts = columns.parts_of(data)
        name = label
        if label is not None and not isinstance(label, str):
            parts.append(columns.part_of("label", label))
            name = "label"
        table = _gyre.table_from_parts(parts, name)
    lent = None if probs is None else np.ascontiguousarray(probs, np.float32).tobytes()
    found, note = _gyre.audit(table, lent, seed, all, path)
    findings = Findings(found)
    findings.note = note
    library = type(data).__module__.split(".")[0]
    findings._library = library if library in ("polars", "pyarrow") else "pandas"
    for finding in findings:
        finding["soft"] = json.loads(finding["soft"]) if finding["soft"] else None
    return findings
