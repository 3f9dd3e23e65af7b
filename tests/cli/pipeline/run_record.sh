# What must be known to run it again is in the run's record: seeds, threads, libraries, processor, the command's own notes.
rmdir .gyre && gyre init >/dev/null
printf 'train: {seed: 7, rate: 0.5, split_seed: 3}\n' >params.yaml
stages <<'Y'
stages:
  train:
    cmd: echo 1 > model.bin && mkdir -p "$GYRE_PROJECT/.gyre/runs" && echo '{"torch":"1.13"}' > "$GYRE_PROJECT/.gyre/runs/$GYRE_RUN.json"
    params: [train]
    outs: [model.bin]
Y
OMP_NUM_THREADS=2 gyre run -q >/dev/null
gyre why model.bin --json | python3 -c '
import json, sys
run = json.load(sys.stdin)["origin"]
print(run["seeds"], run["threads"]["OMP_NUM_THREADS"], run["threads"]["processors"] >= 1, run["notes"])
print(sorted(run["host"]), sorted(run["libraries"]), run["libraries"]["gyre"] == sys.argv[1])
' "$(gyre --version | cut -d' ' -f2)"
ls .gyre/runs
