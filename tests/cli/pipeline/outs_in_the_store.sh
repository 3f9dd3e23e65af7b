# Outputs live in the store: git has the lock alone, and every command finds what it names.
stages <<'Y'
stages:
  prepare:
    cmd: mkdir d d/s; cp in.txt d/s/mid.txt; printf '#!/bin/sh\n' > bin/tool; chmod +x bin/tool
    deps: [in.txt]
    outs: [d, bin/tool]
  train:
    cmd: cat d/s/mid.txt > model.onnx; printf '{"a":%d}' $(cat in.txt) | tee m.json > n.json
    deps: [d]
    outs: [model.onnx]
    metrics:
    - m.json
    - n.json: {cache: false}
Y
commit() { git add -A; git commit -qm "$1"; }
echo 1 > in.txt
gyre run -q > /dev/null
commit one
git ls-files
gyre status
echo == gone and back
rm -r d bin/tool model.onnx
gyre status
gyre checkout d bin/tool
test -x bin/tool
gyre run -q
gyre run -q
echo == a second version
echo 2 > in.txt
gyre status
gyre run -q > /dev/null
commit two
gyre metrics diff HEAD~1
echo == and the first again, from the run cache and from the lock
git checkout -q HEAD~1
gyre run -q
cat model.onnx d/s/mid.txt n.json; echo
rm -r .gyre/cache/runs
git checkout -q main
gyre run -q
cat model.onnx d/s/mid.txt n.json; echo
echo == edited
echo 3 > model.onnx
gyre status
gyre status --json model.onnx
gyre checkout || echo status $?
gyre checkout --force
echo == nothing that a commit names goes
git checkout -q HEAD~1
gyre gc --grace 0 > /dev/null
gyre gc --grace 0
gyre verify --deep | sed 's/[0-9]* bytes/N bytes/'
gyre checkout || echo status $?
git checkout -q main
gyre checkout || echo status $?
gyre status
