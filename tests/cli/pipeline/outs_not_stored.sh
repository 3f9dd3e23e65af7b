# What the store cannot hold stays where it is; a lock that names a path outside is refused.
stages <<'Y'
stages:
  link: {cmd: ln -s in.txt out, deps: [in.txt], outs: [out]}
Y
echo 1 > in.txt
gyre run -q 2>&1 | sed 's/in [0-9.]* s/in N s/'
grep -c stored gyre.lock || true
gyre run
cat > gyre.lock <<'L'
format: 2
stages:
  "link":
    cmd: "x"
    outs:
    - path: "../../outside"
      id: "4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865"
      bytes: 2
      stored: "4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865"
L
gyre checkout || echo status $?
sed -i 's,../../outside,away/outside,' gyre.lock
mkdir ../elsewhere
ln -s ../elsewhere away
gyre checkout || echo status $?
ls ../elsewhere
