# finds
# file: bundle/**/*
prepare() {
    printf 'weights of a net' >model.onnx
    gyre bundle --new-key release.key
    gyre bundle model.onnx -o bundle --key release.key --expires 2100-01-01
}
act() { gyre bundle --verify bundle --trust release.key.pub; }
