# If whose condition is known: by a constant, by a shape, inside another; its branches read what is outside of them.
"$GYRE_SOURCE/.venv/bin/python" - <<'P'
import numpy as np, onnx, onnxruntime
from onnx import TensorProto, helper, numpy_helper

def node(op, inputs, output, **attributes):
    return helper.make_node(op, inputs, output.split(), **attributes)

def branch(name, nodes, output):
    return helper.make_graph(nodes, name, [], [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)])

def either(condition, output, then, otherwise):
    return node("If", [condition], output, then_branch=branch("t", *then), else_branch=branch("e", *otherwise))

def known(name, value):
    return numpy_helper.from_array(np.array(value), name)

x = np.random.default_rng(0).normal(size=(2, 3)).astype("f")
shape = [node("Shape", ["x"], "s"), node("Gather", ["s", "last"], "d"), node("Equal", ["d", "three"], "c")]
sizes = [known("last", np.int64(1)), known("three", np.int64(3))]
double = ([node("Add", ["u", "u"], "v")], "v")
minus = ([node("Neg", ["u"], "w")], "w")
cases = {
    "by_constant": ([node("Abs", ["x"], "u"), either("yes", "y", double, minus)], [known("yes", True)]),
    "by_shape": ([node("Abs", ["x"], "u"), *shape, either("c", "y", minus, double)], sizes),
    "only_there": ([node("Exp", ["x"], "u"), either("no", "q", double, minus), node("Relu", ["x"], "r"), node("Sub", ["r", "q"], "y")],
                   [known("no", False)]),
    "inside": ([node("Abs", ["x"], "u"), *shape,
                either("c", "y", ([either("no", "i", double, minus), node("Mul", ["i", "x"], "j")], "j"), minus)],
               [*sizes, known("no", False)]),
    "of_what_is_outside": ([node("Abs", ["x"], "u"), either("yes", "y", ([node("Identity", ["u"], "z")], "z"), minus)], [known("yes", True)]),
    "unknown": ([node("Abs", ["x"], "u"), node("ReduceSum", ["x"], "n", keepdims=0), node("Cast", ["n"], "c", to=TensorProto.BOOL),
                 either("c", "y", minus, double)], []),
}
np.savez("in.npz", x=x)
for name, (nodes, constants) in cases.items():
    ports = [[helper.make_tensor_value_info(n, TensorProto.FLOAT, (2, 3))] for n in "xy"]
    graph = helper.make_graph(nodes, name, *ports, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, f"{name}.onnx")
    np.save(f"{name}.npy", onnxruntime.InferenceSession(f"{name}.onnx").run(None, {"x": x})[0])
P
for model in by_constant by_shape only_there inside of_what_is_outside unknown; do
    for how in --reference '--target generic'; do
        gyre infer "$model.onnx" -i in.npz -o out.npz $how --quiet || continue
        "$GYRE_SOURCE/.venv/bin/python" -c 'import sys, numpy as np
print(sys.argv[1], np.allclose(np.load("out.npz")["y"], np.load(sys.argv[1] + ".npy"), 1e-6, 1e-6))' "$model"
    done
done
