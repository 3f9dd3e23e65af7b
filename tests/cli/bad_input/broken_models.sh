# Files that are no models, or parts of one, to every command that takes one: nothing is left behind.
: >empty.onnx
echo words >words.onnx
mkdir folder.onnx
head -c 400 "$GYRE_SOURCE/tests/data/models/mlp.onnx" >short.onnx
printf 'a,label\n1,x\n' >t.csv
printf '\x93NUMPY\1\0\x46\0%-69s\n\0\0\0\0' "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }" >i.npy
for model in empty words folder short; do
    refuse inspect $model.onnx
    refuse compile $model.onnx -o out
    refuse compress $model.onnx -o small.onnx --calibrate t.csv
    refuse infer $model.onnx --inputs i.npy --outputs o.npz
done
