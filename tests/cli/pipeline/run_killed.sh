# Killed at every step by kill -9, a run goes on where it was: no manual step, no stale lock.
stages <<'Y'
stages:
  a: {cmd: cp in x, deps: [in], outs: [x]}
  b: {cmd: cp x y, deps: [x], outs: [y]}
Y
echo 1 > in
n=0
while n=$((n + 1)); do
    echo $n > in
    GYRE_FAULT=kill:$n gyre run -q > /dev/null 2>&1 && break
    gyre run -q > /dev/null
    gyre run --dry-run | grep -c 'nothing to do' | grep -qx 2
    cmp -s in y
done 2> /dev/null # bash tells of each that was killed
test $n -gt 20
echo every step
