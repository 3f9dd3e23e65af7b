# A budget that does not suffice is refused, with what is to blame and what would fit.
gyre compile "$models/lenet.onnx" --target cortex-m4 -o net --ram 2K || echo "exit $?" >&2
gyre compile "$models/lenet.onnx" --target cortex-m4 -o net --flash 10K || echo "exit $?" >&2
ls
gyre compile "$models/lenet.onnx" --target cortex-m4 -o net --ram 8K --flash 64K >/dev/null
