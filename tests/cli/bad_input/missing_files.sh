# Files that are not there: every command that reads one names it.
for words in "profile t.csv" "schema t.csv" "check t.csv" "audit t.csv" "id --rows t.csv" "id t.csv" \
    "clean t.csv" "value a.csv b.csv" "compile m.onnx" "inspect m.onnx" \
    "infer m.onnx --inputs i.npz --outputs o.npz" \
    "compress m.onnx -o o.onnx --calibrate t.csv" "gate --new a.csv --old b.csv"; do
    refuse $words
done
