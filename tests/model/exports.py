#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real exports of scikit-learn and LightGBM: the reference against ONNX Runtime, the compiled
program against the reference, to the bit, at batch 1 (trees as masks or in lock step) and 200 (in
blocks), with missing, infinite and (as texts) unknown values too.

usage: exports.py GYRE
"""
import itertools
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


def export(name, model, rows, labels=None):
    """Name, exported model and columns."""
    import pandas
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from sklearn.linear_model import RidgeClassifier, SGDClassifier

    model.fit(rows, labels) if labels is not None else model.fit(rows)
    is_frame = isinstance(rows, pandas.DataFrame)
    columns = {c: rows[[c]].to_numpy() for c in rows.columns} if is_frame else {"x": rows}
    kinds = [(c, (StringTensorType if v.dtype == object else FloatTensorType)([None, v.shape[1]])) for c, v in columns.items()]
    scores = hasattr(model, "predict_proba") or isinstance(model, (SGDClassifier, RidgeClassifier))
    options = {id(model): {"zipmap": False}} if scores else None
    exported = to_onnx(model, initial_types=kinds, options=options, target_opset={"": 17, "ai.onnx.ml": 3})
    return name, exported, columns


def rows_of_words():
    """Numbers, and three words or two as their labels."""
    import numpy
    from sklearn.datasets import make_classification

    x, y = make_classification(400, 8, n_informative=6, n_classes=3, random_state=1)
    words, pair = numpy.array(["setosa", "versi color", "virg\u00ednica"])[y], numpy.array(["no", "yes"])[(y > 0).astype(int)]
    return x.astype("f4"), words, pair


def models_of_words():
    """Labels that are words, and kinds of models beside trees."""
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC, SVR, OneClassSVM

    x, words, pair = rows_of_words()
    for name, labels in (("words", words), ("two words", pair)):
        yield export(f"logistic of {name}", LogisticRegression(), x, labels)
        yield export(f"forest of {name}", RandomForestClassifier(15, random_state=0), x, labels)
        yield export(f"boosting of {name}", GradientBoostingClassifier(n_estimators=8, random_state=0), x, labels)
        yield export(f"network of {name}", make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=30, random_state=0)), x, labels)
        yield export(f"support vectors of {name}", make_pipeline(StandardScaler(), SVC()), x, labels)
        yield export(f"bayes of {name}", GaussianNB(), x, labels)
        yield export(f"neighbours of {name}", KNeighborsClassifier(5), x[:200], labels[:200])
    yield export("support vectors with shares", make_pipeline(StandardScaler(), SVC(probability=True, random_state=0)), x, words)
    yield export("support vectors, polynomial", SVC(kernel="poly"), x, pair)
    yield export("support vector regression", make_pipeline(StandardScaler(), SVR()), x, x[:, 0] * x[:, 1])
    yield export("support vectors of one class", make_pipeline(StandardScaler(), OneClassSVM(nu=.1)), x)
    yield export("neighbours, regression", KNeighborsRegressor(4), x[:200], x[:200, 1])
    yield export("local outliers", LocalOutlierFactor(10, novelty=True), x[:200])


def models_of_many_kinds():
    """One of each that is exported with operators of its own."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
    from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, IsolationForest
    from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier, SGDClassifier
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.naive_bayes import BernoulliNB
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, PowerTransformer, RobustScaler, StandardScaler

    x, words, pair = rows_of_words()
    yield export("isolation forest", IsolationForest(n_estimators=10, random_state=0), x)
    yield export("ada boost", AdaBoostClassifier(n_estimators=6, random_state=0), x, words)
    yield export("bagging", BaggingClassifier(n_estimators=4, random_state=0), x, words)
    yield export("calibrated", CalibratedClassifierCV(LogisticRegression(), cv=3), x, words)
    yield export("one against the rest", OneVsRestClassifier(LogisticRegression()), x, (pair == "yes").astype(int) + (words == "virg\u00ednica"))
    yield export("descent", SGDClassifier(loss="log_loss", random_state=0), x, words)
    yield export("ridge", RidgeClassifier(), x, words)
    yield export("bernoulli", BernoulliNB(), x, words)
    yield export("means", KMeans(4, n_init=1, random_state=0), x)
    yield export("components", make_pipeline(StandardScaler(), PCA(3), LogisticRegression()), x, words)
    yield export("scaled", make_pipeline(MinMaxScaler(), RobustScaler(), LinearRegression()), x, x[:, 0])
    yield export("power", PowerTransformer(), x)


def models_of_categories():
    """Columns of texts beside columns of numbers."""
    import numpy
    import pandas
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

    x, words, _ = rows_of_words()
    draw = numpy.random.default_rng(0)
    frame = pandas.DataFrame({"age": x[:, 0], "income": x[:, 1], "city": draw.choice(["Paris", "New York", "K\u00f6ln"], 400),
                              "job": draw.choice(["cook", "pilot"], 400)}).astype({"city": object, "job": object})

    def mixed(encoder):
        return ColumnTransformer([("n", StandardScaler(), ["age", "income"]), ("c", encoder, ["city", "job"])])

    yield export("one-hot", make_pipeline(mixed(OneHotEncoder(handle_unknown="ignore")), LogisticRegression()), frame, words)
    yield export("one-hot that knows all", make_pipeline(mixed(OneHotEncoder()), LogisticRegression()), frame, words)
    yield export("one-hot and trees", make_pipeline(mixed(OneHotEncoder(handle_unknown="ignore", sparse_output=False)), RandomForestClassifier(9, random_state=0)), frame, words)
    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    yield export("ordinal and trees", make_pipeline(mixed(ordinal), GradientBoostingClassifier(n_estimators=6, random_state=0)), frame, words)
    yield export("encoder alone", OneHotEncoder(handle_unknown="ignore"), frame[["city", "job"]])


def by_ort(exported, x):
    import numpy
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    session = onnxruntime.InferenceSession(exported.SerializeToString(), providers=["CPUExecutionProvider"])
    made = session.run(None, x)
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


def save(path, columns):
    """Texts as texts: objects would be pickled."""
    import numpy

    numpy.savez(path, **{c: v.astype(str) if v.dtype == object else v for c, v in columns.items()})


def spoilt(column, draw):
    """Some cells that no training has seen."""
    import numpy

    if column.dtype == object:
        odd = ["", "?", "Pari"]
    elif column.dtype.kind == "f":
        odd = [numpy.nan, numpy.inf, -numpy.inf, 0.0, -0.0, 3e38]
    else:
        odd = [numpy.iinfo(column.dtype).min, 0, numpy.iinfo(column.dtype).max]
    return numpy.where(draw.random(column.shape) < 0.2, draw.choice(numpy.array(odd, column.dtype), column.shape), column)


def check(gyre, exported, columns, folder):
    """What is wrong with a model; empty: nothing."""
    import numpy

    path, rows = os.path.join(folder, "m.onnx"), os.path.join(folder, "in.npz")
    with open(path, "wb") as file:
        file.write(exported.SerializeToString())
    save(rows, columns)
    wanted = by_ort(exported, columns)
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
    draw = numpy.random.default_rng(3)
    save(rows, {name: spoilt(column, draw) for name, column in columns.items()})
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
    for name, exported, x in itertools.chain(models(), models_of_words(), models_of_many_kinds(), models_of_categories()):
        columns = x if isinstance(x, dict) else {exported.graph.input[0].name: x}
        with tempfile.TemporaryDirectory(prefix="gyre-exports-") as folder:
            try:
                problems = check(sys.argv[1], exported, {c: v[:ROWS] for c, v in columns.items()}, folder)
            except RuntimeError as refused:
                problems = [str(refused)]
        count += 1
        failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {count} - {name}")
        for problem in problems:
            print(f"# {problem}")
    print(f"1..{count}")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
