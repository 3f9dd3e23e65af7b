// SPDX-License-Identifier: Apache-2.0
//
// Goal: compiled models pick AVX-512 by themselves where the processor has it, and compute the bits
// of AVX2 and of plain C. Method: seeded inputs, every second one with NaN, infinities and
// subnormals.

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "gyre_abi.h"

enum { PORTS = 4, PORT_BYTES = 1 << 16, BEHIND = 64, ARENA_BYTES = 1 << 22, ROUNDS = 4 };
extern const char *gyre_cpu;

#define MODEL(name) const gy_abi_model *name##_model(void);
#include "models.def"
#undef MODEL

static const struct {
    const char *name;
    const gy_abi_model *(*model)(void);
} models[] = {
#define MODEL(name) {#name, name##_model},
#include "models.def"
};
static _Alignas(64) unsigned char x[PORTS][PORT_BYTES], y[2][PORTS][PORT_BYTES], arena[ARENA_BYTES];
static uint32_t state = 1;

static uint32_t draw(void)
{
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

static void fill(const gy_abi_port *port, unsigned char *to, int special)
{
    static const uint32_t values[] = {0x7fc00000, 0x7f800000, 0xff800000, 0,         0x80000000,
                                      0x2ca,      0x80000002, 0x7f61b1e6, 0xf149f2ca};
    for (size_t i = 0; port->type != 1 && i < port->size_bytes; i++)
        to[i] = (unsigned char)draw();
    for (size_t i = 0; port->type == 1 && i < port->count; i++) {
        float number = ((float)(draw() % 20001) - 10000.0f) / 4000.0f;
        memcpy(to + 4 * i, &number, 4);
        if (special && i % 7 == 0)
            memcpy(to + 4 * i, &values[draw() % 9], 4);
    }
}

static void run(const gy_abi_model *model, int side)
{
    const void *inputs[PORTS];
    void *outputs[PORTS];
    for (size_t i = 0; i < PORTS; i++)
        inputs[i] = x[i], outputs[i] = y[side][i];
    for (size_t i = 0; i < model->output_count; i++)
        memset(y[side][i], 0xaa, (size_t)model->outputs[i].size_bytes + BEHIND);
    model->run(inputs, outputs, arena, NULL);
}

static const gy_abi_model *pick(size_t at, const char *cpu)
{
    gyre_cpu = cpu;
    return models[at].model();
}

static int is_same(size_t at)
{
    const gy_abi_model *all[] = {pick(at, NULL), pick(at, "avx2"), pick(at, "plain")};
    int same = all[0]->input_count <= PORTS && all[0]->output_count <= PORTS;
    for (size_t i = 0; same && i < all[0]->input_count; i++)
        same &= all[0]->inputs[i].size_bytes <= PORT_BYTES;
    for (size_t i = 0; same && i < all[0]->output_count; i++)
        same &= all[0]->outputs[i].size_bytes + BEHIND <= PORT_BYTES;
    for (size_t i = 0; i < 3; i++)
        same &= strcmp(all[i]->kernels, (const char *[]){"avx512", "avx2", "plain"}[i]) == 0 &&
                all[i]->arena_bytes <= ARENA_BYTES;
    for (int round = 0; same && round < ROUNDS; round++) {
        for (size_t i = 0; i < all[0]->input_count; i++)
            fill(&all[0]->inputs[i], x[i], round % 2);
        run(all[0], 0);
        for (size_t i = 1; i < 3; i++) {
            run(all[i], 1);
            for (size_t j = 0; j < all[0]->output_count; j++)
                same &=
                    memcmp(y[0][j], y[1][j], (size_t)all[0]->outputs[j].size_bytes + BEHIND) == 0;
        }
    }
    return same;
}

int main(void)
{
    const int count = (int)(sizeof(models) / sizeof(models[0]));
    for (int i = 0; i < count; i++)
        printf("%sok %d - %s\n", is_same((size_t)i) ? "" : "not ", i + 1, models[i].name);
    printf("1..%d\n", count);
    return 0;
}
