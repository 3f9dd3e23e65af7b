# A bare repository has no work tree whose data could be versioned; neither has the folder .git.
git init -q --bare bare
git init -q tree
(cd bare && gyre init) || echo "status $?"
(cd tree/.git && gyre init) || echo "status $?"
(cd tree && gyre init)
