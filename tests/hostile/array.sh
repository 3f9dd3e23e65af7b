# names: t.n input array
# file: t.npy
# file: t.npz
prepare() {
    cp "$models/scale.onnx" .
    make_input t.npy 1 1,3,16
    make_npz t.npz x 1 1,3,16
}
act() {
    gyre id --rows "$FILE"
    gyre infer scale.onnx -i "$FILE" -o out.npz --reference
}
