# finds
# file: .gyre/packs/*.pack
# names: pack
prepare() {
    project
    mkdir images
    for i in 1 2 3; do seq "$i" $((i * 40)) >"images/$i.txt"; done
    gyre add images
    commit one
    seq 9 500 >numbers.csv
    gyre add numbers.csv
}
act() { gyre verify --deep; }
