# names: t.parquet
# file: t.parquet
prepare() {
    "$GYRE_SOURCE/.venv/bin/python" -c \
        'import pyarrow as a, pyarrow.parquet as p; p.write_table(a.table({"a": [1, 2, None], "b": ["x", "y", "z"]}), "t.parquet")'
}
act() { gyre id --rows t.parquet; }
