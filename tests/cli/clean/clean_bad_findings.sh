echo '{"row":1,"kind":"ghost"}' >found.jsonl
gyre clean flowers.csv --from found.jsonl -o out.csv
