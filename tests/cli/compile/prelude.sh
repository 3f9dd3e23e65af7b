models=$GYRE_SOURCE/tests/data/models

# make_input FILE SEED SHAPE [special]
make_input() { python3 "$GYRE_SOURCE/tests/support/make_input.py" "$@"; }

# What this processor can run beside plain C.
levels() {
    for level in avx2:avx2 avx512:avx512_vnni; do
        if grep -qw "${level#*:}" /proc/cpuinfo; then echo "${level%:*}"; fi
    done
}

# same_bits MODEL INPUT: every target, batch size and number of threads computes what the reference does.
same_bits() {
    gyre infer "$1" -i "$2" -o reference.npz --reference --quiet
    local level batch target
    for level in plain $(levels); do
        GYRE_CPU=$level gyre infer "$1" -i "$2" -o out.npz --quiet
        cmp reference.npz out.npz && echo "$level"
    done
    for batch in 3 32; do
        gyre infer "$1" -i "$2" -o out.npz --batch $batch --threads 2 --quiet
        cmp reference.npz out.npz && echo "batch $batch"
    done
    for target in generic aarch64 cortex-m4; do
        gyre infer "$1" -i "$2" -o out.npz --target $target --quiet
        cmp reference.npz out.npz && echo "$target"
    done
}
