# DuckDB reads decimals of over 38 digits as doubles: refused, by the column's name.
"$GYRE_SOURCE/.venv/bin/python" - <<'P'
import decimal, pyarrow, pyarrow.parquet
for digits, kind in ((38, pyarrow.decimal128(38, 0)), (43, pyarrow.decimal256(50, 0))):
    number = decimal.Decimal(("1234567890" * 5)[:digits])
    pyarrow.parquet.write_table(pyarrow.table({"a": [1], "amount": pyarrow.array([number], kind)}), f"of_{digits}.parquet")
P
printf 'a,amount\n1,12345678901234567890123456789012345678\n' >of_38.csv
[ "$(gyre id --rows of_38.parquet)" = "$(gyre id --rows of_38.csv)" ] && echo the same id
gyre id --rows of_43.parquet
