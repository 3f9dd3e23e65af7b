# A version is added, changed, seen by status, and comes back from the store.
git init -q
gyre init
mkdir data
echo one >data/a
echo two >data/b
gyre add data
gyre status
git add -A && git commit -qm one
echo three >data/a
gyre status
gyre checkout || echo "status $?"
gyre checkout --force
cat data/a
rm -r data
gyre checkout
cat data/a data/b
gyre add nothing || echo "status $?"
