models=$GYRE_SOURCE/tests/data/models

# make_input FILE SEED SHAPE [special]
make_input() { python3 "$GYRE_SOURCE/tests/support/make_input.py" "$@"; }

# What this processor can run beside plain C; AVX-512 has a test of its own.
levels() { if grep -qw avx2 /proc/cpuinfo; then echo avx2; fi; }

# same_bits MODEL INPUT: every target, batch size and number of threads computes what the reference does.
same_bits() {
    gyre infer "$1" -i "$2" -o reference.npz --reference --quiet
    local level how target
    for level in plain $(levels); do
        GYRE_CPU=$level gyre infer "$1" -i "$2" -o out.npz --quiet
        cmp reference.npz out.npz && echo "$level"
    done
    for how in "1 4" "3 2" "32 3"; do
        gyre infer "$1" -i "$2" -o out.npz --batch ${how% *} --threads ${how#* } --quiet
        cmp reference.npz out.npz && echo "batch ${how% *}"
    done
    for target in generic aarch64 cortex-m4; do
        gyre infer "$1" -i "$2" -o out.npz --target $target --quiet
        cmp reference.npz out.npz && echo "$target"
    done
}
