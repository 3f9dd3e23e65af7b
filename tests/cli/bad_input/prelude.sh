# try WORDS...: run gyre, then its exit status; stdout and stderr on stdout, in that order.
try() {
    local status=0
    gyre "$@" >"$TMPDIR"/said 2>"$TMPDIR"/told </dev/null || status=$?
    echo "--- $* ($status)"
    cat "$TMPDIR"/said "$TMPDIR"/told
}
# refuse WORDS...: the same, and the folder holds what it held before.
refuse() {
    find . -path ./.git -prune -o -print | sort >"$TMPDIR"/before
    try "$@"
    find . -path ./.git -prune -o -print | sort | diff "$TMPDIR"/before -
}
