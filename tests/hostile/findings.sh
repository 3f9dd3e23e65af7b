# names: found.jsonl flowers.csv
# file: found.jsonl
prepare() {
    flowers 12
    gyre audit flowers.csv --json --all >found.jsonl
}
act() { gyre clean flowers.csv --from found.jsonl -o better.csv >/dev/null; }
