# What a check finds goes, by id, with the reason; what only several rows together break stays.
cat >people.csv <<'END'
name,age,country,label
Ann,34,DE,x
Bob,old,FR,y
Carla,28,XX,x
Dora,31,DE,
Eve,-3,FR,x
Eve,51,FR,x
broken
Gus,40,DE,z
Hal,,DE,y
END
cat >people.contract.yaml <<'END'
apiVersion: v3.1.0
kind: DataContract
schema:
  - properties:
      - {name: name, unique: true}
      - name: age
        logicalType: integer
        logicalTypeOptions: {minimum: 0}
        quality: [{metric: nullValues, mustBeLessOrEqualTo: 5, unit: percent}]
      - name: country
        quality: [{metric: invalidValues, arguments: {validValues: [DE, FR]}, severity: warning}]
      - name: label
        required: true
        quality: [{metric: invalidValues, arguments: {validValues: [x, y]}}]
END
git init -q -b main . && git config user.name a && git config user.email a@b
gyre init >/dev/null
gyre add people.csv >/dev/null
git add -A && git commit -qm one
gyre clean people.csv || echo "exit $?"
gyre check people.csv || echo "exit $?"
gyre check people.csv --quiet >/dev/null 2>&1 || true # the ledger hears of each failure once
gyre clean people.csv --dry-run --json
gyre clean people.csv --quarantine bad.csv
cat people.csv
cat bad.csv
gyre diff
gyre show "$(gyre diff --json | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p' | head -n 1)" | sed 's/gyre check, .*/gyre check/' | grep broken
# The same from a file, without a project; a finding of a row that is no longer there is refused.
mkdir ../outside && cp people.contract.yaml bad.csv ../outside && cd ../outside
mv people.contract.yaml bad.contract.yaml
gyre check bad.csv --json >found.jsonl || true
gyre clean bad.csv --from found.jsonl -o good.csv
cat good.csv
sed -i '2d' bad.csv
gyre clean bad.csv --from found.jsonl -o better.csv || echo "exit $?"
