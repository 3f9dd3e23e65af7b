# The table in place is the old one or the cleaned one, and the ledger knows of each label once.
prepare() {
    project
    flowers 90
    gyre add flowers.csv
    commit one
    gyre audit flowers.csv >/dev/null
}
OWN=1
act() {
    gyre clean flowers.csv
}
verify() {
    cp flowers.csv now.csv
    gyre clean flowers.csv -o /dev/null >/dev/null 2>&1 || :
    git show HEAD:flowers.csv.gyre >flowers.csv.gyre
    gyre checkout --force flowers.csv
    cp flowers.csv old.csv
    gyre clean flowers.csv >/dev/null
    cmp -s now.csv flowers.csv || { [ "$STATUS" != 0 ] && cmp now.csv old.csv; }
    gyre verify
    find . -path ./.git -prune -o -path ./.gyre -prune -o -type f -print | sort | tr '\n' ' ' >"$TMPDIR/found"
    echo "./.gitignore ./flowers.csv ./flowers.csv.gyre ./now.csv ./old.csv " | tr -d '\n' | diff - "$TMPDIR/found"
}
