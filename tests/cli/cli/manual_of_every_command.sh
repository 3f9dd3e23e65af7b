# mandoc reads every page without a warning, but for the date: pages are made without one, so that
# two builds give the same bytes.
if ! command -v mandoc >found; then
    echo "mandoc is not there" >&2
    exit 77
fi
sed -n 's/^COMMAND(\(.*\))$/\1/p' "$GYRE_SOURCE/src/cli/commands.def" | while read -r name; do
    gyre manual "$name" >page.1
    mandoc -T lint -W warning page.1 | grep -v "missing date" || true
    mandoc -T ascii page.1 | sed 's/.\x08//g' >page
    grep -q "^ *gyre-$name - " page || echo "page of $name has no name"
done
