# SPDX-License-Identifier: Apache-2.0
"""Models by the reference: the same bits as the compiled program on any device."""

import os
from typing import Any, Dict, List, Union

import numpy as np

from . import _gyre


def id_of_file(path: Union[str, os.PathLike]) -> str:
    """The id of a file: SHA-256 of its bytes, 64 hex digits."""
    return _gyre.id_of_file(os.fspath(path))


def ids_of(array: Any) -> List[str]:
    """The id of each sample of an array as a model is fed: SHA-256 of its little-endian bytes, 64 hex digits."""
    array = np.ascontiguousarray(array)
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return _gyre.ids_of_rows(little.view(np.uint8).reshape(-1), int(np.prod(array.shape[1:], dtype=int)) * array.dtype.itemsize)


def infer(path: Union[str, os.PathLike], inputs: Any, batch: int = 256) -> Dict[str, np.ndarray]:
    """Run an ONNX model on arrays whose first axis is the sample; a dict from output name to array.

    inputs: dict from input name to array, or one array for a model of one input.
    """
    path = os.fspath(path)
    wanted, _ = _gyre.ports(path, 1)
    if not isinstance(inputs, dict):
        inputs = {wanted[0][0]: inputs}
    missing = [name for name, _, _ in wanted if name not in inputs]
    if missing:
        raise ValueError(f"'{path}' takes the input '{missing[0]}', which is not given")
    rows = len(inputs[wanted[0][0]])
    parts = {}
    for start in range(0, rows, batch):
        count = min(batch, rows - start)
        _, outputs = _gyre.ports(path, count)
        lent = [np.ascontiguousarray(inputs[name][start:start + count], dtype) for name, dtype, _ in wanted]
        for (name, dtype, shape), raw in zip(outputs, _gyre.infer(path, lent, count)):
            parts.setdefault(name, []).append(np.frombuffer(raw, dtype).reshape(shape))
    return {name: np.concatenate(pieces) for name, pieces in parts.items()}
