#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real exports of scikit-learn and LightGBM: the reference against ONNX Runtime, the compiled
program against the reference, to the bit, at batch 1 (trees as masks or in lock step) and 200 (in
blocks), with missing and infinite values too.

usage: exports.py GYRE
"""
import os
import subprocess
import sys
import tempfile
import warnings

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(SOURCE, "tests/support"))
from tap import Tap  # noqa: E402

ROWS = 200


def find_python():
    """Go on in a Python that has the packages: this one, $PYTHON, or the project's own."""
    try:
        import lightgbm, onnxmltools, onnxruntime, skl2onnx  # noqa: F401, E401

        return
    except ImportError:
        pass
    for python in (os.environ.get("PYTHON"), os.path.join(SOURCE, ".venv/bin/python")):
        if python and os.path.exists(python) and os.environ.get("GYRE_EXPORTS") is None:
            os.environ["GYRE_EXPORTS"] = "1"
            os.execv(python, [python, *sys.argv])
    tap = Tap("model")
    tap.skip("exports", "skl2onnx, onnxmltools, lightgbm or onnxruntime is not installed (tools/setup does it)")
    tap.done()


def models():
    """Name, exported model and rows of each."""
    import lightgbm
    import numpy
    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType
    from skl2onnx import to_onnx
    from sklearn.datasets import make_classification, make_regression
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer, OneHotEncoder, StandardScaler
    from sklearn.compose import ColumnTransformer

    def labelled(classes):
        x, y = make_classification(800, 12, n_informative=8, n_classes=classes, random_state=1)
        return x.astype("f4"), y

    def scikit(name, model, x, y):
        exported = to_onnx(model.fit(x, y), x[:1], target_opset={"": 17, "ai.onnx.ml": 3})
        return name, exported, x

    def boosted(name, model, x, y):
        kinds = [("x", FloatTensorType([None, x.shape[1]]))]
        return name, convert_lightgbm(model.fit(x, y), initial_types=kinds, target_opset=15), x

    two, four = labelled(2), labelled(4)
    x, y = make_regression(800, 12, noise=3, random_state=2)
    real = x.astype("f4"), y
    holes = real[0].copy()
    holes[numpy.random.default_rng(0).random(holes.shape) < 0.1] = numpy.nan
    mixed = numpy.hstack([real[0][:, :4], numpy.random.default_rng(1).integers(0, 5, (800, 2)).astype("f4")])
    columns = ColumnTransformer([("n", StandardScaler(), [0, 1, 2, 3]), ("c", OneHotEncoder(handle_unknown="ignore"), [4, 5])])
    for classes, rows in (("two", two), ("four", four)):
        yield scikit(f"forest of {classes} classes", RandomForestClassifier(25, max_depth=7, random_state=0), *rows)
        yield scikit(f"boosting of {classes} classes", GradientBoostingClassifier(n_estimators=12, random_state=0), *rows)
        yield scikit(f"logistic of {classes} classes", make_pipeline(StandardScaler(), LogisticRegression()), *rows)
        yield scikit(f"network of {classes} classes", make_pipeline(StandardScaler(), MLPClassifier((16,), max_iter=30)), *rows)
        yield boosted(f"lightgbm of {classes} classes", lightgbm.LGBMClassifier(n_estimators=25, num_leaves=31, verbose=-1), *rows)
    yield scikit("forest regression", RandomForestRegressor(20, max_depth=9, random_state=0), *real)
    yield scikit("imputed and linear", make_pipeline(SimpleImputer(), StandardScaler(), LinearRegression()), holes, y)
    yield scikit("normalised and linear", make_pipeline(Normalizer(), LinearRegression()), *real)
    yield scikit("scaled and one-hot columns", make_pipeline(columns, LinearRegression()), mixed, y)
    yield boosted("lightgbm regression", lightgbm.LGBMRegressor(n_estimators=60, num_leaves=31, verbose=-1), *real)
    yield boosted("lightgbm with missing values", lightgbm.LGBMRegressor(n_estimators=40, num_leaves=31, verbose=-1), holes, y)
    shape = {"n_estimators": 70, "num_leaves": 60, "min_child_samples": 2, "verbose": -1}
    yield boosted("lightgbm of 60 leaves", lightgbm.LGBMRegressor(**shape), *real)
    yield boosted("lightgbm of 60 leaves with missing values", lightgbm.LGBMRegressor(**shape), holes, y)
    yield boosted("lightgbm of many trees", lightgbm.LGBMRegressor(n_estimators=400, num_leaves=15, verbose=-1), holes, y)
    large = lightgbm.LGBMRegressor(n_estimators=10, num_leaves=200, min_child_samples=2, verbose=-1)
    yield boosted("lightgbm of large trees", large, *real)


def by_ort(exported, x):
    import numpy
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    session = onnxruntime.InferenceSession(exported.SerializeToString(), providers=["CPUExecutionProvider"])
    made = session.run(None, {session.get_inputs()[0].name: x})
    # ZipMap: a list of maps, of which we give the values, a column a class.
    return [numpy.array([list(row.values()) for row in v], "f4") if isinstance(v, list) else v for v in made]


def infer(gyre, path, rows, folder, *options):
    import numpy

    out = os.path.join(folder, "out.npz")
    command = [gyre, "infer", path, "--inputs", rows, "--outputs", out, "--quiet", *options]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    with numpy.load(out) as arrays:
        return [arrays[name] for name in arrays.files]


def check(gyre, exported, x, folder):
    """What is wrong with a model; empty: nothing."""
    import numpy

    path, rows = os.path.join(folder, "m.onnx"), os.path.join(folder, "in.npz")
    with open(path, "wb") as file:
        file.write(exported.SerializeToString())
    numpy.savez(rows, **{exported.graph.input[0].name: x})
    wanted = by_ort(exported, x)
    reference = infer(gyre, path, rows, folder, "--reference", "--batch", str(ROWS))
    problems = []
    for ours, theirs in zip(reference, wanted):
        if ours.shape != theirs.shape:
            problems.append(f"shape {ours.shape}, not {theirs.shape}")
        elif ours.dtype.kind != "f":
            problems += [f"{(ours != theirs).sum()} labels differ"] if (ours != theirs).any() else []
        elif not numpy.allclose(ours, theirs, rtol=1e-4, atol=1e-4):
            problems.append(f"off by {numpy.abs(ours - theirs).max():.2g}")
    problems += compare_bits(gyre, path, rows, folder, reference, "")
    random = numpy.random.default_rng(3)
    special = numpy.array([numpy.nan, numpy.inf, -numpy.inf, 0.0, -0.0, 3e38], "f4")
    x = numpy.where(random.random(x.shape) < 0.2, random.choice(special, x.shape), x)
    numpy.savez(rows, **{exported.graph.input[0].name: x})
    reference = infer(gyre, path, rows, folder, "--reference", "--batch", str(ROWS))
    return problems + compare_bits(gyre, path, rows, folder, reference, " with missing values")


def compare_bits(gyre, path, rows, folder, reference, what):
    problems = []
    for batch in ("1", str(ROWS)):
        compiled = infer(gyre, path, rows, folder, "--batch", batch)
        if any(a.tobytes() != b.tobytes() for a, b in zip(compiled, reference)):
            problems.append(f"compiled at batch {batch} it has other bits{what}")
    return problems


def main():
    find_python()
    warnings.filterwarnings("ignore")
    count = failed = 0
    for name, exported, x in models():
        with tempfile.TemporaryDirectory(prefix="gyre-exports-") as folder:
            problems = check(sys.argv[1], exported, x[:ROWS], folder)
        count += 1
        failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {count} - {name}")
        for problem in problems:
            print(f"# {problem}")
    print(f"1..{count}")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
