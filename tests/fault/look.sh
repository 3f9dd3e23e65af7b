# Models and values: all of it or a failure.
prepare() {
    cp "$models/mlp.onnx" .
    flowers 40
    sed -i '$d' flowers.csv
    mv flowers.csv train.csv
    flowers 30
    sed -i '$d' flowers.csv
}
# act: value train.csv flowers.csv
# act: inspect mlp.onnx
act() { gyre $ACT; }
