# Activations between convolutions: the same bits everywhere.
make_input in.npy 8 96,2,9,9
same_bits "$models/gated.onnx" in.npy
