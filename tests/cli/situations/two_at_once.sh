# Two of a kind at once on the same things: both succeed, and what they leave is what one leaves.
project
for round in 1 2 3; do
    seq "$round" 99 >images/1.txt
    gyre add images labels.csv >/dev/null &
    gyre add labels.csv images >/dev/null
    wait $!
    gyre verify --deep >/dev/null
done
rm -r images labels.csv
gyre checkout >/dev/null &
gyre checkout >/dev/null
wait $!
gyre status
cat >gyre.yaml <<'Y'
stages:
  a: {cmd: "echo a >>ran; cp labels.csv x", deps: [labels.csv], outs: [x]}
  b: {cmd: "echo b >>ran; cp x y", deps: [x], outs: [y]}
Y
gyre run -q >/dev/null &
gyre run -q >/dev/null
wait $!
cat ran
cmp labels.csv y
gyre run
gyre gate >/dev/null 2>&1 || :
gyre compile -q "$GYRE_SOURCE/tests/data/models/mlp.onnx" -o net --target generic >/dev/null &
gyre compile -q "$GYRE_SOURCE/tests/data/models/mlp.onnx" -o net --target generic >/dev/null
wait $!
ls -A | grep -c draft || :
ls net
