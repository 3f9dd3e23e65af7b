# names: scale.onnx node tensor model input output dimension
# file: scale.onnx
prepare() {
    cp "$models/scale.onnx" .
    make_input in.npy 1 1,3,16
}
act() {
    gyre inspect scale.onnx >/dev/null
    gyre compile scale.onnx -o net --target generic >/dev/null
    gyre infer scale.onnx -i in.npy -o out.npz --reference
}
