# The same with the compiler at work: what it leaves of a model's library is whole or not there.
prepare() { :; }
act() {
    gyre compile "$models/scale.onnx" -o net
}
