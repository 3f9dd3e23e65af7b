# A classifier that gives its label first, as converters write it: judged by its probabilities.
python3 "$GYRE_SOURCE/tests/support/make_input.py" in.npy 3 400,12
python3 - <<'END'
import zipfile
with zipfile.ZipFile("in.npz", "w") as file:
    file.write("in.npy", "x.npy")
END
gyre compress "$GYRE_SOURCE/tests/data/models/classes.onnx" -o out.onnx --calibrate in.npz --json | grep -o '"calibrated":[0-9]*,"judged":[0-9]*,"holdout":false,"flipped":[0-9]*'
gyre infer out.onnx -i in.npz -o out.npz --quiet
python3 -c 'import zipfile; print(*sorted(zipfile.ZipFile("out.npz").namelist()))'
