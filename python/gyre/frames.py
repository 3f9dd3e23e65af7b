# SPDX-License-Identifier: Apache-2.0
"""gyre.audit: wrong labels, outliers and near duplicates of a data frame, with no set-up."""

import json

import numpy as np

from . import _gyre, columns


def audit(data, label=None, *, probs=None, seed=0, all=False):
    """Find label problems, outliers and near duplicates.

    data   pandas, polars or Arrow table, dict of arrays, 2-d numpy array, or a path as for `gyre audit`
    label  the label's column, or an array of labels; default: label, target, class or y
    probs  [rows, classes] out-of-sample probabilities of your own model, classes sorted by name; None: own judges alone

    all    every sample and kind with its score, not only what is an issue

    Returns a list of dicts: id, row (from 0: data.iloc[row]; `gyre audit` itself counts from 1), kind (label, outlier,
    duplicate), score (0 to 1, higher is worse), given, suggested, reason, soft (class to probability; None: not known); the worst of each kind first.
    """
    if isinstance(data, str):
        table = _gyre.table_read(data, label, True)
    else:
        parts = columns.parts_of(data)
        name = label
        if label is not None and not isinstance(label, str):
            parts.append(columns.part_of("label", label))
            name = "label"
        table = _gyre.table_from_parts(parts, name)
    lent = None if probs is None else np.ascontiguousarray(probs, np.float32).tobytes()
    findings = _gyre.audit(table, lent, seed, all)
    for finding in findings:
        finding["soft"] = json.loads(finding["soft"]) if finding["soft"] else None
    return findings
