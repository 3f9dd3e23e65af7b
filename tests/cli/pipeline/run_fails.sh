# A failing command: its status is told, later stages do not run, nothing is recorded.
stages <<'Y'
stages:
  bad: {cmd: "echo words >&2; exit 9", outs: [x]}
  next: {cmd: cp x y, deps: [x], outs: [y]}
Y
gyre run -q && exit 1 || status=$?
test ! -e gyre.lock
exit $status
