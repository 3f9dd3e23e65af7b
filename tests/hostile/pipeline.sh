# names: gyre.yaml params.yaml gyre.lock m.json stage gate
# file: gyre.yaml
# file: params.yaml
# file: gyre.lock
# file: m.json
prepare() {
    project
    cat >gyre.yaml <<'Y'
stages:
  a: {cmd: "cp in x", deps: [in], outs: [x], params: [k]}
  b:
    cmd: "echo '{\"e\": 4}' >m.json"
    deps: [x]
    metrics: [m.json]
gates:
  low: {metric: e, max: 5}
Y
    echo 'k: 1' >params.yaml
    echo 1 >in
    gyre run -q >/dev/null
}
act() {
    gyre run --dry-run >/dev/null
    gyre metrics >/dev/null
    gyre gate >/dev/null
}
