# SPDX-License-Identifier: Apache-2.0
"""Columns of libgyre's tables as numpy arrays, and data frames as columns of libgyre's tables.

Types are those of gy_column_type in include/gyre/table.h; layouts those of the Arrow C Data interface.
"""

import numpy as np

NULL, BOOL, INT64, FLOAT, DOUBLE, TEXT, DATE, TIME, TENSOR = range(9)
_DTYPES = {INT64: np.int64, FLOAT: np.float32, DOUBLE: np.float64, DATE: "datetime64[D]", TIME: "datetime64[us]"}


def _bits(buffer, rows):
    return np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little")[:rows].astype(bool)


def to_numpy(column, rows):
    """A column as a numpy array; a missing value is None in object arrays (text, and integers with gaps), NaN or NaT elsewhere."""
    _, kind, values, offsets, validity, tensor = column
    valid = np.ones(rows, bool) if validity is None else _bits(validity, rows)
    if kind == TEXT:
        ends = np.frombuffer(offsets, np.int64)
        return np.array([values[ends[i]:ends[i + 1]].decode("utf-8", "replace") if valid[i] else None for i in range(rows)], object)
    if kind == TENSOR:
        return np.frombuffer(values, tensor[0]).reshape(rows, *tensor[1])
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


def _column(name, kind, values, valid, offsets=None, tensor=None):
    return (name, kind, values, offsets, None if valid.all() else _pack_bits(valid), tensor)


def _text_column(name, items, valid):
    spelled = [str(item).encode() if ok else b"" for item, ok in zip(items, valid)]
    offsets = np.zeros(len(spelled) + 1, np.int64)
    np.cumsum([len(text) for text in spelled], out=offsets[1:])
    return _column(name, TEXT, b"".join(spelled), valid, offsets.tobytes())


def from_array(name, array, kind=None):
    """One column from what numpy makes of array, the first axis of which is the row. kind: of a column without any value."""
    array = np.asarray(array)
    if array.dtype.kind == "O" and kind is not None and all(item is None for item in array):
        return (name, NULL, None, None, None, None)
    if array.ndim != 1:
        return _tensor(name, array)
    letter, all_valid = array.dtype.kind, np.ones(len(array), bool)
    if letter == "b":
        return _column(name, BOOL, _pack_bits(array), all_valid)
    if letter in "iu" and (array.dtype != np.uint64 or not (array > np.iinfo(np.int64).max).any()):
        return _column(name, INT64, np.ascontiguousarray(array, np.int64).tobytes(), all_valid)
    if letter == "f":
        single = array.dtype.itemsize <= 4
        return _column(name, FLOAT if single else DOUBLE, np.ascontiguousarray(array, np.float32 if single else np.float64).tobytes(), ~np.isnan(array))
    if letter == "M":
        if array.dtype == "datetime64[D]":
            return _column(name, DATE, array.astype(np.int64).astype(np.int32).tobytes(), ~np.isnat(array))
        return _column(name, TIME, array.astype("datetime64[us]").astype(np.int64).tobytes(), ~np.isnat(array))
    if letter not in "OUSu":
        raise TypeError(f"column '{name}' has the type {array.dtype}, which a table does not hold; make text or numbers of it, or leave it out")
    return _from_objects(name, array)


def _tensor(name, array):
    if array.ndim == 0 or array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise ValueError(f"column '{name}' has {array.ndim} dimensions of {array.dtype}, must have 1, or more of numbers")
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return _column(name, TENSOR, little.tobytes(), np.ones(1, bool), tensor=(little.dtype.name, little.shape[1:]))


def _is_there(item):
    try:
        return item is not None and bool(item == item)
    except TypeError:  # pandas.NA
        return False


def _from_objects(name, array):
    """Text, and Python values with gaps: all bools, or all numbers (whole ones stay exact), else each as its text."""
    valid = np.array([_is_there(item) for item in array], bool)
    present = [item for item, ok in zip(array, valid) if ok]
    if present and all(isinstance(item, (bool, np.bool_)) for item in present):
        return _column(name, BOOL, _pack_bits(np.array([bool(item) if ok else False for item, ok in zip(array, valid)])), valid)
    numbers = present and all(isinstance(item, (int, float, np.number)) and not isinstance(item, (bool, np.bool_)) for item in present)
    whole = numbers and all(isinstance(item, (int, np.integer)) for item in present)
    if numbers and (not whole or all(-2**63 <= item < 2**63 for item in present)):
        values = np.array([item if ok else 0 for item, ok in zip(array, valid)], np.int64 if whole else np.float64)
        return _column(name, INT64 if whole else DOUBLE, values.tobytes(), valid)
    strange = next((item for item in present if not isinstance(item, (str, bytes, bool, int, float, np.generic)) and type(item).__module__ not in ("datetime", "decimal")), None)
    if strange is not None:
        raise TypeError(f"column '{name}' holds a {type(strange).__name__}, which a table does not; make text or numbers of it, or leave it out")
    return _text_column(name, [item.decode() if isinstance(item, bytes) else item for item in array], valid)


def _from_arrow(data, name=None):
    """What an object lends through the Arrow PyCapsule interface; None: it has none, or cannot."""
    if hasattr(data, "reset_index"):
        data = data.reset_index(drop=True)  # pandas would give its index as one more column
    try:
        if hasattr(data, "__arrow_c_stream__"):
            return ("arrow", data.__arrow_c_stream__(), name)
        if hasattr(data, "__arrow_c_array__"):
            return ("arrow", data.__arrow_c_array__(), name)
    except Exception as error:
        # pandas needs pyarrow for it, and columns of one type: else its columns are copied.
        if type(data).__module__.split(".")[0] != "pandas" or not (isinstance(error, ImportError) or "Arrow" in type(error).__name__):
            raise
    return None


def part_of(name, data):
    """One column as a part of a table."""
    array = None if isinstance(data, np.ndarray) else _from_arrow(data, name)
    return array or (len(data), from_array(name, data))


def parts_of(data):
    """A pandas, polars or Arrow table, a dict of arrays, or an array whose first axis is the row, as parts of a table."""
    if isinstance(data, np.ndarray):
        if data.ndim < 2:
            raise ValueError(f"an array of samples has 2 dimensions or more, this one has {data.ndim}")
        if data.ndim > 2:
            return [part_of("x", data)]
        return [part_of(f"x{i}", data[:, i]) for i in range(data.shape[1])]
    if isinstance(data, dict):
        return [part_of(str(name), column) for name, column in data.items()]
    lent = _from_arrow(data)
    if lent:
        return [lent]
    if hasattr(data, "columns") and hasattr(data, "__getitem__"):  # a data frame without Arrow
        return [(len(data), from_array(str(name), data[name].to_numpy())) for name in data.columns]
    raise TypeError(f"cannot read rows from a {type(data).__name__}: give a pandas, polars or Arrow table, a dict of arrays or an array")
