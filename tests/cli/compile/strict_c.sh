# Emitted C is strict C11 without a warning, two models link into one program, and -ffast-math is refused.
for model in mlp lenet cnn residual lenet_int8 cnn_int8 trees large_trees; do
    gyre compile "$models/$model.onnx" --target generic >/dev/null
    gcc -std=c11 -pedantic -Wall -Wextra -Wconversion -Wshadow -Werror -O2 -c "$model/$model.c" -o "$model.o"
    gcc -c "$model/${model}_weights.S" -Wa,-I,"$model" -o "${model}_weights.o"
    gyre compile "$models/$model.onnx" --target cortex-m4 -o "$model-m4" >/dev/null
    arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 -std=c11 -pedantic \
        -Wall -Wextra -Wconversion -Werror -O2 -c "$model-m4/$model.c" -o m4.o
    gyre compile "$models/$model.onnx" --target aarch64 -o "$model-a64" >/dev/null
    aarch64-linux-gnu-gcc -std=gnu11 -Wall -Wextra -Wconversion -Werror -O2 -c "$model-a64/$model.c" -o a64.o
done
cat > two.c <<'C'
#include "mlp/mlp.h"
#include "lenet/lenet.h"
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
    static float x[lenet_INPUT_0_COUNT], y[10];
    void *arena = aligned_alloc(64, 65536);
    if (mlp_init(arena, 65536) != 0 || lenet_init(arena, 65536) != 0 || lenet_init(arena, 64) != 1)
        return 1;
    mlp_run(x, y, arena);
    lenet_run(x, y, arena);
    printf("%d\n", (int)(mlp_model()->output_count + lenet_model()->output_count));
    return 0;
}
C
gcc -std=c11 -Wall -Wextra -I mlp -I lenet two.c mlp.o lenet.o mlp_weights.o lenet_weights.o -o two
./two
if gcc -O2 -ffast-math -c mlp/mlp.c -o fast.o 2>/dev/null; then exit 9; fi
echo refused
