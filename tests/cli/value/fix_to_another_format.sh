# Where the mended table cannot be written, that is said before the audit, not after it.
gyre audit flowers.csv --fix better.parquet >/dev/null || echo "status $?"
gyre audit flowers.csv --fix better.tsv >/dev/null || echo "status $?"
gyre audit flowers.csv --fix better.csv.gz >/dev/null || echo "status $?"
gyre audit flowers.csv --fix better >/dev/null || echo "status $?"
ls better* 2>/dev/null || echo nothing is written
