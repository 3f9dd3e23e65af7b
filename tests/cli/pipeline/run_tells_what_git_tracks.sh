# An output that git tracks stays tracked, whatever .gitignore says: the run says so, until it is taken out.
stages <<'Y'
stages:
  train: {cmd: cp in.txt model.onnx; cp in.txt m.json, deps: [in.txt], outs: [model.onnx], metrics: [m.json: {cache: false}]}
Y
echo 1 >in.txt
echo old >model.onnx
echo old >m.json
git add model.onnx m.json
git commit -qm "before gyre"
run() { gyre run "$@" | grep -v done; }
run
gyre run -q
echo 2 >in.txt
gyre run --json | grep tracked
git rm -q -r --cached model.onnx
echo 3 >in.txt
run
git add -A
git ls-files
