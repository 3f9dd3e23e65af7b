// SPDX-License-Identifier: 0BSD
//
// Recurrent layers: RNN, LSTM, GRU. A sum over features or states goes to 16 lanes and one fixed
// tree, along weights as they lie.
#ifndef GYRE_RT_KERNELS_RECURRENT_H
#define GYRE_RT_KERNELS_RECURRENT_H

#include "rt/math.h"

/** By the number of their gates. */
typedef enum gy_recurrent_kind {
    GY_RECURRENT_RELU = 0,
    GY_RECURRENT_TANH = 1,
    GY_RECURRENT_GRU = 3,
    GY_RECURRENT_LSTM = 4
} gy_recurrent_kind;

/** A layer. Steps between elements count floats. */
typedef struct gy_recurrent {
    gy_recurrent_kind kind;
    size_t gates, steps, rows, features, states, directions;
    int is_reversed;    // the first direction runs from the last step to the first
    int resets_product; // GRU: the reset gate acts on the product with the state, not the state
    size_t x_step, x_row;
    size_t y_step, y_direction, y_row;
    size_t h_direction, h_row; // of the states before and after
} gy_recurrent;

/** Where a layer reads and writes; NULL: not there. */
typedef struct gy_recurrent_data {
    float *y, *y_state, *y_cell;
    const float *x, *weights, *recurrent, *bias, *state, *cell;
    float *scratch; // [states × (gates + 3)]
} gy_recurrent_data;

static inline float gy_recurrent_dot(const float *a, const float *b, size_t count)
{
    float lane[16] = {0};
    size_t whole = count / 16 * 16;
    for (size_t first = 0; first < whole; first += 16)
        for (size_t l = 0; l < 16; l++)
            lane[l] = gy_fmaf(a[first + l], b[first + l], lane[l]);
    for (size_t l = 0; l < count - whole; l++)
        lane[l] = gy_fmaf(a[whole + l], b[whole + l], lane[l]);
    for (size_t half = 8; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++)
            lane[l] = lane[l] + lane[l + half];
    return lane[0];
}

// gates[from..to): bias, then features, then (if `h` is given) states.
static inline void gy_recurrent_gates(float *gates, size_t from, size_t to, const gy_recurrent *s,
                                      const float *x, const float *h, const float *weights,
                                      const float *recurrent, const float *bias)
{
    size_t all = s->gates * s->states;
    for (size_t k = from; k < to; k++) {
        float sum = bias == NULL ? 0.0f : h == NULL ? bias[k] : bias[k] + bias[all + k];
        sum = sum + gy_recurrent_dot(weights + k * s->features, x, s->features);
        gates[k] =
            h == NULL ? sum : sum + gy_recurrent_dot(recurrent + k * s->states, h, s->states);
    }
}

// LSTM's gates: input, output, forget, cell.
static inline void gy_recurrent_lstm(float *h, float *cell, const float *gates, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float fresh = gy_sigmoidf(gates[i]) * gy_tanhf(gates[3 * n + i]);
        cell[i] = gy_fmaf(gy_sigmoidf(gates[2 * n + i]), cell[i], fresh);
        h[i] = gy_sigmoidf(gates[n + i]) * gy_tanhf(cell[i]);
    }
}

// GRU's gates: update, reset, hidden. The last hangs on the second.
static inline void gy_recurrent_gru(float *h, float *gates, float *reset, const gy_recurrent *s,
                                    const float *x, const float *weights, const float *recurrent,
                                    const float *bias)
{
    size_t n = s->states;
    for (size_t i = 0; i < 2 * n; i++)
        gates[i] = gy_sigmoidf(gates[i]);
    for (size_t i = 0; i < n; i++)
        reset[i] = gates[n + i] * h[i];
    gy_recurrent_gates(gates, 2 * n, 3 * n, s, x, s->resets_product ? NULL : reset, weights,
                       recurrent, bias);
    for (size_t i = 0; i < n && s->resets_product; i++) {
        float product = bias == NULL ? 0.0f : bias[5 * n + i];
        product = product + gy_recurrent_dot(recurrent + (2 * n + i) * n, h, n);
        gates[2 * n + i] = gy_fmaf(gates[n + i], product, gates[2 * n + i]);
    }
    for (size_t i = 0; i < n; i++)
        h[i] = gy_fmaf(gates[i], h[i], (1.0f - gates[i]) * gy_tanhf(gates[2 * n + i]));
}

// One row of the batch in one direction.
static inline void gy_recurrent_row(const gy_recurrent *s, const gy_recurrent_data *at,
                                    size_t direction, size_t row)
{
    size_t n = s->states, all = s->gates * n, place = direction * s->h_direction + row * s->h_row;
    const float *weights = at->weights + direction * all * s->features;
    const float *recurrent = at->recurrent + direction * all * n;
    const float *bias = at->bias == NULL ? NULL : at->bias + direction * 2 * all;
    float *h = at->scratch, *cell = h + n, *reset = cell + n, *gates = reset + n;
    int backwards = s->is_reversed || direction == 1;
    for (size_t i = 0; i < n; i++) {
        h[i] = at->state == NULL ? 0.0f : at->state[place + i];
        cell[i] = at->cell == NULL ? 0.0f : at->cell[place + i];
    }
    for (size_t k = 0; k < s->steps; k++) {
        size_t step = backwards ? s->steps - 1 - k : k;
        const float *x = at->x + step * s->x_step + row * s->x_row;
        gy_recurrent_gates(gates, 0, s->kind == GY_RECURRENT_GRU ? 2 * n : all, s, x, h, weights,
                           recurrent, bias);
        if (s->kind == GY_RECURRENT_LSTM)
            gy_recurrent_lstm(h, cell, gates, n);
        else if (s->kind == GY_RECURRENT_GRU)
            gy_recurrent_gru(h, gates, reset, s, x, weights, recurrent, bias);
        else
            for (size_t i = 0; i < n; i++)
                h[i] = s->kind == GY_RECURRENT_TANH ? gy_tanhf(gates[i])
                       : gates[i] < 0.0f            ? 0.0f
                                                    : gates[i];
        for (size_t i = 0; i < n && at->y != NULL; i++)
            at->y[step * s->y_step + direction * s->y_direction + row * s->y_row + i] = h[i];
    }
    for (size_t i = 0; i < n && at->y_state != NULL; i++)
        at->y_state[place + i] = h[i];
    for (size_t i = 0; i < n && at->y_cell != NULL; i++)
        at->y_cell[place + i] = cell[i];
}

static inline void gy_recurrent_run(const gy_recurrent *s, const gy_recurrent_data *at)
{
    for (size_t direction = 0; direction < s->directions; direction++)
        for (size_t row = 0; row < s->rows; row++)
            gy_recurrent_row(s, at, direction, row);
}

#endif
