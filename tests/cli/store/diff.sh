project
gyre add images labels.csv >/dev/null
commit 1
gyre diff
sed -i 's/1.txt,cat/1.txt,dog/; /4.txt/d' labels.csv
echo "images/new.txt,bird" >>labels.csv
rm images/dog/4.txt
echo new >images/new.txt
gyre diff
gyre add images labels.csv >/dev/null
commit 2
gyre diff
gyre diff HEAD~1
gyre diff HEAD~1 HEAD --json
gyre diff HEAD HEAD~1 images
gyre diff no_such_thing 2>&1 || echo "status $?"
