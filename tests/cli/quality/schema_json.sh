printf 'a,b\n1,x\n2,y\n' >t.csv
gyre schema --json t.csv
