# AVX-512 computes the reference's bits: convolutions and pooling.
same_bits_avx512 lenet 1,16,16
same_bits_avx512 cnn 3,17,15
same_bits_avx512 residual 2,9,9
same_bits_avx512 gated 2,9,9
