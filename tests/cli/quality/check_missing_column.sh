printf 'x\n1\n2\n' >t.csv
printf 'apiVersion: v3.1.0\nkind: DataContract\nschema:\n  - properties:\n      - name: y\n        logicalType: integer\n' >t.contract.yaml
gyre check t.csv
