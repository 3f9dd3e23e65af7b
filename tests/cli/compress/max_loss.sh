# A far value in the samples spoils the ranges: the layers stay float that suffer most, and --max-loss refuses
# what that does not mend.
python3 "$GYRE_SOURCE/tests/support/make_input.py" samples.npy 5 60,20
python3 - <<'END'
import struct
data = bytearray(open("samples.npy", "rb").read())
for name, value in (("far", 1e2), ("farther", 1e3)):
    struct.pack_into("<f", data, len(data) - 60 * 20 * 4 + 3 * 20 * 4, value)
    open(f"{name}.npy", "wb").write(data)
END
model=$GYRE_SOURCE/tests/data/models/mlp.onnx
show() { python3 -c 'import json, sys; r = json.load(sys.stdin); print(r["loss"] <= 5, {l["name"]: l.get("why_float", l["bits"]) for l in r["layers"]})'; }
gyre compress "$model" -o plain.onnx --calibrate far.npy --json | show
gyre compress "$model" -o kept.onnx --calibrate far.npy --max-loss 5 --json | show
gyre compress "$model" -o spoilt.onnx --calibrate farther.npy | grep -o '^8 bits.*\|^Gemm.*'
gyre compress "$model" -o refused.onnx --calibrate farther.npy --max-loss 5 || echo "exit $?"
gyre compress "$model" -o refused.onnx --calibrate samples.npy --max-loss -1 || echo "exit $?"
ls *.onnx
