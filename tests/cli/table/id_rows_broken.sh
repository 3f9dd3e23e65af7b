# A record that cannot be read keeps its place.
printf 'a,b\n1,2\n3\n"4,5\n6,7\n' >t.csv
gyre id --rows t.csv
