// SPDX-License-Identifier: Apache-2.0
//
// Goal: the compressed file is what the report says, and close to the float model. Method: the
// reference runs both files; the report's figures are counted anew from its outputs; each failure
// leaves no file behind.

#include <math.h>
#include <stdlib.h>

#include "base/fault.h"
#include "net.h"

static char folder[64], model_path[96], data_path[96], out_path[96];

static void run_reference(float *outputs, const char *path)
{
    gy_model *model;
    gy_arena arena = GY_ARENA_INIT;
    gy_array *arrays, output;
    size_t count;
    const gy_model_options options = {.batch = NET_SAMPLES};
    CHECK(gy_model_open(&model, path, &options, NULL) == GY_OK);
    CHECK(gy_arrays_read(&arrays, &count, data_path, &arena, NULL) == GY_OK);
    CHECK(gy_model_run(&output, model, arrays, count, &arena, NULL) == GY_OK);
    memcpy(outputs, output.data, output.count * sizeof(float));
    gy_arena_release(&arena);
    gy_model_close(model);
}

static void test_the_file_is_as_close_as_the_report_says(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_compress_report report;
    const gy_compress_options options = {.sensitivity = true};
    CHECK(gy_compress(&report, out_path, model_path, data_path, data_path, &options, &arena,
                      NULL) == GY_OK);
    CHECK(report.layer_count == 3 && report.judged == NET_SAMPLES && report.has_holdout);
    CHECK(report.noise < 3e-4 && isnan(report.accuracy));
    for (size_t i = 0; i < 3; i++)
        CHECK(report.layers[i].why_float == NULL && report.layers[i].cost < report.noise * 2);

    static float expected[NET_SAMPLES * NET_CLASSES], outputs[NET_SAMPLES * NET_CLASSES];
    run_reference(expected, model_path);
    run_reference(outputs, out_path);
    gy_compress_judgement judged = gy_compress_judge(outputs, expected, NET_SAMPLES, NET_CLASSES);
    CHECK_NEAR(judged.noise, report.noise, report.noise * 0.02);
    CHECK(judged.flipped == report.flipped);
    gy_arena_release(&arena);
}

static size_t count_type(const char *path, const char *type)
{
    gy_model *model;
    size_t count = 0;
    CHECK(gy_model_open(&model, path, NULL, NULL) == GY_OK);
    const gy_graph *graph = gy_model_graph(model);
    for (size_t i = 0; i < graph->node_count; i++)
        count += strcmp(graph->nodes[i]->op->type, type) == 0;
    gy_model_close(model);
    return count;
}

static void test_kept_layers_stay_float_and_the_norm_is_folded(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_compress_report report;
    static const char *const keep[] = {"deep"}, *const odd[] = {"deap"};
    gy_compress_options options = {.keep = keep, .keep_count = 1};
    CHECK(gy_compress(&report, out_path, model_path, data_path, NULL, &options, &arena, NULL) ==
          GY_OK);
    CHECK(report.layers[1].why_float != NULL && report.layers[0].why_float == NULL);
    CHECK(!report.has_holdout && report.judged == NET_SAMPLES / 3);
    CHECK(count_type(out_path, "BatchNormalization") == 0);
    // The inputs of first and last, and the value that Flatten hands on to last.
    CHECK(count_type(out_path, "QuantizeLinear") == 3);
    CHECK(count_type(out_path, "DequantizeLinear") == 3 + 4);

    options.keep = odd;
    gy_error err = {0};
    CHECK(gy_compress(&report, out_path, model_path, data_path, NULL, &options, &arena, &err) ==
          GY_INVALID);
    CHECK(strstr(err.message, "'deap'") != NULL);
    gy_arena_release(&arena);
}

static void test_what_is_compressed_is_not_compressed_again(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_compress_report report;
    gy_error err = {0};
    CHECK(gy_compress(&report, model_path, out_path, data_path, NULL, NULL, &arena, &err) ==
          GY_UNSUPPORTED);
    CHECK(strstr(err.message, "quantised already") != NULL);
    CHECK(gy_compress(&report, out_path, model_path, data_path, NULL,
                      &(gy_compress_options){.bits = 4}, &arena, &err) == GY_UNSUPPORTED);
    CHECK(gy_compress(&report, out_path, model_path, data_path, NULL,
                      &(gy_compress_options){.scale = -1}, &arena, &err) == GY_INVALID);
    gy_arena_release(&arena);
}

static void test_the_same_input_gives_the_same_bytes(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_compress_report report;
    char *bytes[2];
    size_t sizes[2];
    for (size_t i = 0; i < 2; i++) {
        CHECK(gy_compress(&report, out_path, model_path, data_path, NULL, NULL, &arena, NULL) ==
              GY_OK);
        CHECK(gy_file_read(&bytes[i], &sizes[i], out_path, 1 << 20, &arena, NULL) == GY_OK);
    }
    CHECK(sizes[0] == sizes[1] && memcmp(bytes[0], bytes[1], sizes[0]) == 0);
    gy_arena_release(&arena);
}

static void fail_at(const char *kind, size_t most)
{
    gy_status status = GY_NO_MEMORY;
    size_t n = 1;
    for (; status != GY_OK && n < most; n++) {
        gy_arena *arena = gy_arena_new(0);
        gy_compress_report report;
        gy_error err = {0};
        char fault[32];
        (void)unlink(out_path);
        (void)snprintf(fault, sizeof(fault), "%s:%zu", kind, n);
        gy_fault_set(fault);
        status = gy_compress(&report, out_path, model_path, data_path, NULL, NULL, arena, &err);
        gy_fault_set(NULL);
        CHECK(status == GY_OK || err.message[0] != '\0');
        // A sync of the folder may fail after the name is there: the file is whole then.
        if (status != GY_OK && gy_file_exists(out_path))
            CHECK(count_type(out_path, "QuantizeLinear") > 0);
        gy_arena_free(arena);
    }
    CHECK(status == GY_OK && n > 3);
}

static void test_every_allocation_and_every_call_may_fail(void)
{
    fail_at("memory", 2000);
    fail_at("io", 200);
}

int main(void)
{
    (void)snprintf(folder, sizeof(folder), "/tmp/gyre-compress-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    (void)snprintf(model_path, sizeof(model_path), "%s/net.onnx", folder);
    (void)snprintf(data_path, sizeof(data_path), "%s/data.npz", folder);
    (void)snprintf(out_path, sizeof(out_path), "%s/out.onnx", folder);
    net_write(model_path, data_path);
    RUN(test_the_file_is_as_close_as_the_report_says);
    RUN(test_kept_layers_stay_float_and_the_norm_is_folded);
    RUN(test_what_is_compressed_is_not_compressed_again);
    RUN(test_the_same_input_gives_the_same_bytes);
    RUN(test_every_allocation_and_every_call_may_fail);
    (void)unlink(model_path);
    (void)unlink(data_path);
    (void)unlink(out_path);
    (void)rmdir(folder);
    return check_done();
}
