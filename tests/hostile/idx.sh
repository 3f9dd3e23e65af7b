# names: idx
# file: *idx*
prepare() {
    printf '\0\0\010\003\0\0\0\3\0\0\0\2\0\0\0\2abcdefghijkl' >t-images-idx3-ubyte
    printf '\0\0\010\001\0\0\0\3\1\2\3' >t-labels-idx1-ubyte
    gzip -n <t-images-idx3-ubyte >z-images-idx3-ubyte.gz
}
act() { gyre id --rows "$FILE"; }
