git init -q . && git config user.name a && git config user.email a@b
gyre init >/dev/null
gyre clean flowers.csv || echo "exit $?"
gyre add flowers.csv >/dev/null
gyre audit flowers.csv >/dev/null
gyre clean flowers.csv --dry-run
gyre clean flowers.csv
# What is there now is neither audited nor stored.
gyre clean flowers.csv || echo "exit $?"
gyre audit flowers.csv >/dev/null
gyre clean flowers.csv || echo "exit $?"
