# What a model needs: operators after lowering, tensors in the planned memory, totals.
gyre inspect "$models/cnn.onnx" --target cortex-m4
gyre inspect "$models/lenet_int8.onnx" --json
