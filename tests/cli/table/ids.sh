# One table in three formats, written by three programs: one list of ids.
for format in csv jsonl parquet; do
    gyre id --rows "$GYRE_SOURCE/tests/data/table/rows.$format" >"$format"
done
cmp csv jsonl
cmp csv parquet
cat csv
