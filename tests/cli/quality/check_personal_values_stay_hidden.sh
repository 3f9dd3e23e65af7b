mkdir .gyre
printf 'mail,x\nsecret-canary,1\n' >t.csv
printf 'apiVersion: v3.1.0\nkind: DataContract\nschema:\n  - properties:\n      - name: mail\n        logicalTypeOptions: {pattern: "@"}\n        customProperties: [{property: gyre.pii, value: true}]\n' >t.contract.yaml
gyre check t.csv --json 2>&1 | tee out || true
! grep -q canary out
