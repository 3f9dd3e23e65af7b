# Boosted trees, with missing values and infinities: leaves as masks, and in blocks at batch 32.
make_input in.npy 8 96,12 special
same_bits "$models/trees.onnx" in.npy
gyre compile "$models/trees.onnx" --target generic -o masks >/dev/null
grep -q gy_lowest_bit masks/trees.c # the form that this is about was chosen
