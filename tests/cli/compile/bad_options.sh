# Options that cannot be are named.
gyre compile "$models/lenet.onnx" --target z80 || echo "exit $?" >&2
gyre compile "$models/lenet.onnx" --name '9 lives' || echo "exit $?" >&2
gyre compile "$models/lenet.onnx" --weights paper || echo "exit $?" >&2
gyre compile missing.onnx || echo "exit $?" >&2
printf 'no model' > broken.onnx
gyre compile broken.onnx || echo "exit $?" >&2
CC=no-such-compiler gyre compile "$models/lenet.onnx" || echo "exit $?" >&2
gyre infer "$models/lenet.onnx" -i in.npz || echo "exit $?" >&2
make_input in.npy 1 2,1,8,8
gyre infer "$models/lenet.onnx" -i in.npy -o out.npz || echo "exit $?" >&2
ls
