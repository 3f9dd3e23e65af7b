# What a branch, the stash, the index or the work tree names stays; the rest waits, then goes.
project
gyre add images >/dev/null
commit 1
git checkout -q -b side
echo side >images/side.txt
gyre add images >/dev/null
commit 2
git checkout -q master
gyre checkout >/dev/null
echo stashed >images/stashed.txt
gyre add images >/dev/null
git stash -q
gyre checkout >/dev/null
echo staged >images/staged.txt
gyre add images >/dev/null
git restore images.gyre
gyre checkout >/dev/null
echo lost >images/lost.txt
gyre add images >/dev/null
git restore --staged --worktree images.gyre
gyre checkout >/dev/null
gyre gc
gyre gc --grace 1d --dry-run
gyre gc --grace 0
gyre gc --grace 0
gyre verify --deep
git stash pop -q
gyre checkout
git stash -q
git checkout -q side
gyre checkout
gyre gc --grace soon 2>&1 || echo "status $?"
