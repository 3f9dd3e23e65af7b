# Formats of another number than this gyre's, greater or 0: each says which it is and which is read.
git init -q && gyre init >/dev/null
mkdir images && echo 1 >images/1.txt
printf 'a,label\n1,x\n2,y\n' >t.csv
gyre add -q images t.csv >/dev/null 2>&1
git add -A && git commit -qm one
gyre audit -q t.csv >/dev/null 2>&1 || :
printf 'stages:\n  s: {cmd: cp t.csv x, deps: [t.csv], outs: [x]}\n' >gyre.yaml
gyre run -q >/dev/null
gyre schema t.csv -o t.contract.yaml
gyre bundle --new-key k >/dev/null
gyre bundle x -o b --key k >/dev/null
said() {
    local status=0
    gyre "$@" >said 2>told || status=$?
    echo "$1 $status $(sed "s,$PWD/,,; s,00000001-[0-9a-f]*,PACK," told | head -n 1)"
}
# number FILE OFFSET BYTES: put a number there, and back again behind the command.
number() {
    local file=$1 at=$2 bytes=$3
    shift 3
    cp -p "$file" kept
    chmod u+w "$file"
    printf "$bytes" | dd of="$file" bs=1 seek="$at" conv=notrunc status=none
    said "$@"
    cp -p kept "$file"
}
# word FILE PATTERN: the same for text.
word() {
    local file=$1 pattern=$2
    shift 2
    cp "$file" kept
    sed -i "$pattern" "$file"
    ! cmp -s "$file" kept
    said "$@"
    cp kept "$file"
}
for v in 0 7; do
    echo "=== $v"
    number .gyre/packs/*1-*.pack 8 "\\00$v" verify --deep
    number .gyre/ledger.db 60 "\\0\\0\\0\\00$v" verify --deep
    word images.gyre "s/pointer 1/pointer $v/" status
    word .gyre/config "s/project 1/project $v/" status
    word gyre.lock "s/format: 2/format: $v/" run
    word t.contract.yaml "s/^apiVersion: v3.1.0/apiVersion: v$v.0.0/" check t.csv
    word b/oci-layout "s/1.0.0/$v.0.0/" bundle --verify b --trust k.pub
done
cp "$GYRE_SOURCE/tests/data/models/scale.onnx" m.onnx
python3 - <<'P'
data = open("m.onnx", "rb").read()
assert data[:1] == b"\x08"
open("ir.onnx", "wb").write(b"\x08\x63" + data[2:])
P
said inspect ir.onnx
printf '\x93NUMPY\x09\0\x46\0%-69s\n\0\0\0\0' "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }" >v9.npy
said id --rows v9.npy
