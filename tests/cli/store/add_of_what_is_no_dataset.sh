project
try() { "$@" 2>&1 || echo "status $?"; }
ln -s labels.csv link.csv
ln -s 1.txt images/cat/link
try gyre add missing
try gyre add link.csv
try gyre add images
try gyre add .gyre
try gyre add .
try gyre add /tmp
try gyre add
git add labels.csv
try gyre add labels.csv
rm images/cat/link
gyre add images >/dev/null
try gyre add images/cat
mkdir outer
cp images.gyre outer
try gyre add outer
cd "$HOME"
try gyre add images
