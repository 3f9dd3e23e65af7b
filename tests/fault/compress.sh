# The small model is whole or not there.
prepare() { make_npz x.npz x 3 60,20; }
act() { gyre compress "$models/mlp.onnx" -o small.onnx --calibrate x.npz; }
