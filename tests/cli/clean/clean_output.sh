gyre audit flowers.csv --json --all >found.jsonl
for recipe in soft relabel drop; do
    gyre clean flowers.csv --from found.jsonl --recipe $recipe -o $recipe.csv
done
sed -n 1,3p soft.csv
gyre clean flowers.csv --from found.jsonl --recipe relabel --keep-outliers --keep-duplicates -o same.csv --quiet >/dev/null
# Only labels changed: all other cells keep their bytes.
cut -d, -f1-3 flowers.csv | cmp - <(cut -d, -f1-3 same.csv)
