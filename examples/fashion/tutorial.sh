#!/usr/bin/env bash
# Gyre on Fashion-MNIST, from a spoilt delivery to a verified program on a device. Every line below is one that you
# would type. It runs in a folder that holds images/, labels.csv, test.npz and the files of project/:
#
#     tutorial.sh        (make demo lays out the folder, runs this, and scores it against the truth)
set -euo pipefail

steps=11 number=0 started=$SECONDS
step() {
    number=$((number + 1))
    printf '[%2d/%d] %s (at %d s)\n' "$number" "$steps" "$1" "$((SECONDS - started))"
    printf '%s\t%s\n' "$(date +%s.%N)" "$1" >>steps.tsv
}

step "version 1: the delivery, as it came"
git init -q -b main
gyre init
gyre add images labels.csv test.npz
git add -A
git commit -qm "version 1: as delivered"
gyre status

step "profile it, write down what it should be, check it"
gyre profile labels.csv >profile.txt
gyre schema labels.csv -o labels.contract.yaml
gyre check labels.csv --json >broken.v1.jsonl || true # exit status 1: some rows break a rule
gyre check labels.csv | head -n 5 || true
git add -A
git commit -qm "the contract"

step "train on it as it is"
gyre run
git add -A
git commit -qm "model of version 1"

step "audit it: the network's own out-of-sample probabilities, in two rounds"
python3 cross_validate.py round1.npz
gyre audit labels.csv --probs round1.npz --json --all >round1.jsonl
python3 cross_validate.py round2.npz --soft round1.jsonl
gyre audit labels.csv --probs round2.npz --json --report audit.html >findings.jsonl

step "version 2: clean it by the findings"
gyre clean labels.csv
gyre add labels.csv
git add -A
git commit -qm "version 2: cleaned"
gyre diff HEAD~1 | tail -n 5

step "train again, compare, let the better model pass"
gyre run
gyre metrics diff HEAD~1
gyre gate better --json >gate.jsonl
git add -A
git commit -qm "model of version 2"
gyre run # does nothing: all is up to date

step "a worse model is refused"
sed -i 's/epochs: 15/epochs: 1/' params.yaml
gyre run
if gyre gate better; then
    echo "the gate let a worse model pass" >&2
    exit 1
fi
git checkout -q params.yaml gyre.lock metrics.json
gyre checkout -q # the better model is back: outputs of stages are in the store, too
gyre gate better

step "compress it to int8, compile both for this machine and for a Cortex-M4, within budgets"
gyre compress model.onnx -o model.int8.onnx --calibrate labels.csv --holdout test.npz --json >compress.json
for model in model model.int8; do
    gyre compile $model.onnx --target host -o build/$model.host
    gyre compile $model.onnx --target cortex-m4 -o build/$model.m4 --ram 64KiB --flash 512KiB --json >$model.plan.json
done
if gyre compile model.onnx --target cortex-m4 -o build/too-small --ram 8KiB; then
    echo "a budget that is too small was not refused" >&2
    exit 1
fi

gyre inspect model.int8.onnx --target cortex-m4

step "sign a bundle with its lineage"
gyre bundle --new-key release.key
gyre bundle model.onnx model.int8.onnx -o bundle --key release.key --schema labels.contract.yaml --metrics metrics.json \
    --code build/model.m4/model.c --code build/model.int8.m4/model.c
gyre bundle --verify bundle --trust release.key.pub

step "run 500 images on the device, compare every byte with the host"
python3 some_images.py test.npz 500 device_in.npz
for model in model model.int8; do
    gyre infer $model.onnx --inputs device_in.npz --outputs $model.host.npz
    gyre infer $model.onnx --inputs device_in.npz --outputs $model.m4.npz --target cortex-m4 --json >$model.m4.json
    cmp $model.host.npz $model.m4.npz
done

step "ask where things come from"
gyre show "$(head -n 1 findings.jsonl | python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["id"])')"
gyre why model.onnx
gyre report -o report.html
