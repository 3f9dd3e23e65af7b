# Samples that cannot show ranges are refused with what is wrong with them, and no file is left.
make_input=$GYRE_SOURCE/tests/support/make_input.py
model=$GYRE_SOURCE/tests/data/models/mlp.onnx
python3 "$make_input" good.npy 5 60,20
python3 "$make_input" few.npy 5 7,20
python3 "$make_input" narrow.npy 5 60,19
python3 - <<'END'
import struct
good = open("good.npy", "rb").read()
start = len(good) - 60 * 20 * 4
for name, value in (("nan", float("nan")), ("infinite", float("inf"))):
    at = start + (41 * 20 + 3) * 4
    open(f"{name}.npy", "wb").write(good[:at] + struct.pack("<f", value) + good[at + 4:])
open("equal.npy", "wb").write(good[:start] + good[start:start + 80] * 60)
END
for samples in few narrow nan infinite equal; do
    gyre compress "$model" -o out.onnx --calibrate $samples.npy || echo "exit $?"
done
ls *.onnx 2>/dev/null || echo nothing written
