# A transformer's block: the same bits everywhere.
make_input in.npy 5 96,6,24
same_bits "$models/attention.onnx" in.npy
