# An output or a dataset that is gone from the disk is known by what names it; what was said twice is told once.
project
cat >>gyre.yaml <<'Y'
gates:
  enough: {file: metrics.json, metric: accuracy, min: 0.4}
Y
gyre gate >/dev/null
gyre gate >/dev/null
gyre why metrics.json | grep -c "gate enough"
gyre why metrics.json --json | python3 -c "
import json, sys
print(sum(record['kind'] == 'gate' for record in json.load(sys.stdin)['records']))"
rm model.onnx labels.csv
gyre why model.onnx | head -1
gyre why labels.csv | plain | head -1
mkdir -p elsewhere
(cd elsewhere && gyre why ../model.onnx | head -1)
gyre why nothing.onnx || echo "status $?"
