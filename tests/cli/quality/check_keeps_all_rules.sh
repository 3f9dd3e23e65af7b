printf 'x\n1\n2\n' >t.csv
printf 'apiVersion: v3.1.0\nkind: DataContract\nschema:\n  - properties:\n      - name: x\n        logicalType: integer\n        unique: true\n' >t.contract.yaml
gyre check t.csv
