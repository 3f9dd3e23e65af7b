# Sums of images: the same bits everywhere.
make_input in.npy 4 96,2,9,9
same_bits "$models/residual.onnx" in.npy
