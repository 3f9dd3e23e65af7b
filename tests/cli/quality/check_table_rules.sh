small_table
cat >>people.contract.yaml <<'END'
    quality:
      - type: library
        metric: rowCount
        mustBeBetween: [10, 20]
      - type: library
        metric: duplicateValues
        arguments: {properties: [country, flag]}
        mustBe: 0
        severity: warning
      - name: grown_up
        type: sql
        query: SELECT gyre_row FROM ${table} WHERE id > 3
        mustBe: 0
      - name: half_of_them
        type: sql
        query: SELECT count(*) FROM ${table}
        mustBeGreaterThan: 100
END
gyre check people.csv 2>&1 | grep -E 'rowCount|duplicate|grown|half|rules'
