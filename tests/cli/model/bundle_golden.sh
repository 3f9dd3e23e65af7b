# A model that a run made from stored data: its bundle gets golden vectors and a reference by itself,
# and gyre why goes from the bundle and from the compiled program back to the data.
git init -q -b main . && git config user.name a && git config user.email a@b
gyre init >/dev/null
python3 "$GYRE_SOURCE/tests/support/make_input.py" samples.npy 5 40,20
gyre add samples.npy >/dev/null && git add -A && git commit -qm "the samples"
models=$GYRE_SOURCE/tests/data/models
printf 'stages:\n  train:\n    cmd: cp "$GYRE_SOURCE/tests/data/models/mlp.onnx" model.onnx\n    deps: [samples.npy]\n    outs: [model.onnx]\n' >gyre.yaml
gyre run --quiet | sed 's/in [0-9.]* s/in N s/'
gyre compile model.onnx -o build --quiet >/dev/null
gyre bundle --new-key key >/dev/null
gyre bundle model.onnx -o bundle --key key --code build/model.c |
    sed "1d; s/commit .*/commit .../; s/^$(sha256sum build/model.c | cut -c1-12)  code/<its hash>  code/"
gyre bundle --verify bundle --trust key.pub | head -n 2 | sed 's/data .*/data .../'
plain() { sed -E 's/[0-9a-f]{10,}/<HEX>/g; s/added .* UTC/added .../; s/run .*/run .../; s/^    run: .*/    run: .../'; }
gyre why bundle | plain
gyre why build/model.so | plain
gyre why build/model.c --json | grep -c '"how":"compiled"'
gyre why bundle --json | python3 -c 'import json, sys; found = json.load(sys.stdin); print(found["bundle"]["data"] is not None, found["origin"]["how"], found["origin"]["inputs"][0]["stage"])'

echo "-- no data that fit"
cp "$models/gated.onnx" other.onnx
gyre bundle other.onnx -o other --key key | grep -c golden || true
gyre bundle "$models/cnn.onnx" -o other --key key --samples samples.npy 2>&1 | sed 's/array in .*/array .../' || true

echo "-- a golden vector with one bit changed is refused, when it is given and when it is verified"
golden=bundle/blobs/sha256/$(gyre bundle --verify bundle --trust key.pub --no-golden --json |
    python3 -c 'import json, sys; print(*(f["id"] for f in json.load(sys.stdin)["files"] if f["role"] == "golden"))')
python3 - "$golden" bad.npz <<'END'
import sys, zipfile
old = zipfile.ZipFile(sys.argv[1])
with zipfile.ZipFile(sys.argv[2], "w") as new:
    for name in old.namelist():
        data = bytearray(old.read(name))
        if name != old.namelist()[0]:
            data[-1] ^= 1
        new.writestr(name, bytes(data))
END
gyre bundle model.onnx -o bad --key key --golden bad.npz || echo "exit $?"
ls bad 2>/dev/null || true
gyre bundle model.onnx -o bad --key key --golden bad.npz --no-golden >/dev/null
gyre bundle --verify bad --trust key.pub || echo "exit $?"

echo "-- a changed byte, another key, a signature of another bundle"
cp -r bundle changed && printf x >>changed/blobs/sha256/"${golden##*/}"
gyre bundle --verify changed --trust key.pub || echo "exit $?"
gyre bundle --new-key stranger >/dev/null
keys() { sed -E 's/ed25519:[0-9a-f]+\.\.\./ed25519:.../g'; }
{ gyre bundle --verify bundle --trust stranger.pub || echo "exit $?"; } 2>&1 | keys
gyre bundle model.onnx -o forged --key stranger --no-golden >/dev/null
{ gyre bundle --verify forged --trust key.pub || echo "exit $?"; } 2>&1 | keys
