# a row of measurements far from all others is named, and stays unless it is told to go
awk 'NR == 5 { split($0, part, ","); $0 = "99,88,77," part[4] } { print }' flowers.csv >strange.csv
gyre audit strange.csv --fix better.csv --json --quiet | tee found.jsonl | grep '"kind":"outlier"' | grep -c '"row":4[,}]'
grep -c '^99,' better.csv
gyre clean strange.csv --from found.jsonl -o same.csv --quiet >/dev/null
grep -c '^99,' same.csv
gyre clean strange.csv --from found.jsonl --drop-outliers -o fewer.csv --quiet >/dev/null
grep -c '^99,' fewer.csv || true
# both say how many stayed, and what leaves them out
gyre audit strange.csv --fix better.csv 2>&1 >/dev/null | grep '^kept'
gyre clean strange.csv --from found.jsonl -n | grep '^kept'
gyre clean strange.csv --from found.jsonl -n --json | grep -o '"kept_outliers":[0-9]*'
gyre clean strange.csv --from found.jsonl -n --drop-outliers | grep -c '^kept' || true
