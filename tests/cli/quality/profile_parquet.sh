# The same table has the same profile in each format, but for what CSV cannot say of text.
for format in csv parquet jsonl; do
    gyre profile --json "$GYRE_SOURCE/tests/data/table/rows.$format" | sed 1d | sort |
        python3 -c '
import json, sys
for line in sys.stdin:
    row = json.loads(line)
    if row["type"] != "string":
        print(*(row.get(k) for k in "column type missing distinct least p25 p50 p75 most".split()), "%.6g" % row.get("mean") if isinstance(row.get("mean"), float) else row.get("mean"))
' >"$format"
done
diff csv jsonl
diff csv parquet
cat csv
