# Emitted programs under ASan and UBSan, on NaN, infinities, subnormals and huge numbers: nothing undefined or
# out of bounds, the same bits.
cat > main.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include "gyre_abi.h"
const gy_abi_model *net_model(void);
int main(void)
{
    const gy_abi_model *model = net_model();
    void *x = malloc(model->inputs[0].size_bytes), *outputs[4];
    for (size_t i = 0; i < model->output_count; i++)
        outputs[i] = malloc(model->outputs[i].size_bytes);
    void *arena = aligned_alloc(64, (model->arena_bytes + 127) / 64 * 64);
    const void *inputs[] = {x};
    fseek(stdin, 128, SEEK_SET);
    while (fread(x, model->inputs[0].size_bytes, 1, stdin) == 1) {
        model->run(inputs, outputs, arena, NULL);
        for (size_t i = 0; i < model->output_count; i++)
            fwrite(outputs[i], model->outputs[i].size_bytes, 1, stdout);
    }
    return 0;
}
C
check() {
    make_input in.npy 7 "$2" "${3:-special}"
    gyre compile "$models/$1.onnx" --target generic --weights c --name net -o net >/dev/null
    gcc -std=c11 -g -O0 -fsanitize=address,undefined -fno-sanitize-recover=all -I net main.c net/net.c -o program
    ASAN_OPTIONS=detect_leaks=0 ./program <in.npy >sanitised.bin
    gcc -std=gnu11 -O2 -march=native -I net main.c net/net.c -o program # contraction is forbidden by the program itself
    ./program <in.npy >fast.bin
    cmp sanitised.bin fast.bin && test -s fast.bin && echo "$1"
}
check mlp 12,20
check lenet 12,1,16,16
check cnn 12,3,17,15
check residual 12,2,9,9
check gated 12,2,9,9
check attention 12,6,24
check lenet_int8 12,1,16,16
check cnn_int8 12,3,17,15
check image_int8 12,1,14,19 bytes
check trees 96,12
check large_trees 96,12
