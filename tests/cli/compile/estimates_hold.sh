# What is planned for a Cortex-M4 against what is there: code and constants as the compiler makes them at -O2, -O3 and
# -Os, the stack as it is painted, the arena as it is written. Plans are bounds, and not far above.
m4="-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16"
of() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"; }
flash_of() { arm-none-eabi-size "$1" | awk 'NR == 2 { print $1 + $2 }'; }

for model in mlp lenet cnn residual attention gated scale lenet_int8 cnn_int8 image_int8 trees large_trees; do
    gyre compile "$models/$model.onnx" --target cortex-m4 -o net --json >plan.json
    planned=$(of plan.json flash_bytes) most=0
    for level in -O2 -O3 -Os; do
        # shellcheck disable=SC2086
        arm-none-eabi-gcc $m4 -std=c11 $level -c "net/$model.c" -o net.o
        real=$(flash_of net.o)
        [ "$real" -le "$planned" ] || echo "$model $level: $real B of flash, $planned planned"
        if [ "$real" -gt "$most" ]; then most=$real; fi
    done
    [ "$planned" -le $((most + 8192)) ] || echo "$model: $most B of flash, $planned planned"
    rm -r net
done

deepest=0
while read -r model shape kind; do
    # shellcheck disable=SC2086
    make_input in.npy 1 "$shape" $kind
    gyre compile "$models/$model.onnx" --target cortex-m4 -o net --json >plan.json
    gyre infer "$models/$model.onnx" -i in.npy -o out.npz --target cortex-m4 --json >seen.json
    planned=$(of plan.json stack_bytes) real=$(of seen.json stack_bytes)
    [ "$real" -le "$planned" ] || echo "$model: $real B of stack, $planned planned"
    if [ "$real" -gt "$deepest" ]; then deepest=$real; fi
    planned_arena=$(of plan.json arena_bytes) real=$(of seen.json arena_bytes)
    [ "$real" -le "$planned_arena" ] || echo "$model: wrote $real B of memory, $planned_arena planned"
    [ "$planned_arena" -le $((real + 64)) ] || echo "$model: wrote $real B of memory, $planned_arena planned"
    rm -r net
done <<'MODELS'
cnn 1,3,17,15
cnn_int8 1,3,17,15
image_int8 1,1,14,19 bytes
lenet_int8 1,1,16,16
attention 1,6,24
mlp 1,20
MODELS
[ "$planned" -le $((3 * deepest)) ] || echo "$planned B of stack planned, $deepest used at most"
echo done
