# names: .gyre project
# file: .gyre/config
prepare() {
    project
    echo 1 >t.csv
    gyre add t.csv
}
act() { gyre status; }
