# Strides, paddings, dilation, groups, depthwise, odd channels: the same bits everywhere.
make_input in.npy 3 96,3,17,15
same_bits "$models/cnn.onnx" in.npy
