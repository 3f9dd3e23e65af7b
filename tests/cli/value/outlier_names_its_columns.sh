# the reason of an outlier names the columns that make it one, with their values and what is usual; the page shows the row
awk 'NR == 1 { print "length,width,place,weight,label" }
     NR > 1 { split($0, part, ","); place = NR % 3 ? "north" : "south"
              if (NR == 5) { part[1] = 99; part[2] = -88 } if (NR == 9) place = "moon"
              print part[1] "," part[2] "," place "," (NR == 9 ? 777 : part[3]) "," part[4] }' flowers.csv >strange.csv
gyre audit strange.csv --report page.html --quiet | sed -n '/^outliers/,/^near/p' | sed -n 2,3p
grep -o '<dl>.*99</dd>' page.html | head -n 1
# a personal column is named, and nothing of it told
git init -q . && gyre init >/dev/null 2>&1
printf 'apiVersion: v3.1.0\nkind: DataContract\nschema:\n  - properties:\n      - name: length\n        customProperties: [{property: gyre.pii, value: true}]\n' >strange.contract.yaml
gyre audit strange.csv --quiet | grep 'row 4 ' | grep -o 'length [^)]*)'
