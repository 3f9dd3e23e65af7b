# A second run does nothing; a changed parameter, input or output runs what depends on it.
stages <<'Y'
stages:
  prepare:
    cmd: cp in.txt mid.txt
    deps: [in.txt]
    outs: [mid.txt]
  train:
    cmd: echo ${train.epochs} | cat mid.txt - > model.onnx
    deps: [mid.txt]
    params: [train]
    outs: [model.onnx]
  evaluate:
    cmd: "printf '{\"bytes\": %d}' $(wc -c < model.onnx) > metrics.json"
    deps: [model.onnx]
    metrics: [metrics.json]
Y
printf 'train:\n  epochs: 3\n  seed: 1\n' > params.yaml
echo data > in.txt
gyre run --dry-run
gyre run -q > first
grep -c 'done in' first
gyre run
sed -i 's/seed: 1/seed: 2/' params.yaml
gyre run --dry-run
gyre run -q | sed 's/in [0-9.]* s/in N s/'
sed -i 's/epochs: 3/epochs: 30/' params.yaml
gyre run --quiet | sed 's/in [0-9.]* s/in N s/'
rm mid.txt
gyre run --json | sed -E 's/"(run|seconds)":[^,}]*/"\1":N/g'
