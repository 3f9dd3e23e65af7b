# The folder of a compiled model is whole or not there; a folder of before stays until the new one is.
prepare() {
    gyre compile "$models/scale.onnx" -o net --target generic --name net
}
act() {
    gyre compile "$models/mlp.onnx" -o net --target generic --name net
}
