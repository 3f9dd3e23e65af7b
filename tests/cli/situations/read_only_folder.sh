# A folder that may not be written: what only looks works, what writes says where it may not.
project
gyre add -q images labels.csv >/dev/null
{ echo a,label && for i in $(seq 20); do echo "$i.5,$((i / 10))"; done; } >t.csv
find . -path ./.git -prune -o -print | sort >"$TMPDIR"/before
chmod -R a-w .
for words in status "verify --deep" "id --rows labels.csv" "profile -q labels.csv" "checkout" \
    "add images" "gc" "schema labels.csv -o c.yaml" "audit -q t.csv --fix out.csv" \
    "compile $GYRE_SOURCE/tests/data/models/scale.onnx -o net --target generic" \
    "bundle --new-key k" "init images"; do
    status=0
    plain gyre $words >"$TMPDIR"/said 2>"$TMPDIR"/told || status=$?
    echo "${words%% *} $status $(sed 's/^.*models/models/' "$TMPDIR"/told | tail -n 1)"
done
chmod -R u+w .
find . -path ./.git -prune -o -print | sort | diff "$TMPDIR"/before -
