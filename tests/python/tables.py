# SPDX-License-Identifier: Apache-2.0
"""Goal: a table is the same to Gyre whatever lends it, and to others whatever takes it. Method: the rows of one CSV from pandas,
polars, pyarrow, numpy, Parquet and NPZ, held against the ids of `gyre id --rows`; datasets of every version read back by pyarrow,
polars and torch."""

import datetime
import decimal
import hashlib
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pandas
import polars
import pyarrow
import pyarrow.compute
import pyarrow.parquet
from tap import Tap

import gyre
from gyre import _gyre, columns

tap = Tap("python/tables")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def ids_of(data, label=None):
    return _gyre.table_from_parts(columns.parts_of(data), label).ids()


def refused(call, kind, *words):
    """Whether a call fails with that kind of error, in a message that has those words."""
    try:
        call()
    except kind as error:
        return all(word in str(error) for word in words) or str(error)
    return "no error"


def check_refused(name, call, kind, *words):
    got = refused(call, kind, *words)
    tap.check(got is True, name, str(got))


def rows_have_the_same_ids_from_everything():
    day = datetime.date(2024, 2, 29)
    made = {"n": [1, None, 3, 4], "x": [0.5, 1.25, None, 2.0], "t": ["a", None, "07", "long enough to be kept apart"], "b": [True, False, None, True],
            "d": [day, None, day, day], "s": [datetime.datetime(2024, 1, 2, 3, 4, 5, 600), None, datetime.datetime(1969, 12, 31), None]}
    table = pyarrow.table(made)
    pathlib.Path("rows.csv").write_text("n,x,t,b,d,s\n1,0.5,a,true,2024-02-29,2024-01-02T03:04:05.0006\n,1.25,,false,,\n3,,07,,2024-02-29,1969-12-31T00:00:00\n"
                                        "4,2.0,long enough to be kept apart,True,2024-02-29,\n")
    pyarrow.parquet.write_table(table, "rows.parquet")
    wanted = run("gyre", "id", "--rows", "rows.csv").split()
    tap.check(wanted == run("gyre", "id", "--rows", "rows.parquet").split(), "CSV and Parquet agree")
    lent = {"pyarrow": table, "polars": polars.DataFrame(made), "pandas": table.to_pandas(), "pandas with Arrow types": table.to_pandas(types_mapper=pandas.ArrowDtype),
            "pandas with its own types": pandas.DataFrame(made).convert_dtypes(), "a dict of lists": made, "a record batch": table.to_batches()[0],
            "batches": pyarrow.concat_tables([table.slice(0, 1), table.slice(1, 2), table.slice(3)]), "a slice of more rows": pyarrow.concat_tables([table, table]).combine_chunks().slice(4, 4),
            "a dictionary": table.set_column(2, "t", table.column("t").dictionary_encode()), "categories": polars.DataFrame(made).with_columns(polars.col("t").cast(polars.Categorical)),
            "string views": table.cast(pyarrow.schema([f if f.name != "t" else f.with_type(pyarrow.string_view()) for f in table.schema])),
            "large strings": table.set_column(2, "t", table.column("t").cast(pyarrow.large_string())),
            "int16": table.set_column(0, "n", table.column("n").cast(pyarrow.int16())), "float16": table.set_column(1, "x", table.column("x").cast(pyarrow.float16())),
            "uint64": table.set_column(0, "n", table.column("n").cast(pyarrow.uint64())), "decimals": table.set_column(1, "x", table.column("x").cast(pyarrow.decimal128(9, 3))),
            "long decimals": table.set_column(1, "x", table.column("x").cast(pyarrow.decimal128(30, 3))),
            "nanoseconds": table.set_column(5, "s", table.column("s").cast(pyarrow.timestamp("ns"))), "another zone": table.set_column(5, "s", table.column("s").cast(pyarrow.timestamp("us", "Asia/Tokyo"))),
            "date64": table.set_column(4, "d", table.column("d").cast(pyarrow.date64())), "columns the other way round": table.select(["s", "d", "b", "t", "x", "n"])}
    for name, data in lent.items():
        got = ids_of(data)
        tap.check(got == wanted, f"the same ids from {name}", [f"{a} {b}" for a, b in zip(got, wanted)])
    indexed = pandas.DataFrame({"x": [0.5, 1.5]}, index=["a", "b"])
    tap.check(ids_of(indexed) == ids_of({"x": [0.5, 1.5]}), "pandas' index is no column")
    big = [2**63, 2**64 - 1]
    tap.check(ids_of(pyarrow.table({"n": pyarrow.array(big, pyarrow.uint64())})) == ids_of({"n": [str(n) for n in big]}) == ids_of({"n": np.array(big, np.uint64)}),
              "integers over 63 bits are read whole")
    exact = [decimal.Decimal("12345678901234567890.12"), decimal.Decimal("-0.05")]
    pyarrow.parquet.write_table(pyarrow.table({"v": pyarrow.array(exact, pyarrow.decimal128(30, 2))}), "long.parquet")
    tap.check(ids_of(pyarrow.table({"v": pyarrow.array(exact, pyarrow.decimal128(30, 2))})) == run("gyre", "id", "--rows", "long.parquet").split(), "long decimals as from Parquet")


def what_a_table_does_not_hold_is_refused_by_name():
    for kind, value in {"list": [1, 2], "struct": {"a": 1}, "binary": b"x", "duration": datetime.timedelta(1), "time of day": datetime.time(1)}.items():
        check_refused(f"{kind} is refused with column and type", lambda: ids_of(pyarrow.table({"ok": [1], "odd": [value]})), gyre.Error, "'odd'", kind)
    check_refused("two columns of one name", lambda: ids_of(pyarrow.Table.from_arrays([pyarrow.array([1]), pyarrow.array([2])], names=["a", "a"])), gyre.Error, "'a'")
    check_refused("columns of two lengths", lambda: ids_of({"a": [1], "b": [1, 2]}), ValueError, "1 and 2")
    check_refused("an array of objects", lambda: ids_of({"odd": np.array([{}, []], object)}), TypeError, "'odd'", "dict")
    check_refused("complex numbers", lambda: ids_of({"odd": np.array([1j])}), TypeError, "'odd'", "complex")
    check_refused("what is no table", lambda: ids_of(42), TypeError, "int")


def labels_may_come_apart_from_the_rows():
    random = np.random.default_rng(5)
    truth = np.arange(120) % 2
    points = truth[:, None] * 6 + random.normal(0, 0.5, (120, 2))
    given = truth.copy()
    given[[11, 64]] ^= 1
    frame = polars.DataFrame({"u": points[:, 0], "v": points[:, 1]})
    found = {}
    for name, label in {"numpy": given, "polars": polars.Series(given), "pandas": pandas.Series(given), "pyarrow": pyarrow.array(given), "a list": given.tolist()}.items():
        found[name] = [f for f in gyre.audit(frame, label=label) if f["kind"] == "label"]
        tap.check(sorted(f["row"] for f in found[name]) == [11, 64], f"labels from {name}", str(found[name]))
    tap.check(all(findings == found["numpy"] for findings in found.values()), "the same findings whatever lends the labels")
    check_refused("a second column 'label'", lambda: gyre.audit(frame.rename({"u": "label"}), label=given), ValueError, "'label'")


def tables_outlive_what_lent_them():
    frame = polars.DataFrame({"t": [f"text number {i} of some length" for i in range(1000)]})
    table = _gyre.table_from_parts(columns.parts_of(frame), None)
    wanted = ids_of({"t": frame["t"].to_list()})
    del frame
    tap.check(table.ids() == wanted, "a table keeps what it was lent")
    stream = table.__arrow_c_stream__()
    del table
    back = pyarrow.RecordBatchReader._import_from_c_capsule(stream).read_all()
    del stream
    tap.check(back.column("t")[999].as_py() == "text number 999 of some length", "an Arrow table keeps ours")
    _gyre.table_from_parts(columns.parts_of(back), None).__arrow_c_stream__()  # one that nobody reads is released too
    tap.check(back.num_rows == 1000, "a stream that nobody reads does no harm")


def npz_files_are_tables():
    pictures = np.random.default_rng(2).integers(0, 255, (4, 3, 5), np.uint8)
    np.savez("arrays.npz", x=pictures, y=np.array(["cat", "dog", "cat", "owl"]), w=np.array([1, 2, 3, 4], np.float32))
    data = gyre.Dataset("arrays.npz")
    tap.check(data.classes == ["cat", "dog", "owl"] and data.labels.tolist() == [0, 1, 0, 2], "string labels of an NPZ are classes")
    np.savez("only.npz", x=pictures, y=np.array(["cat", "dog", "cat", "owl"]))
    data = gyre.Dataset("only.npz")
    tap.check(data.ids == [hashlib.sha256(p.tobytes()).hexdigest() for p in pictures], "an array's id is the SHA-256 of its bytes")
    tap.check(np.array_equal(data.images()[:, 0], pictures) and data.features().shape == (4, 15), "8-bit arrays are pictures, and features")
    inputs, target, weight = data.torch()[3]
    tap.check(np.array_equal(inputs.numpy(), pictures[3]) and target.tolist() == [0, 0, 1] and weight == 1, "torch gets the array as it is")
    back = pyarrow.table(data)
    tap.check(np.array_equal(np.array(back.column("x").combine_chunks().to_numpy_ndarray()), pictures), "Arrow gets tensors of their shape", str(back.schema))
    tap.check(ids_of(back.select(["x", "gyre_label"]), "gyre_label") == data.ids, "tensors come back from Arrow with their ids")
    np.savez("objects.npz", x=pictures, y=np.array(["a", None, 3, "b"], object))
    check_refused("arrays of Python objects are never unpickled", lambda: gyre.Dataset("objects.npz"), gyre.Error, "y", "pickled")


CONTRACT = """apiVersion: v3.1.0
kind: DataContract
schema:
  - name: rows
    properties:
      - name: note
        customProperties: [{property: gyre.exclude, value: true}]
      - name: species
        customProperties: [{property: gyre.label, value: true}]
      - name: owner
        customProperties: [{property: gyre.pii, value: true}]
"""


def make_versions():
    for command in (["git", "init", "-q"], ["git", "config", "user.email", "t@example.org"], ["git", "config", "user.name", "t"], ["gyre", "init"]):
        run(*command)
    pathlib.Path("animals.contract.yaml").write_text(CONTRACT)
    first = "legs,weight,born,species,note,owner,gyre_weight,gyre_soft\n4,3.5,2020-01-02,cat,,ann,1,\n2,0.1,,owl,x,bob,0.5,\n,9.5,2019-05-06,dog,y,,,\"{\"\"cat\"\": 0.25, \"\"dog\"\": 0.75}\"\n"
    write_version(first, "one")
    write_version(first.replace("cat,,ann", "dog,changed,ann").replace("2,0.1", "3,0.1"), "two")


def write_version(text, name):
    pathlib.Path("animals.csv").write_text(text)
    run("gyre", "add", "animals.csv")
    run("git", "add", "-A")
    run("git", "commit", "-qm", name)


def every_version_is_numpy_arrow_and_torch():
    now, before, head = gyre.Dataset("animals.csv"), gyre.Dataset("animals.csv.gyre", version="HEAD~1"), gyre.Dataset("animals.csv", version="HEAD")
    tap.check(now.ids == head.ids == run("gyre", "id", "--rows", "animals.csv").split(), "ids follow the contract, in a version as in the work tree", f"{now.ids} {head.ids}")
    tap.check(now.ids[0] == before.ids[0] and now.ids[1] != before.ids[1], "a new label keeps the id, a new value does not")
    tap.check([now.classes[i] for i in now.labels] == ["dog", "owl", "dog"] and [before.classes[i] for i in before.labels] == ["cat", "owl", "dog"], "each version has its labels")
    for name, data in {"now": now, "before": before}.items():
        tap.check(data.weights.tolist() == [1, 0.5, 1], f"{name}: weights, 1 where none is given")
        tap.check(data.targets()[2, data.classes.index("dog")] == 0.75 and data.targets()[1, data.classes.index("owl")] == 1, f"{name}: soft labels, one-hot rows else")
        inputs, target, weight = data.torch()[1]
        tap.check(len(data.torch()) == 3 and inputs.tolist()[-1] == np.float32(0.1) and weight == 0.5 and target.sum() == 1, f"{name}: a torch dataset")
        table, frame = pyarrow.table(data), polars.DataFrame(data)
        tap.check(table.column("gyre_id").to_pylist() == data.ids == frame["gyre_id"].to_list(), f"{name}: pyarrow and polars have the ids")
        tap.check(table.column("born").to_pylist() == [datetime.date(2020, 1, 2), None, datetime.date(2019, 5, 6)] == frame["born"].to_list(), f"{name}: dates stay dates", str(table.schema))
        tap.check(table.column("legs").to_pylist()[2] is None and table.schema.field("legs").type == pyarrow.int64(), f"{name}: whole numbers with gaps stay whole")
        tap.check(table.column("gyre_label").to_pylist() == [data.classes[i] for i in data.labels] and table.column("gyre_weight").to_pylist() == [1, 0.5, 1], f"{name}: labels and weights in Arrow")
        tap.check(table.equals(data.arrow()), f"{name}: arrow() is the same table")
    alone = run(sys.executable, "-c", "import sys; sys.modules['pyarrow'] = None; import gyre; print(type(gyre.Dataset('animals.csv').__arrow_c_stream__()).__name__)")
    tap.check(alone == "PyCapsule\n", "the stream needs no pyarrow")


def folders_have_versions():
    picture = pathlib.Path(os.environ["GYRE_SOURCE"], "tests/data/table").rglob("*.png")
    bytes_of = [path.read_bytes() for path in sorted(picture)][:2]
    for i, content in enumerate(bytes_of):
        pathlib.Path("shots", "ab"[i]).mkdir(parents=True)
        pathlib.Path("shots", "ab"[i], "1.png").write_bytes(content)
    run("gyre", "add", "shots")
    run("git", "commit", "-qam", "shots")
    pathlib.Path("shots/b/1.png").unlink()
    now, head = gyre.Dataset("shots"), gyre.Dataset("shots.gyre", version="HEAD")
    tap.check(now.paths == ["a/1.png"] and head.paths == ["a/1.png", "b/1.png"] and head.classes == ["a", "b"], "a folder has versions, sub-folders are labels", f"{now.paths} {head.paths}")
    tap.check(head.ids == [hashlib.sha256(content).hexdigest() for content in bytes_of], "its ids are those of its files")
    tap.check(len(now.images()) == 1, "pictures of a folder are read in it")


rows_have_the_same_ids_from_everything()
what_a_table_does_not_hold_is_refused_by_name()
labels_may_come_apart_from_the_rows()
tables_outlive_what_lent_them()
npz_files_are_tables()
make_versions()
every_version_is_numpy_arrow_and_torch()
folders_have_versions()
tap.done()
