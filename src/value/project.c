// SPDX-License-Identifier: Apache-2.0
//
// Principal components by subspace iteration: a block of vectors is multiplied by the covariance
// (two thin products over the rows, so that no cols x cols matrix is needed), made orthonormal, and
// again. Then a small symmetric problem inside the block turns it into single components.

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/thread.h"
#include "value/jacobi.h"
#include "value/kernel.h"
#include "value/neighbors.h"

enum {
    FIT_ROWS_MAX = 20000,
    FIT_FLOATS_MAX = 1 << 26, // 256 MiB
    COLS_MAX = 16384,
    CHUNK_ROWS = 512, // summed in float, then in double: longer chains would lose digits
    COLS_BLOCK = 64,
    ROWS_BLOCK = 64,
    ITERATIONS = 12,
    SPARE = 8 // vectors beyond those wanted, so that the last ones converge too
};

typedef struct fit {
    const gy_value_kernels *kernels;
    const gy_samples *samples;
    size_t cols, size, rows; // size: vectors in the block; rows: those fitted to
    float *centered;         // [rows][cols]
    const float **centered_rows;
    double *mean;           // [cols]
    double *basis, *images; // [size][cols]; images: the covariance times the basis
    float *turned;          // [cols][size]: the basis as the kernel wants it
    const float **turned_rows;
    float *shares;  // [rows][size]: rows times basis
    float *staging; // [threads][larger of the blocks]
    size_t staging_floats;
    const float *zeros; // [size]
    gy_samples *projected;
    float *residual;
} fit;

static gy_status multiply_rows(void *context, size_t begin, size_t end, size_t worker,
                               gy_error *err)
{
    (void)worker;
    (void)err;
    const fit *job = context;
    for (size_t row = begin; row < end; row++)
        memset(job->shares + row * job->size, 0, sizeof(float) * job->size);
    job->kernels->multiply(&(gy_value_product){.out = job->shares + begin * job->size,
                                               .out_stride = job->size,
                                               .a = job->centered + begin * job->cols,
                                               .a_row = job->cols,
                                               .a_step = 1,
                                               .b = job->turned_rows,
                                               .rows = end - begin,
                                               .cols = job->size,
                                               .depth = job->cols});
    return GY_OK;
}

static gy_status multiply_cols(void *context, size_t begin, size_t end, size_t worker,
                               gy_error *err)
{
    (void)err;
    const fit *job = context;
    size_t cols = end - begin;
    float *sums = job->staging + worker * job->staging_floats;
    const float **rows = (const float **)(sums + job->size * COLS_BLOCK);
    for (size_t i = 0; i < job->size; i++)
        memset(job->images + i * job->cols + begin, 0, sizeof(double) * cols);
    for (size_t first = 0; first < job->rows; first += CHUNK_ROWS) {
        size_t depth = job->rows - first < CHUNK_ROWS ? job->rows - first : CHUNK_ROWS;
        for (size_t row = 0; row < depth; row++)
            rows[row] = job->centered + (first + row) * job->cols + begin;
        job->kernels->multiply(&(gy_value_product){.out = sums,
                                                   .out_stride = COLS_BLOCK,
                                                   .start = job->zeros,
                                                   .a = job->shares + first * job->size,
                                                   .a_row = 1,
                                                   .a_step = job->size,
                                                   .b = rows,
                                                   .rows = job->size,
                                                   .cols = cols,
                                                   .depth = depth});
        for (size_t i = 0; i < job->size; i++)
            for (size_t col = 0; col < cols; col++)
                job->images[i * job->cols + begin + col] += (double)sums[i * COLS_BLOCK + col];
    }
    return GY_OK;
}

static void turn_basis(fit *job)
{
    for (size_t col = 0; col < job->cols; col++)
        for (size_t i = 0; i < job->size; i++)
            job->turned[col * job->size + i] = (float)job->basis[i * job->cols + col];
}

static double dot(const double *a, const double *b, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

// Gram-Schmidt, twice over for the digits. A vector that vanishes (fewer dimensions than vectors)
// becomes zero and stays it.
static void make_orthonormal(double *vectors, size_t count, size_t cols)
{
    for (size_t i = 0; i < count; i++) {
        double *vector = vectors + i * cols;
        double before = dot(vector, vector, cols);
        for (int pass = 0; pass < 2; pass++)
            for (size_t j = 0; j < i; j++) {
                double share = dot(vector, vectors + j * cols, cols);
                for (size_t col = 0; col < cols; col++)
                    vector[col] -= share * vectors[j * cols + col];
            }
        double squared = dot(vector, vector, cols);
        double factor = squared > before * 1e-20 && squared > 0.0 ? 1.0 / sqrt(squared) : 0.0;
        for (size_t col = 0; col < cols; col++)
            vector[col] *= factor;
    }
}

static gy_status multiply_by_covariance(fit *job, size_t threads, gy_error *err)
{
    turn_basis(job);
    GY_TRY(gy_thread_loop(job->rows, ROWS_BLOCK, threads, multiply_rows, job, err));
    return gy_thread_loop(job->cols, COLS_BLOCK, threads, multiply_cols, job, err);
}

static void take_fit_rows(fit *job)
{
    const gy_samples *samples = job->samples;
    for (size_t i = 0; i < job->rows; i++) {
        const float *row = samples->features + i * samples->rows / job->rows * job->cols;
        for (size_t col = 0; col < job->cols; col++)
            job->mean[col] += (double)row[col];
    }
    for (size_t col = 0; col < job->cols; col++)
        job->mean[col] /= (double)job->rows;
    for (size_t i = 0; i < job->rows; i++) {
        const float *row = samples->features + i * samples->rows / job->rows * job->cols;
        for (size_t col = 0; col < job->cols; col++)
            job->centered[i * job->cols + col] = (float)((double)row[col] - job->mean[col]);
    }
}

static gy_status make_fit(fit *job, size_t components, size_t threads, gy_arena *arena,
                          gy_error *err)
{
    size_t rows = job->samples->rows, cols = job->samples->cols;
    job->kernels = gy_value_kernels_pick();
    job->cols = cols;
    job->rows = rows < FIT_ROWS_MAX ? rows : FIT_ROWS_MAX;
    if (job->rows > FIT_FLOATS_MAX / cols)
        job->rows = FIT_FLOATS_MAX / cols;
    job->size = components + SPARE < cols ? components + SPARE : cols;
    job->centered = GY_NEW(arena, float, job->rows *cols);
    job->mean = GY_NEW(arena, double, cols);
    job->basis = GY_NEW(arena, double, job->size *cols);
    job->images = GY_NEW(arena, double, job->size *cols);
    job->turned = GY_NEW(arena, float, job->size *cols);
    job->turned_rows = (const float **)gy_arena_take(arena, cols, sizeof(float *));
    job->shares = GY_NEW(arena, float, job->rows * job->size);
    size_t sums = job->size * COLS_BLOCK + CHUNK_ROWS * sizeof(float *) / sizeof(float);
    job->staging_floats = (sums > ROWS_BLOCK * cols ? sums : ROWS_BLOCK * cols) + GY_VALUE_LANES;
    job->staging_floats -= job->staging_floats % 2; // pointers follow the sums
    job->staging = GY_NEW(arena, float, threads * job->staging_floats);
    job->zeros = GY_NEW(arena, float, job->size);
    if (job->centered == NULL || job->mean == NULL || job->basis == NULL || job->images == NULL ||
        job->turned == NULL || job->turned_rows == NULL || job->shares == NULL ||
        job->staging == NULL || job->zeros == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the principal components of %zu x %zu",
                       rows, cols);
    for (size_t col = 0; col < cols; col++)
        job->turned_rows[col] = job->turned + col * job->size;
    return GY_OK;
}

static gy_status find_components(fit *job, size_t threads, gy_arena *arena, gy_error *err)
{
    take_fit_rows(job);
    gy_random random;
    gy_random_init(&random, 1, 2);
    for (size_t i = 0; i < job->size * job->cols; i++)
        job->basis[i] = gy_random_unit(&random) - 0.5;
    make_orthonormal(job->basis, job->size, job->cols);
    for (size_t i = 0; i < ITERATIONS; i++) {
        GY_TRY(multiply_by_covariance(job, threads, err));
        memcpy(job->basis, job->images, sizeof(double) * job->size * job->cols);
        make_orthonormal(job->basis, job->size, job->cols);
    }
    GY_TRY(multiply_by_covariance(job, threads, err));

    double *small = GY_NEW(arena, double, job->size * job->size);
    double *turn = GY_NEW(arena, double, job->size * job->size);
    if (small == NULL || turn == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu principal components", job->size);
    for (size_t i = 0; i < job->size; i++)
        for (size_t j = 0; j <= i; j++)
            small[i * job->size + j] = small[j * job->size + i] =
                dot(job->basis + i * job->cols, job->images + j * job->cols, job->cols);
    gy_jacobi(turn, small, job->size);
    memset(job->images, 0, sizeof(double) * job->size * job->cols);
    for (size_t i = 0; i < job->size; i++)
        for (size_t j = 0; j < job->size; j++)
            for (size_t col = 0; col < job->cols; col++)
                job->images[i * job->cols + col] +=
                    turn[i * job->size + j] * job->basis[j * job->cols + col];
    memcpy(job->basis, job->images, sizeof(double) * job->size * job->cols);
    return GY_OK;
}

// An eigenvector is one up to its sign: its largest entry becomes positive.
static void fix_signs(fit *job)
{
    for (size_t i = 0; i < job->size; i++) {
        double *vector = job->basis + i * job->cols;
        size_t largest = 0;
        for (size_t col = 1; col < job->cols; col++)
            if (fabs(vector[col]) > fabs(vector[largest]) * (1.0 + 1e-6))
                largest = col;
        double sign = vector[largest] < 0.0 ? -1.0 : 1.0;
        for (size_t col = 0; col < job->cols; col++)
            vector[col] *= sign;
    }
}

static gy_status project_rows(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    (void)err;
    const fit *job = context;
    size_t cols = job->cols, size = job->projected->cols;
    float *staged = job->staging + worker * job->staging_floats;
    float *out = (float *)job->projected->features + begin * size;
    for (size_t row = begin; row < end; row++)
        for (size_t col = 0; col < cols; col++)
            staged[(row - begin) * cols + col] =
                (float)((double)job->samples->features[row * cols + col] - job->mean[col]);
    job->kernels->multiply(&(gy_value_product){.out = out,
                                               .out_stride = size,
                                               .a = staged,
                                               .a_row = cols,
                                               .a_step = 1,
                                               .b = job->turned_rows,
                                               .rows = end - begin,
                                               .cols = size,
                                               .depth = cols});
    for (size_t row = begin; job->residual != NULL && row < end; row++) {
        double whole = 0.0, kept = 0.0;
        for (size_t col = 0; col < cols; col++)
            whole += (double)staged[(row - begin) * cols + col] *
                     (double)staged[(row - begin) * cols + col];
        for (size_t i = 0; i < size; i++)
            kept += (double)out[(row - begin) * size + i] * (double)out[(row - begin) * size + i];
        job->residual[row] = (float)(whole > kept ? whole - kept : 0.0);
    }
    return GY_OK;
}

gy_status gy_value_project(gy_samples *projected, float **residual, const gy_samples *samples,
                           size_t components, size_t threads, gy_arena *arena, gy_error *err)
{
    assert(projected != NULL && samples != projected);
    GY_TRY(gy_samples_check(samples, "sample", err));
    if (components < 1)
        return gy_fail(err, GY_INVALID, "0 principal components, must be at least 1");
    if (samples->cols > COLS_MAX)
        return gy_fail(err, GY_LIMIT, "%zu features, over %d", samples->cols, COLS_MAX);
    if (components > samples->cols)
        components = samples->cols;
    if (components > samples->rows)
        components = samples->rows;
    if (threads == 0)
        threads = gy_thread_count();

    *projected = *samples;
    projected->cols = components;
    projected->width = projected->height = projected->channels = 0;
    float *features = GY_NEW(arena, float, samples->rows *components);
    float *left = residual != NULL ? GY_NEW(arena, float, samples->rows) : NULL;
    if (features == NULL || (residual != NULL && left == NULL))
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu projected samples", samples->rows);
    projected->features = features;
    if (residual != NULL)
        *residual = left;

    gy_arena_mark mark = gy_arena_here(arena);
    fit job = {.samples = samples, .projected = projected, .residual = left};
    GY_TRY(make_fit(&job, components, threads, arena, err));
    GY_TRY(find_components(&job, threads, arena, err));
    fix_signs(&job);
    turn_basis(&job);
    GY_TRY(gy_thread_loop(samples->rows, ROWS_BLOCK, threads, project_rows, &job, err));
    gy_arena_rewind(arena, mark);
    return GY_OK;
}
