# Another work tree of a repository does not share its store, and says so.
git init -q first
cd first
gyre init --quiet
git commit -q --allow-empty -m one
git worktree add -q ../second 2>/dev/null
cd ../second
gyre status || echo "status $?"
gyre init
gyre status
