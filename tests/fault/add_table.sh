# A large table, told by the version before it: chunks, deltas, a list of chunks.
OWN=1
rows() {
    awk -v every="$1" 'BEGIN {
        srand(3); print "id,x,y"
        for (i = 0; i < 40000; i++) {
            x = rand(); y = rand()
            printf "%d,%.6f,%.9f%s\n", i, x, y, i % 100 == every ? "7" : ""
        }
    }'
}
prepare() {
    git init -q
    gyre init >/dev/null
    rows 200 >t.csv
    gyre add t.csv
    git add -A
    git commit -qm old
    cp t.csv.gyre old.gyre
    sha256sum t.csv >sum_old
    rows 50 >t.csv
    sha256sum t.csv >sum_new
}
act() {
    gyre add t.csv
}
verify() {
    sha256sum --quiet -c sum_new
    new=$(cut -c 1-64 sum_new)
    old=$(cut -c 1-64 sum_old)
    grep -q -e "$new" -e "$old" t.csv.gyre
    if [ "$STATUS" = 0 ]; then
        grep -q "$new" t.csv.gyre
    else
        gyre add t.csv
    fi
    rm t.csv
    gyre checkout
    sha256sum --quiet -c sum_new
    cp old.gyre t.csv.gyre
    gyre checkout
    sha256sum --quiet -c sum_old
}
