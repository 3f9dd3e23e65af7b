#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Models that ONNX Runtime quantised itself, in ONNX Runtime and in gyre infer, on real images.

The nets of compressed.py go through onnxruntime.quantization: its operators on bytes (the "QOperator"
format: QLinearConv, QGemm, ...) with one scale a tensor and one a channel, and its dynamic form
(DynamicQuantizeLinear, MatMulInteger, ConvInteger). Weights are uint8, or int8 of 7 bits (a channel's
always are), because ONNX Runtime's kernels for int8 weights may saturate on processors without VNNI. Sums are exact and the factors the same, so
that every output has the same bits; where ONNX Runtime adds two tensors of bytes in floats of an order
of its own (QLinearAdd), bytes may be a step off.

usage: quantized.py GYRE
"""

import logging
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from compressed import CALIBRATED, FITTED, IMAGES, SAME_MIN, Tap, by_gyre, by_ort, find_python, images, nets  # noqa: E402

JUDGED = 500
FORMS = ("tensor", "channel", "dynamic")
NETS = ("dense", "convolutions and pools", "residual")


def quantise(source, to, form, x):
    """Write the model with its weights, and unless it is dynamic its activations, as bytes."""
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.batches = iter(x[i:i + 50] for i in range(0, len(x), 50))

        def get_next(self):
            batch = next(self.batches, None)
            return None if batch is None else {"x": batch}

    logging.disable(logging.WARNING)
    kinds = {"weight_type": QuantType.QUInt8}
    if form == "dynamic":
        quantize_dynamic(str(source), str(to), **kinds)
    else:
        quantize_static(str(source), str(to), Reader(), quant_format=QuantFormat.QOperator, activation_type=QuantType.QUInt8,
                        per_channel=form == "channel", reduce_range=form == "channel", **kinds)
    return sorted({node.op_type for node in onnx.load(to).graph.node})


def check(gyre, model, form, calibrated, x, y, folder):
    """(what is wrong, what was seen)"""
    import numpy
    import onnx
    onnx.save(model, folder / "m.onnx")
    kinds = quantise(folder / "m.onnx", folder / "q.onnx", form, calibrated)
    # A dynamic scale is that of the whole call.
    samples = x[:250] if form == "dynamic" else x
    ours = by_gyre(gyre, folder / "q.onnx", samples, folder, [] if form == "dynamic" else ["--batch", 50])[0]
    theirs = by_ort(str(folder / "q.onnx"), samples)
    steps = numpy.abs(ours - theirs) / ((theirs.max() - theirs.min()) / 255)
    same, right = (ours.argmax(1) == theirs.argmax(1)).mean(), (ours.argmax(1) == y[:len(ours)]).mean()
    problems = [] if any("Linear" in kind or "Integer" in kind for kind in kinds) else ["nothing is quantised"]
    if "QLinearAdd" in kinds:
        problems += [] if steps.max() <= 3 and same >= SAME_MIN - 0.01 else [f"{steps.max():.2f} steps off, {same:.2%} of the labels"]
    elif form != "dynamic":
        problems += [] if (ours == theirs).all() else [f"{(ours == theirs).mean():.4%} of the outputs are equal"]
    else:  # floats scale the sums back, each in an order of its own
        problems += [] if steps.max() < 0.5 and same >= SAME_MIN else [f"{steps.max():.3f} steps off, {same:.2%} of the labels"]
    problems += [] if right > 0.65 else [f"only {right:.2%} of the labels are right"]
    return problems, (f"outputs {(ours == theirs).mean():.3%} equal (at most {steps.max():.3f} steps off), labels {same:.2%} the "
                      f"same, {right:.1%} right; {' '.join(kinds)}")


def main():
    find_python()
    tap = Tap("model")
    if not IMAGES.is_dir():
        tap.skip("compressed", "dataset-fashion-mnist is not installed (tools/setup does it)")
        tap.done()
    x, y = images("train", FITTED + CALIBRATED)
    judged = images("t10k", JUDGED)
    for name, model, _ in nets(x[:FITTED], y[:FITTED]):
        for form in FORMS if name in NETS else ():
            with tempfile.TemporaryDirectory(prefix="gyre-quantized-") as folder:
                problems, seen = check(sys.argv[1], model, form, x[FITTED:FITTED + 200], *judged, pathlib.Path(folder))
            tap.check(not problems, f"{name}, {form}: {seen}", problems)
    tap.done()


if __name__ == "__main__":
    main()
