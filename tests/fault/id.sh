# The ids of two files are both right, or the command says why not.
OWN=1
prepare() {
    printf abc >a
    head -c 200000 /dev/zero >b
}
act() {
    gyre id a b >ids
}
verify() {
    gyre id a b >again
    sha256sum a b | cut -c 1-64 | cmp - again
    [ "$STATUS" != 0 ] || cmp ids again
}
