# A gate that compares with a revision calls its file by that, not by where it was put to be read.
stages <<'Y'
stages:
  evaluate: {cmd: cp made.csv predictions.csv, deps: [made.csv], outs: [predictions.csv]}
gates:
  better: {predictions: predictions.csv, than: HEAD}
Y
samples() { echo id,label,prediction; for i in "$@"; do echo "$(echo $i | sha256sum | cut -c 1-64),a,a"; done; }
samples 1 2 >made.csv
gyre run -q >/dev/null
git add -A
git commit -qm one
samples 1 3 >made.csv
gyre run -q >/dev/null
gyre gate better || echo "status $?"
