# Outputs, lock and metrics of a run: as before or as after, and the next run goes on from there.
prepare() {
    project
    cat >gyre.yaml <<'Y'
stages:
  a: {cmd: cp in x, deps: [in], outs: [x]}
  b:
    cmd: "cp x y; echo '{\"error\": 4}' >m.json"
    deps: [x]
    outs: [y]
    metrics: [m.json]
Y
    echo 1 >in
    gyre run -q >/dev/null
    echo 2 >in
}
OWN=1
act() { gyre run -q; }
verify() {
    for file in x y; do grep -qx '[12]' $file || [ ! -e $file ]; done
    if [ "$STATUS" = 0 ]; then gyre run --dry-run | grep -c 'nothing to do' | grep -qx 2; fi
    gyre run -q >/dev/null
    grep -qx 2 x && grep -qx 2 y
    gyre run --dry-run | grep -c 'nothing to do' | grep -qx 2
    gyre verify
    find . -path ./.git -prune -o -path ./.gyre -prune -o -type f -print | sort | tr '\n' ' ' >"$TMPDIR/found"
    grep -qx './.gitignore ./gyre.lock ./gyre.yaml ./in ./m.json ./x ./y ' "$TMPDIR/found" || { cat "$TMPDIR/found"; exit 1; }
}
