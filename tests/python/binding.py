# SPDX-License-Identifier: Apache-2.0
"""Goal: what Python hands over and gets back is what the command line and numpy say. Method: small projects made here."""

import csv
import hashlib
import json
import pathlib
import struct
import subprocess
import sys
import zlib

import numpy as np
from tap import Tap

import gyre

tap = Tap("python/binding")


def png(image):
    height, width = image.shape

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    raw = np.zeros((height, width + 1), np.uint8)
    raw[:, 1:] = image
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(raw.tobytes())) + chunk(b"IEND", b"")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def make_project():
    pathlib.Path("images").mkdir()
    random = np.random.default_rng(1)
    pictures = random.integers(0, 255, (6, 4, 5), np.uint8)
    rows = []
    for i, picture in enumerate(pictures):
        pathlib.Path(f"images/{i}.png").write_bytes(png(picture))
        rows.append({"path": f"images/{i}.png", "label": "ab"[i % 2], "size": i / 2})
    pathlib.Path("images/bad.png").write_bytes(b"no picture")
    rows.append({"path": "images/bad.png", "label": "a", "size": 9})
    rows.append({"path": "images/missing.png", "label": "a", "size": 9})
    write_rows(rows)
    run("git", "init", "-q")
    run("git", "config", "user.email", "t@example.org")
    run("git", "config", "user.name", "t")
    run("gyre", "init")
    run("gyre", "add", "images", "labels.csv")
    run("git", "commit", "-qam", "one")
    return pictures, rows


def write_rows(rows):
    with open("labels.csv", "w", newline="") as out:
        writer = csv.DictWriter(out, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def dataset_is_what_the_command_line_says(pictures, rows):
    data = gyre.Dataset("labels.csv")
    named = [line for line in run("gyre", "id", "--rows", "labels.csv").split() if line != "-"]
    tap.check(data.ids == named, "ids are those of gyre id --rows, rows without one left out", f"{data.ids} {named}")
    tap.check(data.ids[0] == hashlib.sha256(pathlib.Path("images/0.png").read_bytes()).hexdigest(), "a picture's id is the SHA-256 of its file")
    tap.check(data.classes == ["a", "b"] and list(data.labels[:3]) == [0, 1, 0], "labels are places in the sorted classes")
    try:
        data.images()
        tap.check(False, "a file that is no picture is an error that names it")
    except gyre.Error as error:
        tap.check("bad.png" in str(error), "a file that is no picture is an error that names it", str(error))
    pathlib.Path("findings.jsonl").write_text(json.dumps({"row": 7}) + "\n")
    data = gyre.Dataset("labels.csv", exclude="findings.jsonl")
    tap.check(len(data) == 6 and np.array_equal(data.images()[:, 0], pictures), "excluded rows are left out, pictures come pixel by pixel")
    tap.check(np.array_equal(data.features()[:, 0], np.arange(6) / 2), "numeric columns are features")
    tap.check(np.array_equal(data.targets(), np.eye(2, dtype=np.float32)[[0, 1, 0, 1, 0, 1]]), "targets are one-hot rows of the labels")
    table = data.arrow()
    tap.check(table.column("gyre_id").to_pylist() == data.ids and table.column("gyre_label").to_pylist()[:2] == ["a", "b"], "Arrow has ids and labels")
    first = data.torch()[1]
    tap.check(first[0].shape == (1, 4, 5) and first[1].tolist() == [0, 1], "a torch dataset gives picture, target, weight")


def older_versions_open(pictures, rows):
    changed = [dict(rows[0], label="b")] + rows[2:6]
    changed[1]["gyre_soft"] = json.dumps({"a": 0.25, "b": 0.75})
    for row in changed:
        row.setdefault("gyre_soft", "")
    write_rows(changed)
    pathlib.Path("images/1.png").unlink()
    run("gyre", "add", "images", "labels.csv")
    run("git", "commit", "-qam", "two")
    now, before = gyre.Dataset("labels.csv.gyre"), gyre.Dataset("labels.csv.gyre", version="HEAD~1", exclude="findings.jsonl")
    tap.check(len(now) == 5 and len(before) == 6, "each version has its own rows", f"{len(now)} {len(before)}")
    tap.check(now.ids[0] == before.ids[0] and now.labels[0] == 1 and before.labels[0] == 0, "a corrected label keeps the sample's id")
    tap.check(np.array_equal(before.images()[:, 0], pictures), "a picture that the work tree lost comes from the store")
    tap.check(now.soft is not None and now.soft[1].tolist() == [0.25, 0.75] and now.targets()[0].tolist() == [0, 1], "soft labels stand in for labels")


def records_reach_the_ledger():
    data = gyre.Dataset("labels.csv")
    pathlib.Path("m.onnx").write_bytes(b"model")
    gyre.log_training(data.ids, "m.onnx")
    gyre.log_predictions(data.ids[:2], ["a", "b"], "m.onnx", labels=["a", "a"], losses=[0.1, 2.5])
    gyre.log_metric("accuracy", 0.5, "test")
    import sqlite3
    kinds = dict(sqlite3.connect(".gyre/ledger.db").execute("select kind, count(*) from record group by kind"))
    tap.check(kinds.get("prediction") == 2 and kinds.get("metric") == 1 and kinds.get("lineage") == 1, "predictions, metrics and lineage are in the ledger", str(kinds))


def library_versions_reach_the_run():
    pathlib.Path("step.py").write_text("import gyre, numpy\nopen('step.txt', 'w').write('1')\n")
    pathlib.Path("gyre.yaml").write_text(f"stages:\n  step:\n    cmd: '{sys.executable} step.py'\n    deps: [step.py]\n    outs: [step.txt]\n")
    run("gyre", "run", "--quiet")
    notes = json.loads(subprocess.run(["gyre", "why", "step.txt", "--json"], capture_output=True, check=True).stdout)["origin"]["notes"]
    tap.check(notes["libraries"].get("numpy") == np.__version__ and notes["python"] == sys.version.split()[0],
              "a run's record has the versions of Python's modules", str(notes))


def ids_of_arrays_are_hashes_of_their_bytes():
    array = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    tap.check(gyre.ids_of(array)[1] == hashlib.sha256(array[1].tobytes()).hexdigest(), "a tensor's id is the SHA-256 of its little-endian bytes")
    tap.check(gyre.ids_of(array.astype(">f4")) == gyre.ids_of(array), "byte order does not change an id")


def models_run_by_the_reference():
    import onnx
    from onnx import TensorProto, helper
    weight = helper.make_tensor("w", TensorProto.FLOAT, [3, 2], [1, 2, 3, 4, 5, 6])
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])], [weight])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), "matmul.onnx")
    x = np.random.default_rng(0).random((5, 3), np.float32)
    y = gyre.infer("matmul.onnx", x, batch=2)["y"]
    tap.check(y.shape == (5, 2) and np.allclose(y, x @ np.array([[1, 2], [3, 4], [5, 6]], np.float32), atol=1e-6), "infer computes the model in batches")
    try:
        gyre.infer("matmul.onnx", {"z": x})
        tap.check(False, "a missing input is named")
    except ValueError as error:
        tap.check("'x'" in str(error), "a missing input is named")


def audit_finds_flipped_labels_in_every_kind_of_frame():
    import pandas
    import polars
    import pyarrow
    random = np.random.default_rng(3)
    truth = np.arange(240) % 3
    points = np.array([[0, 0], [6, 0], [0, 6]])[truth] + random.normal(0, 0.6, (240, 2))
    given = truth.copy()
    flipped = [7, 50, 101, 163, 222]
    given[flipped] = (given[flipped] + 1) % 3
    names = np.array(["red", "green", "blue"])[given]
    frames = {"pandas": pandas.DataFrame({"u": points[:, 0], "v": points[:, 1], "y": names}),
              "polars": polars.DataFrame({"u": points[:, 0], "v": points[:, 1], "y": names}),
              "arrow": pyarrow.table({"u": points[:, 0], "v": points[:, 1], "y": names})}
    first = None
    for kind, frame in frames.items():
        findings = gyre.audit(frame, label="y")
        wrong = sorted(f["row"] for f in findings if f["kind"] == "label")
        tap.check(wrong == flipped, f"{kind}: the flipped labels are found, and no other", str(wrong))
        first = first or findings
        tap.check(findings == first, f"{kind}: the same findings under the same ids")
    suggested = {f["row"]: f["suggested"] for f in first if f["kind"] == "label"}
    tap.check(suggested == {row: ["red", "green", "blue"][truth[row]] for row in flipped}, "the suggested label is the true one", str(suggested))
    soft = next(f["soft"] for f in first if f["kind"] == "label")
    tap.check(abs(sum(soft.values()) - 1) < 0.01, "soft labels sum to one but for classes next to zero", str(soft))
    findings = gyre.audit(points, label=given)
    tap.check(sorted(f["row"] for f in findings if f["kind"] == "label") == flipped, "numpy: features and labels apart")
    every = gyre.audit(points, label=given, all=True)
    tap.check(sum(f["kind"] == "label" for f in every) == 240, "all=True scores every sample")
    try:
        gyre.audit(points, label=given, probs=np.ones((3, 3)))
        tap.check(False, "probabilities of another shape are refused with both sizes")
    except gyre.Error as error:
        tap.check("720" in str(error), "probabilities of another shape are refused with both sizes", str(error))


made = make_project()
dataset_is_what_the_command_line_says(*made)
older_versions_open(*made)
records_reach_the_ledger()
library_versions_reach_the_run()
ids_of_arrays_are_hashes_of_their_bytes()
models_run_by_the_reference()
audit_finds_flipped_labels_in_every_kind_of_frame()
tap.check("numpy" not in sys.modules["gyre._gyre"].__file__, "the module stands alone")
tap.done()
