gyre audit flowers.csv --json >found.jsonl
# Every tenth row was given a wrong label; rows 8 and 10 are copies, so that the rest moves by two.
awk -F'"' '/"kind":"label"/ { match($0, /"row":[0-9]+/); print substr($0, RSTART + 6, RLENGTH - 6) }' found.jsonl | sort -n | tr '\n' ' '
echo
grep '"kind":"duplicate"' found.jsonl | grep -o '"row":[0-9]*' | tr '\n' ' '
echo
gyre audit flowers.csv --json --all | wc -l
GYRE_THREADS=1 GYRE_CPU=plain gyre audit flowers.csv --json | cmp - found.jsonl
