# A model cut at every eighth byte and with bytes changed: an answer each time, never a signal.
model=$GYRE_SOURCE/tests/data/models/scale.onnx
size=$(stat -c %s "$model")
bad() {
    local status=0
    gyre inspect m.onnx >/dev/null 2>"$TMPDIR"/told || status=$?
    case $status in
    0) ;;
    2 | 4 | 5 | 6) test -s "$TMPDIR"/told ;;
    *) echo "$1: $status" && cat "$TMPDIR"/told ;;
    esac
}
for ((n = 0; n < size; n += 8)); do
    head -c $n "$model" >m.onnx
    bad "cut at $n"
done
RANDOM=7
for ((i = 0; i < 200; i++)); do
    cp "$model" m.onnx
    for _ in 1 2 3; do
        printf "\\x$(printf %02x $((RANDOM % 256)))" |
            dd of=m.onnx bs=1 seek=$((RANDOM % size)) conv=notrunc status=none
    done
    bad "change $i"
done
