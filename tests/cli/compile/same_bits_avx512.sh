# AVX-512 with VNNI computes the reference's bits, of every model, with special values too.
for flag in avx512f avx512vl avx512bw avx512dq avx512_vnni; do
    if ! grep -qw $flag /proc/cpuinfo; then
        echo "this processor has no $flag" >&2
        exit 77
    fi
done
check() {
    local values
    for values in "" special; do
        make_input in.npy 9 "$2" $values
        gyre infer "$models/$1.onnx" -i in.npy -o reference.npz --reference --quiet
        GYRE_CPU=avx512 gyre infer "$models/$1.onnx" -i in.npy -o out.npz --quiet
        cmp reference.npz out.npz
        gyre infer "$models/$1.onnx" -i in.npy -o out.npz --batch 32 --threads 3 --quiet
        cmp reference.npz out.npz
    done
    echo "$1"
}
check mlp 96,20
check lenet 96,1,16,16
check cnn 96,3,17,15
check residual 96,2,9,9
check gated 96,2,9,9
check attention 96,6,24
check lenet_int8 96,1,16,16
check cnn_int8 96,3,17,15
check trees 96,12
check large_trees 96,12
