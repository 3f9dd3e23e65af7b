# Boosted trees of many leaves, with missing values and infinities: walked in lock step.
make_input in.npy 8 96,12 special
same_bits "$models/large_trees.onnx" in.npy
