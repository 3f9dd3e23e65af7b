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
# With a reader of the ledger in the way, and then with a log that is not empty.
python3 - <<'P' &
import sqlite3, time, os
base = sqlite3.connect(".gyre/ledger.db", isolation_level=None)
base.execute("BEGIN")
base.execute("SELECT count(*) FROM record").fetchall()
open("reading", "w").close()
while not os.path.exists("read"):
    time.sleep(0.02)
P
while [ ! -e reading ]; do sleep 0.02; done
echo 1 >>tables/1.csv
[ "$(syncs images labels.csv tables/1.csv many)" -le 8 ]
echo 1 >>tables/1.csv
[ "$(syncs tables/1.csv)" -le 8 ]
touch read
wait
[ "$(python3 -c 'import sqlite3; print(*sqlite3.connect(".gyre/ledger.db").execute("select count(*) from record where kind = ?", ["version"]).fetchone())')" = 10 ]
