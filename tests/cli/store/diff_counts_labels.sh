# A row changes with its soft label, too: how many labels are other ones is told apart.
project
sed -i '1s/$/,gyre_soft/; 2,$s/$/,/' labels.csv
gyre add images labels.csv >/dev/null
commit 1
sed -i '2,$s/$/0.9 0.1/; s/1.txt,cat/1.txt,dog/' labels.csv
gyre diff
gyre add labels.csv >/dev/null
sed -i 's/0.9 0.1/0.8 0.2/' labels.csv
gyre diff | head -n 1
gyre diff HEAD | head -n 1
