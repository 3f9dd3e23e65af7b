gyre audit flowers.csv --json --all >found.jsonl
sed '5d' flowers.csv >shorter.csv
gyre clean shorter.csv --from found.jsonl -o out.csv || true
ls out.csv
