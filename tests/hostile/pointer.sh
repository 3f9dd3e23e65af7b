# file: images.gyre
# names: images
prepare() {
    project
    mkdir images
    for i in 1 2 3; do seq "$i" $((i * 40)) >"images/$i.txt"; done
    gyre add images
    rm -r images
}
act() {
    gyre verify --deep
    gyre checkout
}
same() { cat images/*; }
