# What an older release stored, this one reads.
cp -r "$GYRE_SOURCE"/tests/data/formats/store_1/. .
mv dot_gyre .gyre
gyre verify --deep
gyre checkout
sha256sum --quiet -c sums
[ -x images/a/3.txt ] && [ -d images/empty ]
cp table_old.pointer table.csv.gyre
gyre checkout table.csv
sha256sum --quiet -c sums_old
gyre status
