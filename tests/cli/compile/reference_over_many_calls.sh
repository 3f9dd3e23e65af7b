# Weights may lie at any address in the file: every sample has its own result, the same as when they are aligned.
make_input in.npy 1 5,3,16
gyre infer "$models/scale.onnx" -i in.npy -o compiled.npz --quiet
for name in a ab abc abcd; do
    # A field more (producer_name) in front moves all that follows.
    { printf '\022%b%s' "\\00${#name}" "$name"; cat "$models/scale.onnx"; } > moved.onnx
    gyre infer moved.onnx -i in.npy -o reference.npz --reference --quiet
    cmp compiled.npz reference.npz && echo "moved by $((${#name} + 2))"
done
