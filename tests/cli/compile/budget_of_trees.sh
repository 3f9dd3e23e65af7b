# Trees are to blame by what their tables take, and no 8-bit weights are promised for them; nor for what has 8 bits.
gyre compile "$models/trees.onnx" --target cortex-m4 -o net --flash 1K || echo "exit $?" >&2
gyre compile "$models/lenet_int8.onnx" --target cortex-m4 -o net --flash 1K || echo "exit $?" >&2
gyre inspect "$models/trees.onnx" --target cortex-m4 | grep TreeEnsemble
