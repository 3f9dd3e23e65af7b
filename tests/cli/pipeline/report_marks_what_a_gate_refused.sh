# In the history of the page a run whose model a gate refused stands as a cross; a later yes takes it back.
stages <<'Y'
stages:
  train: {cmd: cp in.txt model.onnx, deps: [in.txt], outs: [model.onnx]}
  evaluate:
    cmd: printf '{"accuracy":0.%s}' $(cat model.onnx) >metrics.json
    deps: [model.onnx]
    metrics: [metrics.json]
gates:
  enough: {file: metrics.json, metric: accuracy, min: 0.5}
Y
for share in 7 3 8; do
    echo $share >in.txt
    gyre run -q >/dev/null
    gyre gate -q >/dev/null 2>&1 || echo "refused: .$share"
done
marks() { gyre report -q; python3 -c "
import re
page = open('report.html').read()
print(re.findall(r'<title>[0-9-]+ [0-9:]+: ([^<]*)</title></(\w+)>', page))"; }
marks
echo 3 >in.txt
gyre run -q >/dev/null
sed -i 's/min: 0.5/min: 0.2/' gyre.yaml
gyre gate >/dev/null
marks
