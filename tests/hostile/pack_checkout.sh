# Never a wrong byte: checkout fails, or brings back what was stored.
# file: .gyre/packs/*.pack
prepare() {
    project
    mkdir images
    for i in 1 2 3; do seq "$i" $((i * 40)) >"images/$i.txt"; done
    gyre add images
    rm -r images
}
act() { gyre checkout; }
same() { cat images/*; }
