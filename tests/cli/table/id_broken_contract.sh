printf 'a,b\n1,2\n' >t.csv
printf 'kind: DataContract\napiVersion: v3.1.0\nschema:\n  - properties:\n      - name: c\n        customProperties:\n          - property: gyre.label\n            value: true\n' >t.contract.yaml
gyre id --rows t.csv
