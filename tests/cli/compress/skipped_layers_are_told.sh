# What stays float is told with the reason, asked for or not; a model that is no float model is refused.
python3 "$GYRE_SOURCE/tests/support/make_input.py" samples.npy 5 60,20
models=$GYRE_SOURCE/tests/data/models
gyre compress "$models/mlp.onnx" -o out.onnx --calibrate samples.npy --keep Gemm_2 | tail -n 1
gyre compress "$models/mlp.onnx" -o out.onnx --calibrate samples.npy --keep Gemm_2 --json |
    python3 -c 'import json, sys; print({l["name"]: l.get("why_float", l["bits"]) for l in json.load(sys.stdin)["layers"]})'
gyre compress "$models/lenet_int8.onnx" -o int8.onnx --calibrate samples.npy || echo "exit $?"
ls int8.onnx 2>/dev/null || true
