// SPDX-License-Identifier: Apache-2.0
//
// Goal: the components are the principal ones. Method: on points with known axes the projection is
// theirs; on any points the first components keep as much of the variance as the eigenvalues of the
// covariance say (by Jacobi, which is tested against its definition); bits, bounds, allocations.

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "check.h"
#include "gyre/value.h"
#include "value/jacobi.h"

enum { ROWS = 300, COLS = 12, WANTED = 4 };

static float features[ROWS * COLS];
static const gy_samples samples = {.features = features, .rows = ROWS, .cols = COLS};

static void fill_samples(void)
{
    gy_random random;
    gy_random_init(&random, 9, 1);
    for (size_t row = 0; row < ROWS; row++) {
        double shared = gy_random_unit(&random) - 0.5;
        for (size_t col = 0; col < COLS; col++)
            features[row * COLS + col] =
                (float)(3.0 + shared * (double)col +
                        (gy_random_unit(&random) - 0.5) * (double)(1 + col * col % 7));
    }
}

static void covariance(double *matrix)
{
    double mean[COLS] = {0};
    for (size_t i = 0; i < ROWS * COLS; i++)
        mean[i % COLS] += (double)features[i] / ROWS;
    for (size_t i = 0; i < COLS; i++)
        for (size_t j = 0; j < COLS; j++) {
            double sum = 0.0;
            for (size_t row = 0; row < ROWS; row++)
                sum += ((double)features[row * COLS + i] - mean[i]) *
                       ((double)features[row * COLS + j] - mean[j]);
            matrix[i * COLS + j] = sum / ROWS;
        }
}

static void test_jacobi_finds_eigenvectors(void)
{
    double matrix[COLS * COLS], values[COLS * COLS], vectors[COLS * COLS];
    covariance(matrix);
    memcpy(values, matrix, sizeof(values));
    gy_jacobi(vectors, values, COLS);
    for (size_t i = 0; i < COLS; i++) {
        CHECK(i == 0 || values[i * COLS + i] <= values[(i - 1) * COLS + i - 1]);
        for (size_t j = 0; j < COLS; j++) {
            double image = 0.0, product = 0.0;
            for (size_t l = 0; l < COLS; l++) {
                image += matrix[j * COLS + l] * vectors[i * COLS + l];
                product += vectors[i * COLS + l] * vectors[j * COLS + l];
            }
            CHECK_NEAR(image, values[i * COLS + i] * vectors[i * COLS + j], 1e-10);
            CHECK_NEAR(product, i == j ? 1.0 : 0.0, 1e-12);
        }
    }
}

static void test_components_keep_the_variance_of_the_eigenvalues(void)
{
    double values[COLS * COLS], vectors[COLS * COLS];
    covariance(values);
    gy_jacobi(vectors, values, COLS);
    gy_arena arena = GY_ARENA_INIT;
    gy_samples projected;
    float *residual;
    CHECK(gy_value_project(&projected, &residual, &samples, WANTED, 2, &arena, NULL) == GY_OK);
    CHECK(projected.cols == WANTED && projected.rows == ROWS);
    double left = 0.0, left_expected = 0.0;
    for (size_t i = 0; i < WANTED; i++) {
        double variance = 0.0;
        for (size_t row = 0; row < ROWS; row++)
            variance += (double)projected.features[row * WANTED + i] *
                        (double)projected.features[row * WANTED + i] / ROWS;
        CHECK_NEAR(variance, values[i * COLS + i], 1e-4 * values[i * COLS + i]);
    }
    for (size_t row = 0; row < ROWS; row++)
        left += (double)residual[row] / ROWS;
    for (size_t i = WANTED; i < COLS; i++)
        left_expected += values[i * COLS + i];
    CHECK_NEAR(left, left_expected, 1e-4 * left_expected);
    gy_arena_release(&arena);
}

static void test_threads_and_processor_change_no_bit(void)
{
    float found[2][ROWS * WANTED];
    for (size_t run = 0; run < 2; run++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_samples projected;
        setenv("GYRE_CPU", run == 0 ? "" : "plain", 1);
        CHECK(gy_value_project(&projected, NULL, &samples, WANTED, 1 + 2 * run, &arena, NULL) ==
              GY_OK);
        memcpy(found[run], projected.features, sizeof(found[run]));
        gy_arena_release(&arena);
    }
    unsetenv("GYRE_CPU");
    CHECK(memcmp(found[0], found[1], sizeof(found[0])) == 0);
}

static void test_equal_rows_project_to_zero(void)
{
    float equal[6] = {2, 5, 2, 5, 2, 5};
    gy_samples flat = {.features = equal, .rows = 3, .cols = 2};
    gy_arena arena = GY_ARENA_INIT;
    gy_samples projected;
    CHECK(gy_value_project(&projected, NULL, &flat, 9, 1, &arena, NULL) == GY_OK);
    for (size_t i = 0; i < projected.rows * projected.cols; i++)
        CHECK(projected.features[i] == 0.0f);
    gy_arena_release(&arena);
}

static void test_every_allocation_may_fail(void)
{
    gy_status status = GY_NO_MEMORY;
    for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
        gy_arena arena = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_error err = {0};
        gy_samples projected;
        status = gy_value_project(&projected, NULL, &samples, WANTED, 1, &arena, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK);
}

int main(void)
{
    fill_samples();
    RUN(test_jacobi_finds_eigenvectors);
    RUN(test_components_keep_the_variance_of_the_eigenvalues);
    RUN(test_threads_and_processor_change_no_bit);
    RUN(test_equal_rows_project_to_zero);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
