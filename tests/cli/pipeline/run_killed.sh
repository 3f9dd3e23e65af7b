# Killed at every step by kill -9, a run goes on where it was: no manual step, no stale lock.
stages <<'Y'
stages:
  a: {cmd: cp in x, deps: [in], outs: [x]}
  b: {cmd: cp x y, deps: [x], outs: [y]}
Y
echo 1 > in
gyre run -q > /dev/null
mkdir ../before
cp -a . ../before
n=0
while n=$((n + 1)); do
    find . -mindepth 1 -maxdepth 1 -exec rm -rf {} +
    cp -a ../before/. .
    echo 2 > in
    GYRE_FAULT=kill:$n gyre run -q > /dev/null 2>&1 && break
    gyre run -q > /dev/null
    gyre run --dry-run | grep -c 'nothing to do' | grep -qx 2
    cmp -s in y
done 2> /dev/null # bash tells of each that was killed
test $n -gt 20
gyre verify --deep > /dev/null
echo every step
