# An image that is damaged is a broken row or another picture; the others are read.
# file: images/a/rgb.png
# file: images/a/progressive.jpg
# file: images/b/palette_alpha.png
prepare() {
    mkdir -p images/a images/b
    cp "$GYRE_SOURCE"/tests/data/table/rgb.png "$GYRE_SOURCE"/tests/data/table/progressive.jpg images/a
    cp "$GYRE_SOURCE"/tests/data/table/grey.png "$GYRE_SOURCE"/tests/data/table/palette_alpha.png images/b
}
act() {
    gyre profile images >/dev/null
    gyre id --rows images >/dev/null
    gyre schema images >/dev/null
}
