# file: release.key*
# names: release.key
prepare() {
    printf 'weights of a net' >model.onnx
    gyre bundle --new-key release.key
}
act() {
    gyre bundle model.onnx -o bundle --key release.key >/dev/null
    gyre bundle --verify bundle --trust release.key.pub >/dev/null
}
