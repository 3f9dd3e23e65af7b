printf 'mail,age\nsecret-canary,77123\nsecret-canary,1\n' >t.csv
printf 'apiVersion: v3.1.0\nkind: DataContract\nschema:\n  - properties:\n      - name: mail\n        customProperties: [{property: gyre.pii, value: true}]\n      - name: age\n        customProperties: [{property: gyre.pii, value: true}]\n' >t.contract.yaml
{ gyre profile t.csv; gyre profile --json t.csv; } >out
! grep -E 'canary|77123' out
