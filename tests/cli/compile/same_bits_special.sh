# NaN, infinities, subnormals and huge numbers in the inputs: the same bits everywhere.
make_input in.npy 6 96,3,17,15 special
same_bits "$models/cnn.onnx" in.npy
