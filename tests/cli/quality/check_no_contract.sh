printf 'x\n1\n' >t.csv
gyre check t.csv
