#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Operators and types that neither the official node tests nor real exports reach: graphs of one operator, the
reference against ONNX Runtime, the compiled program against the reference, to the bit.

usage: small_graphs.py GYRE
"""
import sys
import tempfile

import exports

TYPES = {"f4": 1, "u1": 2, "i1": 3, "u2": 4, "i2": 5, "i4": 6, "i8": 7, "f8": 11, "u4": 12, "u8": 13}
ALL = "f4 f8 i1 i2 i4 i8 u1 u2 u4 u8"
INTEGERS = "i1 i2 i4 i8 u1 u2 u4 u8"


def numbers(kind, width, draw):
    """Rows of numbers, among them the ends of an integer's range."""
    import numpy

    if kind[0] == "f":
        return draw.normal(size=(exports.ROWS, width)).astype(kind)
    ends = numpy.iinfo(kind)
    # the smallest has no opposite
    return draw.integers(ends.min + (kind[0] == "i"), ends.max, (exports.ROWS, width), dtype=kind, endpoint=True)


def graph(operator, kind, width=6, inputs=1, constants=(), out=None, domain="", opset=17, **attributes):
    """Name, model and columns of one operator: inputs of one type, then constants."""
    import numpy
    from onnx import helper, numpy_helper

    draw = numpy.random.default_rng(7)
    columns = {f"x{i}": numbers(kind, width, draw) for i in range(inputs)}
    weights = [numpy_helper.from_array(numpy.asarray(value), f"c{i}") for i, value in enumerate(constants)]
    node = helper.make_node(operator, [*columns, *(w.name for w in weights)], ["y"], domain=domain, **attributes)
    made = helper.make_graph(
        [node], "small", [helper.make_tensor_value_info(name, TYPES[kind], ["n", width]) for name in columns],
        [helper.make_tensor_value_info("y", TYPES[out or kind], None)], weights)
    sets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3), helper.make_opsetid("com.microsoft", 1)]
    words = " ".join(f"{key}={value}" for key, value in attributes.items())
    return f"{operator} {kind} {words}".strip(), helper.make_model(made, opset_imports=sets, ir_version=8), columns


def graphs_of_numbers():
    for operator, kinds, inputs, opset in (
            ("Abs", ALL, 1, 17), ("Sign", ALL, 1, 17), ("Neg", "f4 f8 i1 i2 i4 i8", 1, 17), ("Relu", "f4 f8 i1 i4", 1, 17),
            ("Max", "f4 f8 i4 i8 u4 u8", 3, 17), ("Min", "f4 f8 i4 i8 u4 u8", 3, 17), ("Sum", "f4 f8", 3, 17),
            ("Add", "f8 i4 i8", 2, 17), ("Mul", "f8 i4 i8", 2, 17), ("Sub", "f8 i4 i8", 2, 17), ("PRelu", "f4 f8", 2, 17),
            ("Reciprocal", "f4 f8", 1, 17), ("BitwiseNot", INTEGERS, 1, 18), ("BitwiseAnd", INTEGERS, 2, 18),
            ("BitwiseOr", INTEGERS, 2, 18), ("BitwiseXor", INTEGERS, 2, 18)):
        for kind in kinds.split():
            yield graph(operator, kind, inputs=inputs, opset=opset)
    for operator, kinds in (("IsNaN", "f4 f8"), ("Greater", "f4 f8 i4 i8"), ("Less", "f4 f8 i4 i8"), ("Equal", "f4 f8 i4 i8")):
        for kind in kinds.split():
            name, model, columns = graph(operator, kind, inputs=1 if operator == "IsNaN" else 2)
            model.graph.output[0].type.tensor_type.elem_type = 9
            yield name, model, columns


def graphs_along_an_axis():
    import numpy

    for operator, kinds in (("ReduceSum", "f4 f8 i4 i8"), ("ReduceProd", "f4 f8 i4 i8"), ("ReduceMax", "f4 f8 i1 u1 i4 i8"),
                            ("ReduceMin", "f4 f8 i1 u1 i4 i8"), ("ReduceMean", "f4 f8"), ("ReduceL1", "f4"), ("ReduceL2", "f4"),
                            ("ReduceSumSquare", "f4")):
        for kind in kinds.split():
            axes = {"constants": [numpy.array([1])]} if operator == "ReduceSum" else {"axes": [1]}
            name, model, columns = graph(operator, kind, keepdims=0, **axes)
            if kind[0] == "i":  # what overflows is not defined
                columns = {key: column % 9 for key, column in columns.items()}
            yield name, model, columns
    for operator in ("ArgMax", "ArgMin"):
        for kind in ("f4", "f8", "i1", "u1", "i4", "i8"):
            yield graph(operator, kind, out="i8", axis=1, keepdims=0, select_last_index=int(kind == "i4"))
    for kind in ("f4", "f8", "i4", "i8"):
        for exclusive, reverse in ((0, 0), (1, 0), (0, 1), (1, 1)):
            yield graph("CumSum", kind, constants=[numpy.array(1)], exclusive=exclusive, reverse=reverse)
        for largest in (0, 1) if kind != "f8" else ():
            name, model, columns = graph("TopK", kind, constants=[numpy.array([3])], largest=largest)
            model.graph.node[0].output.append("places")
            yield name, model, columns


def graphs_of_rows():
    import numpy

    draw = numpy.random.default_rng(1)
    rows = draw.normal(size=(9, 6)).astype("f4")
    for metric in ("sqeuclidean", "euclidean"):
        yield graph("CDist", "f4", constants=[rows], domain="com.microsoft", metric=metric)
    for sizes in ([6, 6], [4, 6], [8, 3]):
        yield graph("FeatureVectorizer", "f4", inputs=2, domain="ai.onnx.ml", inputdimensions=sizes)
    for axis in (-1, 1, 2):
        for values in (numpy.array([0, 1], "f4"), numpy.array([-3, 7], "i8")):
            out = "f4" if values.dtype == "f4" else "i8"
            name, model, columns = graph("OneHot", "i8", constants=[numpy.array([5]), values], out=out, axis=axis)
            yield f"{name} of {out}", model, {"x0": draw.integers(-7, 7, columns["x0"].shape)}
    for bounds in ({}, {"min": -0.5}, {"max": 0.25}, {"min": -0.5, "max": 0.25}):
        yield graph("Clip", "f4", opset=6, **bounds)


def main():
    exports.find_python()
    count = failed = 0
    for name, model, columns in (*graphs_of_numbers(), *graphs_along_an_axis(), *graphs_of_rows()):
        with tempfile.TemporaryDirectory(prefix="gyre-graphs-") as folder:
            try:
                problems = exports.check(sys.argv[1], model, columns, folder)
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
