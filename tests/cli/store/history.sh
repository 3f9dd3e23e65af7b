# Two versions: what changed between them, when, and that everything is there.
git init -q -b main
gyre init > /dev/null
mkdir images
echo one > images/1
echo two > images/2
gyre add -q images > /dev/null
git add -A && git commit -qm 'version 1'
echo three > images/3
rm images/1
gyre add -q images > /dev/null
git commit -qam 'version 2'
gyre diff HEAD~1
gyre log | grep -c 'version [12]'
gyre verify --deep > /dev/null
gyre gc --dry-run > /dev/null
