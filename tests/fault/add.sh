# After status 0 the version is stored: it comes back from the store alone. After anything else the
# command is run again, and then it does.
OWN=1
prepare() {
    git init -q
    mkdir images
    for i in 1 2 3 4 5 6; do
        seq "$i" $((i * 300)) >"images/$i.txt"
    done
    cp images/2.txt images/same.txt
    printf 'path,label\nimages/1.txt,a\nimages/2.txt,b\n' >labels.csv
    gyre init >/dev/null
    sha256sum images/* labels.csv >sums
}
act() {
    gyre add images labels.csv
}
verify() {
    sha256sum --quiet -c sums
    [ "$STATUS" = 0 ] || gyre add images labels.csv
    rm -r images labels.csv
    gyre checkout
    sha256sum --quiet -c sums
    # Nothing is left over beside what add makes.
    find . -path ./.git -prune -o -path ./.gyre -prune -o -type f -print | sort >"$TMPDIR/found"
    {
        sed 's/.*  /.\//' sums
        printf './%s\n' .gitignore images.gyre labels.csv.gyre sums
    } | sort | diff - "$TMPDIR/found"
}
