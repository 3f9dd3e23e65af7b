# A bundle is the old one or the new one, and it verifies.
prepare() {
    printf weights >model.onnx
    gyre bundle --new-key release.key
    gyre bundle model.onnx -o bundle --key release.key
    printf others >model.onnx
}
OWN=1
act() {
    gyre bundle model.onnx -o bundle --key release.key
}
verify() {
    gyre bundle --verify bundle --trust release.key.pub >said
    if [ "$STATUS" = 0 ]; then gyre bundle --verify bundle --trust release.key.pub --counter 2 >said; fi
    act >/dev/null
    gyre bundle --verify bundle --trust release.key.pub --counter 2 >said
    find . -type f -path '*draft*' | sed 's/^/left over: /' >left
    test ! -s left
    for blob in bundle/blobs/sha256/*; do
        [ "$(sha256sum <"$blob" | cut -c 1-64)" = "${blob##*/}" ]
    done
}
