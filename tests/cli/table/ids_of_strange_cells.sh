# Cells that are hard to read: the same ids in every form that a file comes in, and as another program works them out.
for seed in 1 2 3 4; do
    mkdir $seed
    "$GYRE_SOURCE/.venv/bin/python" "$GYRE_SOURCE/tests/support/strange_tables.py" $seed $seed
    python3 "$GYRE_SOURCE/tests/support/row_ids.py" $seed/quoted.csv >wanted
    wc -l <wanted
    for file in $seed/*.csv $seed/*.tsv $seed/*.jsonl $seed/text.parquet; do
        [ "${file#*/}" = typed.csv ] || gyre id --rows "$file" | cmp - wanted
    done
done
gyre id --rows 1/typed.csv >wanted
gyre id --rows 1/typed.parquet | cmp - wanted
python3 "$GYRE_SOURCE/tests/support/row_ids.py" 1/typed.csv | cmp - wanted
# Lines that end with CR alone would be one long header.
printf 'a,b\r1,2\r' >old.csv
! gyre id --rows old.csv
