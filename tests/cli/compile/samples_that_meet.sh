# Models in which the samples of a batch meet: all samples go in one call, and the answer is ONNX Runtime's. Where they do
# not meet, they go one by one.
"$GYRE_SOURCE/.venv/bin/python" - <<'P'
import numpy as np, onnx, onnxruntime
from onnx import TensorProto, helper, numpy_helper

def node(op, inputs, output="y", **attributes):
    return helper.make_node(op, inputs, output.split(), **attributes)

def numbers(name, values):
    return numpy_helper.from_array(np.array(values, np.int64), name)

cases = {
    "softmax": ([node("Softmax", ["x"], axis=0)], [], ("N", 4)),
    "centred": ([node("ReduceMean", ["x"], "m", axes=[0]), node("Sub", ["x", "m"])], [], ("N", 4)),
    "mean": ([node("ReduceMean", ["x"], axes=[0])], [], (1, 4)),
    "turned": ([node("Slice", ["x", "a", "b", "c", "d"])],
               [numbers("a", [-1]), numbers("b", [-9]), numbers("c", [0]), numbers("d", [-1])], ("N", 4)),
    "gram": ([node("Transpose", ["x"], "t", perm=[1, 0]), node("MatMul", ["x", "t"])], [], ("N", "N")),
    "twice": ([node("Concat", ["x", "x"], axis=0)], [], ("M", 4)),
    "counted": ([node("Shape", ["x"], "s"), node("Cast", ["s"], "f", to=1), node("ReduceSum", ["f"], "n", keepdims=0),
                 node("Mul", ["x", "n"])], [], ("N", 4)),
    # Adds the third largest of a column, that of two samples being the padding's.
    "third": ([node("Pad", ["x", "p", "low"], "q"), node("TopK", ["q", "three"], "k places", axis=0), node("Slice", ["k", "a2", "b3"], "r"),
               node("Add", ["x", "r"])],
              [numbers("p", [0, 0, 2, 0]), numpy_helper.from_array(np.float32(-9), "low"), numbers("three", [3]), numbers("a2", [2]),
               numbers("b3", [3])], ("N", 4)),
    "rows_of_three": ([node("Reshape", ["x", "s"], "r"), node("ReduceMean", ["r"], "m", axes=[1], keepdims=1), node("Sub", ["r", "m"], "d"),
                       node("Reshape", ["d", "t"])], [numbers("s", [-1, 3, 4]), numbers("t", [-1, 4])], ("N", 4)),
    "three_only": ([node("Reshape", ["x", "s"], "r"), node("Relu", ["r"], "m"), node("Reshape", ["m", "t"])],
                   [numbers("s", [3, 2, 2]), numbers("t", [3, 4])], ("N", 4)),
    "apart_by_shape": ([node("Shape", ["x"], "s"), node("Gather", ["s", "zero"], "n", axis=0), node("Concat", ["n", "two"], "t", axis=0),
                        node("Reshape", ["x", "t"], "r"), node("Transpose", ["r"], "u", perm=[0, 2, 1]), node("MatMul", ["r", "u"], "g"),
                        node("Softmax", ["g"], "h", axis=-1), node("MatMul", ["h", "r"], "v"), node("Concat", ["n", "four"], "w", axis=0),
                        node("Reshape", ["v", "w"])],
                       [numbers("zero", [0]), numbers("two", [2, 2]), numbers("four", [4])], ("N", 4)),
    "apart_with_a_token": ([node("Shape", ["x"], "s"), node("Gather", ["s", "zero"], "n", axis=0), node("Concat", ["n", "one"], "t", axis=0),
                            node("Expand", ["token", "t"], "c"), node("Concat", ["c", "x"], "k", axis=1), node("ReduceMax", ["k"], axes=[1])],
                           [numbers("zero", [0]), numbers("one", [1]), numpy_helper.from_array(np.float32([[.25]]), "token")], ("N", 1)),
    "apart": ([node("Softmax", ["x"], "s", axis=1), node("Mul", ["s", "x"])], [], ("N", 4)),
    "apart_too": ([node("ReduceMean", ["x"], "m", axes=[1]), node("Sub", ["x", "m"])], [], ("N", 4)),
}
x = np.random.default_rng(0).normal(size=(3, 4)).astype("f")
np.savez("in.npz", x=x)
for name, (nodes, constants, made) in cases.items():
    shaped = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, shape in (("x", ("N", 4)), ("y", made))]
    graph = helper.make_graph(nodes, name, shaped[:1], shaped[1:], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), f"{name}.onnx")
    np.save(f"{name}.npy", onnxruntime.InferenceSession(f"{name}.onnx").run(None, {"x": x})[0])
P
for model in softmax centred mean turned gram twice counted third rows_of_three three_only apart_by_shape apart_with_a_token apart apart_too; do
    for how in --reference '--target host' '--target generic'; do
        gyre infer "$model.onnx" -i in.npz -o "$model.npz" $how 2>&1 | grep -o '[0-9]* calls'
        "$GYRE_SOURCE/.venv/bin/python" - "$model" <<'P'
import sys, numpy as np
ours, theirs = np.load(sys.argv[1] + ".npz")["y"], np.load(sys.argv[1] + ".npy")
print(sys.argv[1], ours.shape == theirs.shape and np.allclose(ours, theirs, 1e-5, 1e-6))
P
    done
done
