# SPDX-License-Identifier: Apache-2.0
"""Columns of libgyre's tables as numpy arrays, and data frames as columns of libgyre's tables.

Types are those of gy_column_type in include/gyre/table.h; layouts those of the Arrow C Data interface.
"""

import numpy as np

NULL, BOOL, INT64, FLOAT, DOUBLE, TEXT, DATE, TIME = range(8)
_DTYPES = {INT64: np.int64, FLOAT: np.float32, DOUBLE: np.float64, DATE: "datetime64[D]", TIME: "datetime64[us]"}


def _bits(buffer, rows):
    return np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little")[:rows].astype(bool)


def to_numpy(column, rows):
    """A column as a numpy array; a missing value is None in object arrays (text, and integers with gaps), NaN or NaT elsewhere."""
    _, kind, values, offsets, validity = column
    valid = np.ones(rows, bool) if validity is None else _bits(validity, rows)
    if kind == TEXT:
        ends = np.frombuffer(offsets, np.int64)
        return np.array([values[ends[i]:ends[i + 1]].decode("utf-8", "replace") if valid[i] else None for i in range(rows)], object)
    if kind == BOOL:
        array = _bits(values, rows)
    elif kind == DATE:
        array = np.frombuffer(values, np.int32).astype("datetime64[D]")
    elif kind in _DTYPES:
        array = np.frombuffer(values, np.int64 if kind == TIME else _DTYPES[kind]).astype(_DTYPES[kind])
    else:
        return np.full(rows, None, object)
    if valid.all():
        return array
    if kind in (FLOAT, DOUBLE):
        return np.where(valid, array, np.nan)
    if kind in (DATE, TIME):
        return np.where(valid, array, np.datetime64("NaT"))
    whole = array.astype(object)
    whole[~valid] = None
    return whole


def _pack_bits(mask):
    return np.packbits(mask, bitorder="little").tobytes()


def _text_column(name, items, valid):
    spelled = [str(item).encode() if ok else b"" for item, ok in zip(items, valid)]
    offsets = np.zeros(len(spelled) + 1, np.int64)
    np.cumsum([len(text) for text in spelled], out=offsets[1:])
    return (name, TEXT, b"".join(spelled), offsets.tobytes(), None if valid.all() else _pack_bits(valid))


def from_array(name, array):
    """One column from what numpy makes of array (1-d)."""
    array = np.asarray(array)
    if array.ndim != 1:
        raise ValueError(f"column '{name}' has {array.ndim} dimensions, must have 1")
    kind = array.dtype.kind
    if kind == "b":
        return (name, BOOL, _pack_bits(array), None, None)
    if kind in "iu" and array.dtype != np.uint64:
        return (name, INT64, np.ascontiguousarray(array, np.int64).tobytes(), None, None)
    if kind == "f":
        valid = ~np.isnan(array)
        single = array.dtype == np.float32
        values = np.ascontiguousarray(array, np.float32 if single else np.float64).tobytes()
        return (name, FLOAT if single else DOUBLE, values, None, None if valid.all() else _pack_bits(valid))
    if kind == "M":
        valid = ~np.isnat(array)
        return (name, TIME, array.astype("datetime64[us]").astype(np.int64).tobytes(), None, None if valid.all() else _pack_bits(valid))
    valid = np.array([item is not None and item == item for item in array], bool)
    present = [item for item, ok in zip(array, valid) if ok]
    if present and all(isinstance(item, (bool, np.bool_)) for item in present):
        return (name, BOOL, _pack_bits(np.array([bool(item) if ok else False for item, ok in zip(array, valid)])), None, _pack_bits(valid))
    if present and all(isinstance(item, (int, float, np.number)) and not isinstance(item, bool) for item in present):
        return from_numbers(name, array, valid)
    return _text_column(name, array, valid)


def from_numbers(name, array, valid):
    """Python numbers with gaps: whole ones stay exact."""
    whole = all(isinstance(item, (int, np.integer)) for item, ok in zip(array, valid) if ok)
    values = np.array([item if ok else 0 for item, ok in zip(array, valid)], np.int64 if whole else np.float64)
    return (name, INT64 if whole else DOUBLE, values.tobytes(), None, None if valid.all() else _pack_bits(valid))


def from_frame(data):
    """The columns of a pandas, polars or Arrow table, a dict of arrays, or a 2-d numpy array; and the number of rows."""
    if isinstance(data, np.ndarray):
        if data.ndim != 2:
            raise ValueError(f"an array of samples has 2 dimensions, this one has {data.ndim}")
        named = {f"x{i}": data[:, i] for i in range(data.shape[1])}
    elif isinstance(data, dict):
        named = data
    elif hasattr(data, "column_names"):  # pyarrow.Table and RecordBatch share to_pylist; the names are a list
        named = {name: data.column(name).to_numpy(zero_copy_only=False) if hasattr(data.column(name), "chunks") is False
                 else data.column(name).to_numpy() for name in data.column_names}
    elif hasattr(data, "columns") and hasattr(data, "__getitem__"):  # pandas, polars
        named = {str(name): data[name].to_numpy() for name in data.columns}
    else:
        raise TypeError(f"cannot read rows from a {type(data).__name__}: give a pandas, polars or Arrow table, a dict of arrays or a 2-d array")
    columns = [from_array(name, array) for name, array in named.items()]
    counts = {len(np.asarray(array)) for array in named.values()}
    if len(counts) != 1:
        raise ValueError(f"columns have different lengths: {sorted(counts)}")
    return columns, counts.pop()
