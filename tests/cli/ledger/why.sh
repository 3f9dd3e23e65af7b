# From a model over its run to data version, parameters and commit.
project
gyre why model.onnx | plain
gyre why metrics.json | plain | tail -n 3
gyre why model.onnx --json | python3 -c "
import json, sys
origin = json.load(sys.stdin)['origin']
print(origin['stage'], origin['params'], origin['seeds'], origin['dirty'])
data = {d['path']: d for i in origin['inputs'] for d in i['inputs']}
print({p: (d['subject'], d['dataset']) for p, d in data.items()})"
gyre why images | plain
gyre why train.sh
