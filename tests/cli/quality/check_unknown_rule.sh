printf 'x\n1\n' >t.csv
printf 'apiVersion: v3.1.0\nkind: DataContract\nschema:\n  - properties:\n      - name: x\n        quality:\n          - metric: freshness\n            mustBe: 0\n' >t.contract.yaml
gyre check t.csv
