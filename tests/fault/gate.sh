# A verdict is right or the gate fails; the ledger takes the next.
# act: gate --new new.csv --old old.csv --resamples 100
# act: gate low
# act: gate high
# act: metrics
# act: run --dry-run
prepare() {
    project
    for side in old new; do
        side_every=$([ $side = new ] && echo 9 || echo 3)
        echo id,label,prediction >$side.csv
        for i in $(seq 40); do
            echo "$(printf %s "$i" | sha256sum | cut -c 1-64),a,$([ $((i % side_every)) = 0 ] && echo b || echo a)"
        done >>$side.csv
    done
    printf '{"error": 4}' >m.json
    printf 'gates:\n  low: {metric: error, max: 5}\n  high: {metric: error, min: 5}\n' >gyre.yaml
    printf 'stages:\n  s: {cmd: "true", metrics: [m.json]}\n' >>gyre.yaml
}
act() { gyre $ACT; }
