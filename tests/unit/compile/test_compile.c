// SPDX-License-Identifier: Apache-2.0
//
// Goal: the memory plan is sound, budgets refuse exactly what does not fit, and a compiled model
// run by the engine computes what the reference does on any number of threads. Method: properties
// of the plans of all test models on two targets; the reference as the oracle; each allocation
// broken.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "check.h"
#include "gyre/compile.h"

static const char *const models[] = {
    "tests/data/models/mlp.onnx",       "tests/data/models/lenet.onnx",
    "tests/data/models/cnn.onnx",       "tests/data/models/residual.onnx",
    "tests/data/models/cnn_int8.onnx",  "tests/data/models/lenet_int8.onnx",
    "tests/data/models/image_int8.onnx"};
enum { MODELS = sizeof(models) / sizeof(models[0]) };

static bool live_together(const gy_compile_tensor *a, const gy_compile_tensor *b)
{
    return a->first_node <= b->last_node && b->first_node <= a->last_node;
}

static bool apart(const gy_compile_tensor *a, const gy_compile_tensor *b)
{
    return a->offset_bytes + a->size_bytes <= b->offset_bytes ||
           b->offset_bytes + b->size_bytes <= a->offset_bytes;
}

static void check_plan(const char *model, const char *target)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_compile_options options = {.target = target};
    gy_compile_report report;
    gy_status status = gy_compile_inspect(&report, model, &options, &arena, NULL);
    CHECK(status == GY_OK);
    for (size_t i = 0; status == GY_OK && i < report.tensor_count; i++) {
        const gy_compile_tensor *tensor = &report.tensors[i];
        CHECK(tensor->offset_bytes + tensor->size_bytes <= report.arena_bytes);
        for (size_t k = i + 1; k < report.tensor_count; k++)
            CHECK(!live_together(tensor, &report.tensors[k]) || apart(tensor, &report.tensors[k]));
    }
    CHECK(status != GY_OK || report.floor_bytes <= report.arena_bytes);
    gy_arena_release(&arena);
}

static void test_what_lives_together_lies_apart(void)
{
    for (size_t i = 0; i < MODELS; i++) {
        check_plan(models[i], "host");
        check_plan(models[i], "cortex-m4");
    }
}

static void test_a_budget_refuses_exactly_what_does_not_fit(void)
{
    for (size_t i = 0; i < MODELS; i++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_error err = {0};
        gy_compile_options options = {.target = "cortex-m4"};
        gy_compile_report report = {0};
        CHECK(gy_compile_inspect(&report, models[i], &options, &arena, NULL) == GY_OK);
        options.ram_bytes = report.ram_bytes - 1;
        CHECK(gy_compile(NULL, models[i], "/nowhere/net", &options, &arena, &err) == GY_LIMIT);
        CHECK(strstr(err.message, report.worst) != NULL);
        options.ram_bytes = report.ram_bytes;
        options.flash_bytes = report.flash_bytes - 1;
        CHECK(gy_compile(NULL, models[i], "/nowhere/net", &options, &arena, &err) == GY_LIMIT);
        gy_arena_release(&arena);
    }
}

static void make_input(gy_array *input, const size_t *shape, size_t rank, gy_arena *arena)
{
    *input = (gy_array){.name = "x", .dtype = GY_FLOAT32, .rank = rank, .count = 1};
    for (size_t i = 0; i < rank; i++) {
        input->shape[i] = shape[i];
        input->count *= shape[i];
    }
    float *values = GY_NEW(arena, float, input->count);
    CHECK(values != NULL);
    for (size_t i = 0; values != NULL && i < input->count; i++)
        values[i] = (float)((i * 2654435761u) % 1000) / 500.0f - 1.0f;
    input->data = values;
}

static void test_the_engine_computes_what_the_reference_does(void)
{
    for (size_t threads = 1; threads <= 3; threads++) {
        gy_arena arena = GY_ARENA_INIT;
        gy_error err = {0};
        gy_array input, *wanted = NULL, *got = NULL;
        size_t count;
        make_input(&input, (size_t[]){7, 3, 17, 15}, 4, &arena);
        gy_infer_options options = {.reference = true};
        gy_status status = gy_infer(&wanted, &count, NULL, "tests/data/models/cnn.onnx", &input, 1,
                                    &options, &arena, &err);
        CHECK(status == GY_OK);
        options = (gy_infer_options){.threads = threads};
        if (status == GY_OK)
            status = gy_infer(&got, &count, NULL, "tests/data/models/cnn.onnx", &input, 1, &options,
                              &arena, &err);
        CHECK(status == GY_OK && count == 1 && got[0].count == wanted[0].count);
        CHECK(status == GY_OK &&
              memcmp(got[0].data, wanted[0].data, got[0].count * sizeof(float)) == 0);
        gy_arena_release(&arena);
    }
}

static void check_engine(const char *library, const char *model)
{
    gy_engine *engine = NULL;
    gy_id source, file;
    size_t inputs = 0, outputs = 0;
    CHECK(gy_engine_open(&engine, library, NULL) == GY_OK);
    if (engine == NULL)
        return;
    const gy_port *x = gy_engine_inputs(engine, &inputs), *y = gy_engine_outputs(engine, &outputs);
    gy_engine_source(&source, engine);
    CHECK(gy_id_of_file(&file, model, NULL) == GY_OK && gy_id_compare(&source, &file) == 0);
    CHECK(inputs == 1 && strcmp(x[0].name, "x0") == 0 && x[0].shape[0] == 3);
    CHECK(outputs == 1 && strcmp(y[0].name, "y0") == 0 && y[0].shape[0] == 3);
    CHECK(gy_engine_batch(engine) == 3 && strcmp(gy_engine_kernels(engine), "plain") == 0);
    gy_engine_close(engine);
}

static void test_an_engine_tells_what_it_was_made_from(void)
{
    char folder[] = "/tmp/gyre-engine-XXXXXX", program[64], library[96], command[64];
    gy_arena arena = GY_ARENA_INIT;
    gy_compile_options options = {.name = "program", .levels = "plain", .model = {.batch = 3}};
    CHECK(mkdtemp(folder) != NULL);
    snprintf(program, sizeof(program), "%s/program", folder);
    snprintf(library, sizeof(library), "%s/program.so", program);
    CHECK(gy_compile(NULL, models[0], program, &options, &arena, NULL) == GY_OK);
    check_engine(library, models[0]);
    gy_arena_release(&arena);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    CHECK(system(command) == 0);
}

static void test_an_engine_needs_a_compiled_model(void)
{
    gy_engine *engine = NULL;
    gy_error err = {0};
    CHECK(gy_engine_open(&engine, "no/such.so", &err) == GY_NOT_FOUND);
    CHECK(gy_engine_open(&engine, "tests/data/models/mlp.onnx", &err) == GY_FORMAT);
    CHECK(engine == NULL && err.message[0] != '\0');
}

static void check_allocations(const char *model)
{
    gy_status status = GY_NO_MEMORY;
    for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
        gy_arena arena = {.limit_bytes = SIZE_MAX, .takes_left = takes};
        gy_error err = {0};
        gy_compile_options options = {.target = "cortex-m4"};
        gy_compile_report report;
        status = gy_compile_inspect(&report, model, &options, &arena, &err);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_arena_release(&arena);
    }
    CHECK(status == GY_OK);
}

static void test_every_allocation_may_fail(void)
{
    check_allocations(models[4]);
    check_allocations("tests/data/models/texts.onnx");
}

int main(void)
{
    RUN(test_what_lives_together_lies_apart);
    RUN(test_a_budget_refuses_exactly_what_does_not_fit);
    RUN(test_the_engine_computes_what_the_reference_does);
    RUN(test_an_engine_tells_what_it_was_made_from);
    RUN(test_an_engine_needs_a_compiled_model);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
