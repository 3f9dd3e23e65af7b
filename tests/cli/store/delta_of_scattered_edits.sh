# 1 % of the rows changed one by one, and bytes in front: the store grows by at most what zstd needs
# against the whole old file, twice over.
rows() {
    awk -v edit="$1" 'BEGIN {
        srand(5); print "id,user,price,text"
        for (i = 0; i < 60000; i++) {
            user = int(rand() * 5000000); price = rand() * 100; text = int(rand() * 1000000)
            if (edit && i % 100 == int(price)) user = 7
            printf "%d,%d,%.2f,word%d\n", i, user, price, text
        }
    }'
}
stored() { cat .gyre/packs/*.pack | wc -c; }
git init -q
gyre init >/dev/null
rows 0 >t.csv
cp t.csv old.csv
gyre add t.csv >/dev/null
before=$(stored)
{ echo "# a comment line of some bytes in front"; rows 1; } >t.csv
gyre add t.csv >/dev/null
grown=$(($(stored) - before))
patch=$(zstd -q --patch-from old.csv --long=27 -c t.csv | wc -c)
[ "$patch" -gt 5000 ]
[ "$grown" -le $((2 * patch)) ] || echo "grew by $grown bytes, zstd needs $patch"
cp t.csv new.csv
rm t.csv
gyre checkout >/dev/null
cmp t.csv new.csv
