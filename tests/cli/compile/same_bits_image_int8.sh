# Bytes in, functions of one byte as tables, sums and means of bytes: the same bits everywhere.
make_input in.npy 9 96,1,14,19 bytes
same_bits "$models/image_int8.onnx" in.npy
