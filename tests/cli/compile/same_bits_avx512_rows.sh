# AVX-512 computes the reference's bits: matrix products and trees.
same_bits_avx512 mlp 20
same_bits_avx512 attention 6,24
same_bits_avx512 trees 12
same_bits_avx512 large_trees 12
