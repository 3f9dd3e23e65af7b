# try WORDS...: run a command, then say how it ended; what it says, on stdout.
try() {
    local status=0
    "$@" >"$TMPDIR"/said 2>&1 </dev/null || status=$?
    echo "--- $* ($status)"
    cat "$TMPDIR"/said
}

# plain WORDS...: as someone whom permissions hold; root's own right to pass them is taken away.
plain() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --bounding-set=-dac_override,-dac_read_search "$@"
    else
        "$@"
    fi
}

project() {
    git init -q
    gyre init >/dev/null
    mkdir images
    for i in 1 2 3; do seq "$i" $((i * 40)) >"images/$i.txt"; done
    printf 'path,label\nimages/1.txt,a\nimages/2.txt,b\nimages/3.txt,b\n' >labels.csv
}
