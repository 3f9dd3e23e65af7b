project
gyre status
gyre add images labels.csv >/dev/null
gyre status
echo other >images/cat/1.txt
rm images/dog/3.txt
echo new >images/new.txt
gyre status
gyre status --json images
rm -r images labels.csv
gyre status
