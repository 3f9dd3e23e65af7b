# SPDX-License-Identifier: Apache-2.0
"""Gyre from Python: audit a data frame, train with sample ids, run models by the reference, report back by id.

    findings = gyre.audit(df, label="y")
    data = gyre.Dataset("labels.csv.gyre", version="HEAD~1")
"""

from ._gyre import Error, version as __version__
from .dataset import Dataset
from .frames import Findings, audit
from .records import log_metric, log_predictions, log_training, write_predictions
from .models import id_of_file, ids_of, infer

__all__ = ["Dataset", "Error", "Findings", "audit", "id_of_file", "ids_of", "infer", "log_metric", "log_predictions", "log_training", "write_predictions"]
