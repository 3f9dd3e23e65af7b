# A folder of C appears whole, replaces an older one, and never somebody else's.
gyre compile "$models/lenet.onnx" -o net --target generic >/dev/null
ls net
gyre compile "$models/mlp.onnx" -o net --target cortex-m4 >/dev/null
ls net
mkdir mine && echo notes > mine/notes.txt
if gyre compile "$models/mlp.onnx" -o mine; then exit 9; fi
ls mine
ls
