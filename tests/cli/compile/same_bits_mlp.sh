# Matrix products and softmax: the same bits everywhere.
make_input in.npy 1 96,20
same_bits "$models/mlp.onnx" in.npy
