# Where nothing is there, a folder comes whole or not at all.
OWN=1
prepare() {
    git init -q
    gyre init >/dev/null
    mkdir -p images/a images/b
    for i in 1 2 3; do
        seq "$i" $((i * 200)) >"images/a/$i.txt"
        seq "$i" 9 >"images/b/$i.txt"
    done
    seq 99999 >numbers.csv
    sha256sum images/*/* >sums
    sha256sum numbers.csv >sum_table
    gyre add images numbers.csv
    rm -r images numbers.csv
}
act() {
    gyre checkout
}
verify() {
    [ ! -e images ] || sha256sum --quiet -c sums
    [ ! -e numbers.csv ] || sha256sum --quiet -c sum_table
    [ "$STATUS" = 0 ] || gyre checkout
    sha256sum --quiet -c sums sum_table
    [ "$(gyre status)" = "2 datasets, nothing changed" ]
}
