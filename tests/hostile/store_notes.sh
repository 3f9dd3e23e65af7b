# What the store keeps beside its packs may be lost or damaged: no version is.
# file: .gyre/cache/**/*
# file: .gyre/cache/*
# file: .gyre/condemned
prepare() {
    project
    mkdir images
    for i in 1 2 3; do seq "$i" $((i * 40)) >"images/$i.txt"; done
    gyre add images
    commit one
    rm images/3.txt
    gyre add images
    gyre gc >/dev/null
}
act() {
    gyre status
    gyre add images
    gyre gc
    gyre verify --deep
}
same() {
    gyre diff HEAD
    rm -r images
    gyre checkout
    cat images/*
}
