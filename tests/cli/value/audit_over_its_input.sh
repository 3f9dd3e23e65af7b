# What is audited may be the only copy: no output goes over it, under whatever name.
cp flowers.csv kept.csv
ln -s flowers.csv other.csv
gyre audit flowers.csv --fix flowers.csv -q || echo "status $?"
gyre audit flowers.csv --fix ./other.csv -q || echo "status $?"
gyre audit flowers.csv --report "$PWD/flowers.csv" -q || echo "status $?"
cmp flowers.csv kept.csv && echo "as it was"
cp kept.csv better.csv # another file may be there
gyre audit flowers.csv --fix better.csv -q > /dev/null && ! cmp -s better.csv kept.csv && echo "mended beside it"
