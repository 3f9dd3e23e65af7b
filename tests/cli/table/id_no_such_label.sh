printf 'a,b\n1,2\n' >t.csv
gyre id --rows --label c t.csv
