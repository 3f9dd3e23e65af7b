# Two datasets hold what is not stored: both are named, and neither is touched.
project
gyre add images labels.csv >/dev/null
commit 1
echo mine >images/cat/1.txt
echo "images/dog/3.txt,cat" >>labels.csv
gyre checkout 2>&1 || echo "status $?"
cat images/cat/1.txt
wc -l <labels.csv
for i in 1 2 3 4 5 6 7; do echo $i >images/new$i.txt; done
gyre checkout 2>&1 || echo "status $?"
gyre checkout --force | sort
gyre status
