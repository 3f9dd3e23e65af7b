# names: t.contract.yaml t.csv
# file: t.contract.yaml
prepare() {
    printf 'a,b,label\n1,x,u\n2,y,v\n3,y,u\n' >t.csv
    gyre schema t.csv -o t.contract.yaml
}
act() { gyre check t.csv; }
