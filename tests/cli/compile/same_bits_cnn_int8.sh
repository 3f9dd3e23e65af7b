# Bytes (QDQ): the same bits everywhere.
make_input in.npy 3 96,3,17,15
same_bits "$models/cnn_int8.onnx" in.npy
