#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command that README and docs show works as it stands there: each fenced `sh` block is run,
line by line, in a folder that holds what it speaks of. A block without such a folder fails.

Usage: test_examples.py BUILD
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/support"))
from tap import Tap  # noqa: E402

VENV = SOURCE / ".venv/bin/python"
PYTHON = str(VENV) if VENV.exists() else sys.executable
MODELS = SOURCE / "tests/data/models"

# Pictures of two kinds, bright above or below, one of each five labels wrong; what a net says of them.
PICTURES = r"""
import csv, struct, sys, zlib
import numpy as np

def png(image):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    height, width = image.shape
    raw = np.zeros((height, width + 1), np.uint8)
    raw[:, 1:] = image
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(raw.tobytes())) + chunk(b"IEND", b""))

import pathlib
draw, rows, probabilities = np.random.default_rng(4), [], []
for i in range(160):
    kind, image = i % 2, draw.integers(0, 90, (16, 16)).astype(np.uint8)
    image[8 * kind:8 * kind + 8] += 150
    place = pathlib.Path(sys.argv[1], f"{i:03d}.png") if sys.argv[2] == "flat" else pathlib.Path(sys.argv[1], "ab"[kind], f"{i:03d}.png")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(png(image))
    rows.append([str(place), "ab"[kind ^ (i % 10 == 3)]])
    probabilities.append([0.9, 0.1] if kind == 0 else [0.1, 0.9])
if sys.argv[2] == "flat":
    csv.writer(open("labels.csv", "w"), lineterminator="\n").writerows([["path", "label"], *rows])
    np.savez("my_net.npz", probs=np.array(probabilities, np.float32))
"""
STAGES = """stages:
  train:
    cmd: cp trained/model.onnx model.onnx && python3 predict.py
    deps: [labels.csv, predict.py]
    outs: [model.onnx, predictions.csv]
gates:
  better: {metric: accuracy, predictions: predictions.csv, than: HEAD~1}
"""
# A stand-in for a training: what it gets wrong are the labels that the data has wrong.
PREDICT = """import csv, hashlib
out = csv.writer(open("predictions.csv", "w"), lineterminator="\\n")
out.writerow(["id", "label", "prediction"])
labels = {row["path"]: row["label"] for row in csv.DictReader(open("labels.csv"))}
for i in range(160):
    path, truth = f"images/{i:03d}.png", "ab"[i % 2]
    out.writerow([hashlib.sha256(path.encode()).hexdigest(), truth, labels.get(path, truth)])
"""


def run(command, folder, env):
    return subprocess.run(["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True)


def pictures(folder, where, form):
    subprocess.run([PYTHON, "-c", PICTURES, where, form], cwd=folder, check=True)


def first_result(folder, build):
    """A user's own table, pictures and model, beside a clone that is built."""
    (folder / "build").mkdir()
    (folder / "build/gyre").symlink_to(build / "src/cli/gyre")
    rows = [f"{i % 2 * 9 + i % 5},{i % 2 * 7 - i % 3},{['cat', 'owl'][i % 2]}" for i in range(80)]
    rows[10] = rows[10].replace("cat", "owl")
    (folder / "mydata.csv").write_text("legs,weight,species\n" + "\n".join(rows) + "\n")
    pictures(folder, "photos", "folders")
    shutil.copy(MODELS / "lenet.onnx", folder / "model.onnx")
    subprocess.run([PYTHON, "-c", "import numpy as np; np.savez('in.npz', **{'x': np.random.default_rng(1)"
                    ".random((2, 1, 16, 16), np.float32)})"], cwd=folder, check=True)


def whole_loop(folder, build):
    """A project in git with pictures, labels, stages, and a net of the user's own."""
    del build
    pictures(folder, "images", "flat")
    (folder / "trained").mkdir()
    shutil.copy(MODELS / "lenet.onnx", folder / "trained/model.onnx")
    (folder / "gyre.yaml").write_text(STAGES)
    (folder / "predict.py").write_text(PREDICT)
    subprocess.run("git init -q . && git config user.name a && git config user.email a@example.org", shell=True,
                   cwd=folder, check=True)


# (file, number of its sh block) -> who lays out its folder. What only a person can give (an id) is
# filled in; `make` itself is what builds the tree that this test is of.
FOLDERS = {("README.md", 1): first_result, ("README.md", 2): whole_loop}


def blocks():
    """(file, number, lines) of every fenced sh block; a line that ends in a backslash goes on."""
    for path in [*sorted(SOURCE.glob("*.md")), *sorted((SOURCE / "docs").rglob("*.md"))]:
        found = re.findall(r"^```sh\n(.*?)^```", path.read_text(), re.S | re.M)
        for number, text in enumerate(found, 1):
            yield (str(path.relative_to(SOURCE)), number), text.replace("\\\n", " ").splitlines()


def fill_in(line, folder, env):
    """An id of the text stands for one that the reader has."""
    for shown in re.findall(r"\bgyre show ([0-9a-f]{8,64})\b", line):
        ids = run("gyre id --rows labels.csv", folder, env).stdout.split()
        line = line.replace(shown, ids[0][:len(shown)])
    return line


def run_block(tap, key, lines, build):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "work"
        folder.mkdir()
        (folder.parent / "home").mkdir()
        env = {**os.environ, "PATH": f"{build / 'src/cli'}:{os.environ['PATH']}", "HOME": str(folder.parent / "home")}
        FOLDERS[key](folder, build)
        for line in lines:
            command = line.split("#")[0].strip()
            if command in ("", "make"):
                continue
            done = run(fill_in(command, folder, env), folder, env)
            tap.check(done.returncode == 0, f"{key[0]}: {command}", (done.stdout[-800:] + done.stderr).splitlines())


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    tap = Tap("house/examples")
    shown = dict(blocks())
    tap.check(set(shown) == set(FOLDERS), "every sh block has a folder to run in, and every folder a block",
              sorted(set(shown) ^ set(FOLDERS)))
    for key, lines in shown.items():
        if key in FOLDERS:
            run_block(tap, key, lines, build)
    tap.done()


main()
