# Each file is as it was or as it should be, never in between; the command can be run again.
OWN=1
prepare() {
    git init -q
    mkdir images
    for i in 1 2 3 4; do
        seq "$i" $((i * 300)) >"images/$i.txt"
    done
    printf 'path,label\nimages/1.txt,a\n' >labels.csv
    gyre init >/dev/null
    gyre add images labels.csv
    sha256sum images/* labels.csv >sums_old
    git add -A
    git commit -qm old
    seq 7 >images/1.txt
    rm images/2.txt
    seq 9 >images/5.txt
    printf 'path,label\nimages/1.txt,b\n' >labels.csv
    gyre add images labels.csv
    sha256sum images/* labels.csv >sums_new
    git checkout -q -f HEAD
}
act() {
    gyre checkout
}
verify() {
    for file in images/* labels.csv; do
        sha256sum "$file" >sum
        cat sums_old sums_new | grep -qxFf sum || { echo "$file is neither"; exit 1; }
    done
    [ "$STATUS" = 0 ] || gyre checkout
    sha256sum --quiet -c sums_old
    sha256sum images/* labels.csv | diff - sums_old
}
