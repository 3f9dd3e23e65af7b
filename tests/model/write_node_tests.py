#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the official node tests that live in the onnx package as folders of files.

usage: write_node_tests.py OUT   (OUT/test_NAME/model.onnx, OUT/test_NAME/test_data_set_0/*.pb)
Cases whose values are no plain tensors (sequences, optionals) are left out.
"""
import os
import sys
import warnings

warnings.filterwarnings("ignore")
import numpy
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases


def as_tensor(value, name):
    if isinstance(value, TensorProto):
        return value
    if isinstance(value, (list, dict)) or value is None:
        return None
    return numpy_helper.from_array(numpy.asarray(value), name)


def write(case, out):
    folder = os.path.join(out, case.name)
    if case.model is None or not case.data_sets:
        return False
    inputs, outputs = case.data_sets[0]
    # An optional input that a case does not give stands as "" in the node, not in the graph.
    ports = list(zip(case.model.graph.input, inputs)), list(zip(case.model.graph.output, outputs))
    tensors = [[as_tensor(value, port.name) for port, value in side] for side in ports]
    if any(tensor is None for side in tensors for tensor in side):
        return False
    os.makedirs(os.path.join(folder, "test_data_set_0"), exist_ok=True)
    with open(os.path.join(folder, "model.onnx"), "wb") as file:
        file.write(case.model.SerializeToString(deterministic=True))
    for kind, side in zip(("input", "output"), tensors):
        for i, tensor in enumerate(side):
            path = os.path.join(folder, "test_data_set_0", f"{kind}_{i}.pb")
            with open(path, "wb") as file:
                file.write(tensor.SerializeToString(deterministic=True))
    return True


def main():
    out = sys.argv[1]
    cases = collect_testcases()
    written = sum(write(case, out) for case in cases)
    print(f"{written} of {len(cases)} node tests written to {out}", file=sys.stderr)


if __name__ == "__main__":
    main()
