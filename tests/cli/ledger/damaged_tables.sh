# A bit turned in what the database says of its tables: told, where it made records vanish without a word.
git init -q && gyre init >/dev/null
{ echo a,label && for i in $(seq 20); do echo "$i.5,$((i / 10))"; done; } >t.csv
gyre add -q t.csv >/dev/null
gyre audit -q t.csv >/dev/null
for table in chain record; do
    cp .gyre/ledger.db whole.db
    python3 - $table <<'P'
import re, sys
data = open(".gyre/ledger.db", "rb").read()
turned = re.sub(rb"(CREATE TABLE %s\(\w+ INTEGER PRI)M" % sys.argv[1].encode(), rb"\1L", data)
assert turned != data
open(".gyre/ledger.db", "wb").write(turned)
P
    for words in "verify --deep" "show $(gyre id --rows t.csv | head -n 1)" "why t.csv"; do
        ! gyre $words >/dev/null
    done
    mv whole.db .gyre/ledger.db
done
gyre verify --deep
