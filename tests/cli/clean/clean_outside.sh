gyre audit flowers.csv --json --all >found.jsonl
gyre clean flowers.csv --from found.jsonl
