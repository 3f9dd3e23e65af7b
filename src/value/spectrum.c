// SPDX-License-Identifier: Apache-2.0
//
// The discrete Fourier transform of small images, low frequencies only, rows first, then columns.

#include "value/spectrum.h"

#include <assert.h>
#include <math.h>

#include "base/thread.h"

enum { ACROSS = 8, DOWN = 15, SIDE_MAX = 64, FEATURES = ACROSS * DOWN - 8 };

typedef struct wave {
    float cosine[SIDE_MAX], sine[SIDE_MAX]; // of whole turns / side
} wave;

typedef struct transform {
    const gy_samples *images;
    float *spectra;
    wave across, down;
} transform;

// Cosine and sine of index / side turns, by their series on an eighth of a turn: the C library's
// differ between machines in the last bit.
static void fill_wave(wave *out, size_t side)
{
    for (size_t i = 0; i < side; i++) {
        double turns = (double)i / (double)side;
        double quarter = floor(turns * 4.0 + 0.5);
        double x = (turns - quarter / 4.0) * 6.283185307179586476925;
        double cosine = 1.0, sine = x, term = 1.0;
        for (int n = 1; n < 20; n++) {
            term *= x / (double)n;
            if (n == 1)
                continue;
            double sign = n / 2 % 2 == 1 ? -1.0 : 1.0;
            if (n % 2 == 0)
                cosine += sign * term;
            else
                sine += sign * term;
        }
        switch ((int)quarter % 4) {
        case 0:
            out->cosine[i] = (float)cosine, out->sine[i] = (float)sine;
            break;
        case 1:
            out->cosine[i] = (float)-sine, out->sine[i] = (float)cosine;
            break;
        case 2:
            out->cosine[i] = (float)-cosine, out->sine[i] = (float)-sine;
            break;
        default:
            out->cosine[i] = (float)sine, out->sine[i] = (float)-cosine;
        }
    }
}

static void gray_plane(float *gray, const gy_samples *images, size_t row)
{
    size_t pixels = (size_t)images->width * images->height, channels = images->channels;
    const float *from = images->features + row * images->cols;
    double mean = 0.0;
    for (size_t i = 0; i < pixels; i++) {
        float sum = 0.0f;
        for (size_t channel = 0; channel < channels; channel++)
            sum += from[i * channels + channel];
        gray[i] = sum;
        mean += (double)sum;
    }
    mean /= (double)pixels;
    for (size_t i = 0; i < pixels; i++)
        gray[i] -= (float)mean;
}

typedef struct complex_pair {
    float real, imaginary;
} complex_pair;

static void transform_rows(complex_pair *rows, const float *gray, const transform *job)
{
    size_t width = job->images->width, height = job->images->height;
    for (size_t y = 0; y < height; y++)
        for (size_t u = 0; u < ACROSS; u++) {
            complex_pair sum = {0.0f, 0.0f};
            for (size_t x = 0, at = 0; x < width; x++, at = (at + u) % width) {
                sum.real = sum.real + gray[y * width + x] * job->across.cosine[at];
                sum.imaginary = sum.imaginary - gray[y * width + x] * job->across.sine[at];
            }
            rows[y * ACROSS + u] = sum;
        }
}

static float magnitude_at(const complex_pair *rows, const transform *job, size_t u, size_t v)
{
    size_t height = job->images->height;
    complex_pair sum = {0.0f, 0.0f};
    for (size_t y = 0, at = 0; y < height; y++, at = (at + v) % height) {
        complex_pair value = rows[y * ACROSS + u];
        float cosine = job->down.cosine[at], sine = job->down.sine[at];
        sum.real = sum.real + (value.real * cosine + value.imaginary * sine);
        sum.imaginary = sum.imaginary + (value.imaginary * cosine - value.real * sine);
    }
    return sqrtf(sum.real * sum.real + sum.imaginary * sum.imaginary);
}

static gy_status transform_images(void *context, size_t begin, size_t end, size_t worker,
                                  gy_error *err)
{
    (void)worker;
    (void)err;
    const transform *job = context;
    size_t height = job->images->height;
    float gray[SIDE_MAX * SIDE_MAX];
    complex_pair rows[SIDE_MAX * ACROSS];
    for (size_t row = begin; row < end; row++) {
        float *out = job->spectra + row * FEATURES;
        gray_plane(gray, job->images, row);
        transform_rows(rows, gray, job);
        size_t count = 0;
        double squares = 0.0;
        for (size_t u = 0; u < ACROSS; u++)
            for (size_t v = 0; v < DOWN; v++) {
                // Frequencies down run from -7 to 7; at u = 0 the two halves are the same.
                if (u == 0 && v < ACROSS)
                    continue;
                size_t turns = (v + height * 7 - 7) % height;
                out[count] = magnitude_at(rows, job, u, turns);
                squares += (double)out[count] * (double)out[count];
                count++;
            }
        assert(count == FEATURES);
        float factor = squares > 0.0 ? (float)(1.0 / sqrt(squares)) : 0.0f;
        for (size_t i = 0; i < FEATURES; i++)
            out[i] *= factor;
    }
    return GY_OK;
}

gy_status gy_spectrum(gy_samples *spectra, const gy_samples *images, size_t threads,
                      gy_arena *arena, gy_error *err)
{
    assert(images->width > 0 && images->width <= SIDE_MAX);
    assert(images->height > 0 && images->height <= SIDE_MAX);
    float *features = GY_NEW(arena, float, images->rows *FEATURES);
    transform *job = GY_NEW(arena, transform, 1);
    if (features == NULL || job == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the spectra of %zu images", images->rows);
    *spectra = *images;
    spectra->features = features;
    spectra->cols = FEATURES;
    spectra->width = spectra->height = spectra->channels = 0;
    job->images = images;
    job->spectra = features;
    fill_wave(&job->across, images->width);
    fill_wave(&job->down, images->height);
    return gy_thread_loop(images->rows, 64, threads, transform_images, job, err);
}
