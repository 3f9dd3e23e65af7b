# A bundle and a key where there are none: whole or not there.
prepare() { printf weights >model.onnx; gyre bundle --new-key release.key; }
OWN=1
act() {
    gyre bundle --new-key other.key
    gyre bundle model.onnx -o bundle --key release.key
}
verify() {
    if [ "$STATUS" = 0 ]; then gyre bundle --verify bundle --trust release.key.pub >said; fi
    if [ ! -e other.key ] || [ ! -e other.key.pub ]; then gyre bundle --new-key other.key; fi
    gyre bundle model.onnx -o bundle --key other.key >/dev/null
    gyre bundle --verify bundle --trust other.key.pub >said
    ls -A | tr '\n' ' ' | grep -qx 'bundle model.onnx other.key other.key.pub release.key release.key.pub said '
}
