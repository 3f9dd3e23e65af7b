# VNNI computes the reference's bytes.
same_bits_avx512 lenet_int8 1,16,16
same_bits_avx512 cnn_int8 3,17,15
same_bits_avx512 image_int8 1,14,19 bytes
