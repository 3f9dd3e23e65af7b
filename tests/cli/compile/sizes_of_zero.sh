# Tensors without elements, sums over nothing, constants that only shape the code: no warning, and what ONNX Runtime says.
"$GYRE_SOURCE/.venv/bin/python" - <<'P'
import numpy as np, onnx, onnxruntime
from onnx import TensorProto, helper, numpy_helper

def shaped(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

cases = {
    "relu": ("Relu", {}, (0, 3), (0, 3), []),
    "softmax": ("Softmax", {"axis": 1}, (2, 0), (2, 0), []),
    "matmul": ("MatMul", {}, (2, 0), (2, 4), [np.ones((0, 4), "f")]),
    "sum": ("ReduceSum", {"keepdims": 0}, (0, 3), (), []),
    "concat": ("Concat", {"axis": 1}, (2, 3), (2, 3), [np.ones((2, 0), "f")]),
    "crop": ("Pad", {}, (4,), (2,), [np.array([-1, -1])]),
}
for name, (op, attributes, given, made, constants) in cases.items():
    names = [f"c{i}" for i in range(len(constants))]
    graph = helper.make_graph([helper.make_node(op, ["x", *names], ["y"], **attributes)], name, [shaped("x", given)],
                              [shaped("y", made)], [numpy_helper.from_array(c, n) for c, n in zip(constants, names)])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), f"{name}.onnx")
    x = np.arange(np.prod(given), dtype="f").reshape(given)
    np.savez(f"{name}.in.npz", x=x)
    session = onnxruntime.InferenceSession(f"{name}.onnx", providers=["CPUExecutionProvider"])
    np.savez(f"{name}.wanted.npz", y=session.run(None, {"x": x})[0])
P
for model in relu softmax matmul sum concat crop; do
    gyre compile -q "$model.onnx" -o "$model" --target generic >/dev/null
    gcc -std=c11 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror -O1 -c "$model/$model.c" -o "$model.o"
    gyre infer -q "$model.onnx" -i "$model.in.npz" -o "$model.npz" --reference
done
gyre infer -q matmul.onnx -i matmul.in.npz -o matmul2.npz --target generic
gyre infer -q matmul.onnx -i matmul.in.npz -o matmul3.npz --target cortex-m4
cmp matmul.npz matmul2.npz
cmp matmul.npz matmul3.npz
"$GYRE_SOURCE/.venv/bin/python" - <<'P'
import glob, numpy as np
for name in glob.glob("*.wanted.npz"):
    got, wanted = np.load(name.replace(".wanted", ""))["y"], np.load(name)["y"]
    assert got.shape == wanted.shape and (got == wanted).all(), (name, got, wanted)
P
