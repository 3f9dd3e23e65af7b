# On seeded random shapes the kernels for AVX-512 and VNNI equal the definition to the bit.
avx512_compiler
"${CC:-gcc}" -std=gnu11 -O1 -ffp-contract=off -fno-math-errno -w -mavx512f -mavx512vl -mavx512bw -mavx512dq -mavx512vnni \
    -mavx2 -mfma -I"$GYRE_SOURCE/src" -I"$GYRE_SOURCE/include" -I"$GYRE_SOURCE/tests/unit" \
    "$GYRE_SOURCE/tests/unit/compile/test_kernels.c" -o test_kernels -lm
./test_kernels
