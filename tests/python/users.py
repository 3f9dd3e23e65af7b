# SPDX-License-Identifier: Apache-2.0
"""Goal: what a user of pandas, polars and torch meets first says what it is: results, errors, help, types. Method: a table with gaps
that are spelled, from every library; every public name looked at."""

import inspect
import pathlib
import pickle
import typing

import numpy as np
import pandas
import polars
import pyarrow
from tap import Tap

import gyre

tap = Tap("python/users")


def make_table():
    random = np.random.default_rng(1)
    truth = np.arange(200) % 2
    given = truth.copy()
    given[[5, 60]] ^= 1
    age = [str(20 + i % 40) for i in range(200)]
    age[3], age[9] = "NA", "?"
    frame = pandas.DataFrame({"x": truth * 5 + random.normal(size=200), "age": age, "country": ["NA", "DE"] * 100, "y": given})
    frame.to_csv("table.csv", index=False)
    return frame


def findings_are_a_frame_of_the_callers_library(frame):
    lent = {"pandas": frame, "polars": polars.DataFrame(frame.to_dict("list")), "pyarrow": pyarrow.Table.from_pandas(frame), "path": pathlib.Path("table.csv")}
    for name, data in lent.items():
        findings = gyre.audit(data, label="y")
        made = findings.of("label").frame()
        library = "pandas" if name == "path" else name
        tap.check(type(made).__module__.split(".")[0] == library and list(made["row"].to_pylist() if library == "pyarrow" else made["row"]) == [5, 60],
                  f"{name}: findings of a kind are a frame of {library}", repr(made))
        tap.check(repr(findings).startswith("<gyre.Findings: 2 label"), f"{name}: and say what they are", repr(findings))
    tap.check(repr(findings.of("nothing")) == "<gyre.Findings: none>", "no finding is said, too")
    wide = gyre.audit(frame.assign(free=[f"text {i}" for i in range(200)]), label="y")
    tap.check("column 'free'" in wide.note and "column 'free'" in wide.of("label").note, "what was left out is told", wide.note)


def datasets_say_what_they_hold(frame):
    data = gyre.Dataset(pathlib.Path("table.csv"))
    tap.check(repr(data) == f"<gyre.Dataset 'table.csv': 200 samples, 2 classes (0 {(frame['y'] == 0).sum()}, 1 {(frame['y'] == 1).sum()}), 3 columns>", "a dataset's repr", repr(data))
    tap.check(data.feature_names() == ["x", "age"] and data.features().shape == (200, 2), "numbers with spelled gaps are features", str(data.feature_names()))
    tap.check(np.flatnonzero(np.isnan(data.features()[:, 1])).tolist() == [3, 9] and data.features()[4, 1] == 24, "their gaps are NaN")
    tap.check(data.columns["country"][0] == "NA", "a word is a word")
    made = data.frame()
    tap.check(made["gyre_id"].tolist() == data.ids and made["gyre_label"].tolist() == frame["y"].astype(str).tolist(), "a pandas frame has ids and labels")
    import torch
    batch = next(iter(torch.utils.data.DataLoader(data.torch(), batch_size=8)))
    tap.check([tuple(part.shape) for part in batch] == [(8, 2), (8, 2), (8,)], "torch's loader takes it")
    np.savez("arrays.npz", x=np.zeros((3, 2, 2), np.float32), y=np.array(["a", "b", "a"]))
    tap.check(gyre.Dataset("arrays.npz").feature_names() == ["x[0]", "x[1]", "x[2]", "x[3]"], "arrays are so many features")


def errors_are_exceptions():
    try:
        gyre.audit("missing.csv")
        tap.check(False, "a missing file is an error")
    except gyre.Error as error:
        tap.check(str(error) == "cannot read 'missing.csv': No such file or directory" and error.args == (str(error),), "an error prints its message alone", repr(error))
        tap.check((error.status, error.exit_code, error.file) == ("not_found", 3, "missing.csv"), "and knows its kind and file", f"{error.status} {error.exit_code} {error.file}")
        again = pickle.loads(pickle.dumps(error))
        tap.check((str(again), again.status) == (str(error), error.status), "it comes through pickle, as from a worker")
    try:
        gyre.Dataset("table.csv", label="nope")
        tap.check(False, "a missing column is an error")
    except gyre.Error as error:
        tap.check(error.status == "invalid" and "it has: x, age, country, y" in str(error), "a missing column names those there are", str(error))


def every_public_name_has_help_and_types():
    for name in gyre.__all__:
        thing = getattr(gyre, name)
        tap.check(bool(inspect.getdoc(thing)), f"{name} has help")
        methods = [] if not inspect.isclass(thing) or name == "Error" else [m for k, m in vars(thing).items() if inspect.isfunction(m) and not k.startswith("_")]
        for one in ([thing] if inspect.isfunction(thing) else methods):
            hints = typing.get_type_hints(one)
            untyped = [p for p in inspect.signature(one).parameters if p != "self" and p not in hints]
            tap.check(not untyped and "return" in hints and bool(inspect.getdoc(one)), f"{one.__qualname__} has types and help", str(untyped))
    folder = pathlib.Path(gyre.__file__).parent
    tap.check((folder / "py.typed").exists() and (folder / "_gyre.pyi").exists(), "the wheel says that it has types")
    stub = (folder / "_gyre.pyi").read_text()
    missing = [name for name in dir(gyre._gyre) if not name.startswith("__") and f"def {name}(" not in stub and f"class {name}" not in stub and f"{name}: " not in stub]
    tap.check(not missing, "the stub names all that the native module has", str(missing))


table = make_table()
findings_are_a_frame_of_the_callers_library(table)
datasets_say_what_they_hold(table)
errors_are_exceptions()
every_public_name_has_help_and_types()
tap.done()
