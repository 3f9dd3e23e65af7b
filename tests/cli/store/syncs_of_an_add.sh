# At most 8 sync calls an add, however many files and packs.
strace -o calls true 2>/dev/null || {
    echo "strace cannot trace here" >&2
    exit 77
}
project
mkdir many tables
for i in $(seq 1 40); do
    mkdir "many/$i"
    head -c 3000000 /dev/urandom >"many/$i/large"
    cp labels.csv "tables/$i.csv"
done
syncs() {
    strace -f -q -e trace=fsync,fdatasync,syncfs,sync -o calls gyre add "$@" >/dev/null || echo 99
    grep -c sync calls
}
[ "$(syncs images labels.csv many)" -le 8 ]
[ "$(syncs tables/1.csv tables/2.csv tables/3.csv tables/4.csv tables/5.csv)" -le 8 ]
