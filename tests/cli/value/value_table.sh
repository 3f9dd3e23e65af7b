head -n 61 flowers.csv >test.csv
(head -n 1 flowers.csv; tail -n +62 flowers.csv) >train.csv
gyre value train.csv test.csv --k 5 >values
wc -l <values
# A wrong label does harm: the eight worst are among the 18 rows that have one (every tenth row).
sort -t "$(printf '\t')" -k3,3g values | head -8 | cut -f2 | sort -n | tr '\n' ' '
echo
gyre value train.csv test.csv --k 5 --json | head -n 1
