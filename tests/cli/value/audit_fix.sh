gyre audit flowers.csv --fix better.csv --quiet >/dev/null
sed -n 1,4p better.csv
wc -l <better.csv
gyre audit better.csv --json --quiet | grep -c '"kind":"label"' || true
