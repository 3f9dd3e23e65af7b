# diff and log know the outputs that gyre.lock names: predictions sample by sample, whatever else as files.
stages <<'Y'
stages:
  evaluate:
    cmd: sh evaluate.sh $(cat in.txt)
    deps: [in.txt, evaluate.sh]
    outs: [model.onnx, predictions.csv, folder, broken.jsonl]
Y
cat >evaluate.sh <<'S'
echo weights $1 >model.onnx
mkdir -p folder
echo same >folder/same
echo $1 >folder/$1
[ $1 = 1 ] && echo '{"a":1}' >broken.jsonl || : >broken.jsonl
echo id,label,prediction,score >predictions.csv
for i in 1 2 3; do echo $(echo $i | sha256sum | cut -c 1-64),cat,$([ $i = $1 ] && echo dog || echo cat),.$1 >>predictions.csv; done
S
day=1
commit() { git add -A; GIT_AUTHOR_DATE="2026-01-0$((day++)) 12:00 +0000" git commit -qm "$1"; }
for i in 1 2; do
    echo $i >in.txt
    gyre run -q >/dev/null
    commit "run $i"
done
echo words >notes.txt
commit "no run"
gyre diff
gyre diff HEAD~1 HEAD
gyre diff HEAD~2
gyre diff HEAD~2 HEAD~1 predictions.csv --json
gyre diff nothing || echo "status $?"
echo == log
hide() { sed -E 's/^[0-9a-f]{10} /COMMIT/'; }
gyre log | hide
gyre log --limit 1 model.onnx | hide
gyre log --json model.onnx | python3 -c "
import json, sys
for line in sys.stdin:
    said = json.loads(line)
    print(said['subject'], said['path'], said['bytes'], said['output'])"
echo == what the work tree holds now
echo edited >model.onnx
gyre diff
