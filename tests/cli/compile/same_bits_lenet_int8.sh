# Bytes (QDQ): the same bits everywhere.
make_input in.npy 2 96,1,16,16
same_bits "$models/lenet_int8.onnx" in.npy
