models=$GYRE_SOURCE/tests/data/models

# make_input FILE SEED SHAPE [special]
make_input() { python3 "$GYRE_SOURCE/tests/support/make_input.py" "$@"; }

# What this processor can run beside plain C; AVX-512 has tests of its own.
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

# Where the processor has no AVX-512 with VNNI, SIMDe stands in for it.
avx512_compiler() {
    local flag
    for flag in avx512f avx512vl avx512bw avx512dq avx512_vnni; do
        grep -qw $flag /proc/cpuinfo || export CC="$GYRE_SOURCE/tests/support/avx512/compiler.py"
    done
}

# same_bits_avx512 MODEL SHAPE [bytes]: the code for AVX-512 computes what the reference does, at several
# batch sizes and numbers of threads, with special values too; SHAPE is that of one sample.
same_bits_avx512() {
    local samples batch threads
    avx512_compiler
    while read -r samples batch threads; do
        make_input in.npy 9 "$samples,$2" "${3:-mixed}"
        gyre infer "$models/$1.onnx" -i in.npy -o reference.npz --reference --quiet
        GYRE_CPU=avx512 gyre infer "$models/$1.onnx" -i in.npy -o out.npz --batch "$batch" --threads "$threads" --quiet
        cmp reference.npz out.npz
    done <<<$'24 1 2\n24 3 1\n24 8 2\n34 17 2'
    echo "$1"
}
