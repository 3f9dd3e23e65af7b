# A cleaned table in a place of its own, from findings in a file.
prepare() {
    flowers 90
    gyre audit flowers.csv --json --all >found.jsonl
}
act() {
    gyre clean flowers.csv --from found.jsonl -o better.csv
}
