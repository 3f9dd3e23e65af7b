project
gyre add images labels.csv >/dev/null
echo mine >images/cat/1.txt
echo new >images/new.txt
gyre checkout 2>&1 || echo "status $?"
cat images/cat/1.txt images/new.txt
gyre checkout --force
gyre status
