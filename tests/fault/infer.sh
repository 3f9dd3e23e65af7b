# Outputs are all there or not at all, by the reference and through compiled code.
# act: --reference
# act: --target generic
prepare() {
    make_input in.npy 1 2,3,16
    echo old >out.npz
}
act() { gyre infer "$models/scale.onnx" -i in.npy -o out.npz $ACT; }
