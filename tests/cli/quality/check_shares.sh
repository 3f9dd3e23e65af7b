# A share of the rows may break a rule: within it nothing is told, over it every row is.
printf 'x\n1\n2\na\n4\n' >t.csv
contract() {
    printf 'apiVersion: v3.1.0\nkind: DataContract\nschema:\n  - properties:\n      - name: x\n        quality:\n          - metric: invalidValues\n            arguments: {pattern: "^[0-9]+$"}\n            mustBeLessThan: %s\n            unit: percent\n' "$1" >t.contract.yaml
}
contract 26
gyre check t.csv
contract 25
gyre check t.csv
