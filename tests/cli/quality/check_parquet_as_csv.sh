# The same rules find the same rows, by the same ids, in CSV, Parquet and JSON lines.
cat >c.yaml <<'END'
apiVersion: v3.1.0
kind: DataContract
schema:
  - properties:
      - name: small
        logicalTypeOptions: {minimum: -50, maximum: 50}
        logicalType: integer
      - name: double
        logicalType: number
        logicalTypeOptions: {maximum: 1e6}
      - name: text
        required: true
        unique: true
      - name: day
        logicalType: date
        logicalTypeOptions: {minimum: 1970-01-01}
      - name: label
        quality: [{metric: invalidValues, arguments: {validValues: [cat]}, mustBe: 0}]
END
for format in csv parquet jsonl; do
    gyre check --contract c.yaml "$GYRE_SOURCE/tests/data/table/rows.$format" >"$format" 2>/dev/null || true
    cut -f 1,2 "$format" >"$format.rows"
    sed 's/.*\t\([a-z.A-Z]*\):.*/\1/' "$format" | sort | uniq -c
done
cmp csv.rows parquet.rows
cmp csv.rows jsonl.rows
