// SPDX-License-Identifier: 0BSD
//
// Run a compiled model on every sample of in.bin and write out.bin; count what it takes in run.bin.
// MODEL, CALLS, INPUT_BYTES, OUTPUT_BYTES, ARENA_BYTES are given when this is compiled.

#include "compile/device/device.h"
#include "rt/abi.h"

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xe000e010)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xe000e014)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xe000e018)
enum { STACK_PAINTED_BYTES = 65536, PAINT = 0x5ac35ac3, ARENA_PAINT = 0xa5, GUARD_BYTES = 256 };

// Ports lie one after the other, each at a multiple of 8 bytes.
#define PORT_BYTES(size) (((size) + 7u) / 8u * 8u)

const gy_abi_model *MODEL(void);

static unsigned char arena[ARENA_BYTES + GUARD_BYTES] __attribute__((aligned(64)));
static unsigned char input[INPUT_BYTES + 1] __attribute__((aligned(64)));
static unsigned char output[OUTPUT_BYTES + 1] __attribute__((aligned(64)));

/** What run.bin holds. Ticks are of the 25 MHz clock; with one instruction a nanosecond, 40. */
typedef struct counts {
    uint32_t samples, ticks_min, ticks_max, stack_bytes, arena_bytes;
} counts;

static uint32_t *stack_pointer(void)
{
    uint32_t *pointer;
    __asm__ volatile("mov %0, sp" : "=r"(pointer));
    return pointer;
}

__attribute__((noinline)) static void paint(void)
{
    volatile uint32_t *at = stack_pointer() - STACK_PAINTED_BYTES / 4;
    for (volatile uint32_t *end = stack_pointer() - 16; at < end; at++)
        *at = PAINT;
}

// How deep the stack was used below this function's.
__attribute__((noinline)) static uint32_t used(void)
{
    volatile uint32_t *top = stack_pointer(), *at = top - STACK_PAINTED_BYTES / 4 + 64;
    while (at < top && *at == PAINT)
        at++;
    return (uint32_t)((top - at) * 4);
}

// How much of the arena was written, and of what lies behind it, which no program may touch.
static uint32_t arena_used(void)
{
    uint32_t count = ARENA_BYTES + GUARD_BYTES;
    while (count > 0 && arena[count - 1] == ARENA_PAINT)
        count--;
    return count;
}

static uint32_t run(const gy_abi_model *model)
{
    const void *inputs[16];
    void *outputs[16];
    size_t at = 0;
    for (size_t i = 0; i < model->input_count; at += PORT_BYTES(model->inputs[i++].size_bytes))
        inputs[i] = input + at;
    at = 0;
    for (size_t i = 0; i < model->output_count; at += PORT_BYTES(model->outputs[i++].size_bytes))
        outputs[i] = output + at;
    SYSTICK_VALUE = 0;
    uint32_t begin = SYSTICK_VALUE;
    model->run(inputs, outputs, arena, NULL);
    return (begin - SYSTICK_VALUE) & 0xffffffu;
}

int main(void)
{
    const gy_abi_model *model = MODEL();
    counts seen = {0, UINT32_MAX, 0, 0, 0};
    uint32_t in = device_open("in.bin", DEVICE_READ), out = device_open("out.bin", DEVICE_WRITE);
    if (model->input_count > 16 || model->output_count > 16)
        return 71;
    memset(arena, ARENA_PAINT, sizeof(arena));
    SYSTICK_RELOAD = 0xffffff;
    SYSTICK_CONTROL = 5;
    while (seen.samples < CALLS && device_read(in, input, INPUT_BYTES) == INPUT_BYTES) {
        if (seen.samples == 0)
            paint();
        uint32_t ticks = run(model);
        if (seen.samples == 0)
            seen.stack_bytes = used(), seen.arena_bytes = arena_used();
        seen.ticks_min = ticks < seen.ticks_min ? ticks : seen.ticks_min;
        seen.ticks_max = ticks > seen.ticks_max ? ticks : seen.ticks_max;
        seen.samples++;
        device_write(out, output, OUTPUT_BYTES);
    }
    device_close(out);
    uint32_t file = device_open("run.bin", DEVICE_WRITE);
    device_write(file, &seen, sizeof(seen));
    device_close(file);
    return 0;
}
