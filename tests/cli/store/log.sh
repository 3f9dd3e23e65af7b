project
gyre log
gyre add images labels.csv >/dev/null
commit 1
echo five >images/5.txt
rm images/cat/1.txt
echo other >images/cat/2.txt
gyre add images >/dev/null
commit 2
gyre log | sed 's/^[0-9a-f]*/COMMIT/'
gyre log --json --limit 1 images | sed 's/"commit":"[0-9a-f]*"/COMMIT/'
