# Ctrl-C: the command and its children end, gyre tells it, the state is clean.
stages <<'Y'
stages:
  a: {cmd: "touch started; sleep 1000", outs: [x]}
Y
set -m
gyre run -q > /dev/null 2> err &
set +m
until test -e started; do sleep 0.01; done
kill -INT $!
wait $! || echo "status $?"
cat err
test ! -e gyre.lock
