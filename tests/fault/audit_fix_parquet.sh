# The same through the table engine: Parquet in and out.
prepare() {
    flowers 60
    "$GYRE_SOURCE/.venv/bin/python" -c \
        'import pyarrow.csv as c, pyarrow.parquet as p; p.write_table(c.read_csv("flowers.csv"), "f.parquet")'
}
act() {
    gyre audit f.parquet --fix better.parquet
}
