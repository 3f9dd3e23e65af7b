# A number to predict is no class: no label is called wrong, and --fix changes none.
awk -F, 'NR == 1 { print "length,width,y" } NR > 1 { print $1 "," $2 "," $3 }' flowers.csv >measured.csv
gyre audit measured.csv --fix fixed.csv | head -n 1
gyre audit measured.csv --json -q | grep -c '"kind":"label"' || true
gyre audit measured.csv --label z
