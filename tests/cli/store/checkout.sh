project
mkdir images/empty
chmod +x images/dog/4.txt
gyre add images labels.csv >/dev/null
commit 1
echo "images/cat/2.txt,dog" >>labels.csv
rm -r images/cat images/empty
echo six >images/6.txt
gyre add images labels.csv >/dev/null
commit 2
git checkout -q HEAD~1
gyre checkout
find images | sort
cat images/cat/1.txt
[ -x images/dog/4.txt ] && [ ! -x images/dog/3.txt ] && echo executable
git checkout -q master
gyre checkout images
find images | sort
gyre checkout --json
gyre status
