// SPDX-License-Identifier: Apache-2.0
//
// Goal: whatever a file says, reading ends in a graph or in a message that names the fault, and no
// allocation's failure is missed. Method: models built field by field with one thing wrong; every
// prefix of a good file; every allocation failing.

#include "build_model.h"

static void good_graph(gy_text *graph)
{
    add_int64s(graph, "shape", (const int64_t[]){0, 2, 2}, 3);
    add_node(graph, "Relu", "x", "a", NULL);
    add_node(graph, "Reshape", "a shape", "b", NULL);
    add_node(graph, "Flatten", "b", "y", NULL);
    add_x(graph);
    add_y(graph);
}

static void test_a_model_runs(void)
{
    gy_text graph = {0};
    good_graph(&graph);
    const char *path = scratch_path("good.onnx");
    write_model(path, &graph, 17);
    gy_model *model = NULL;
    gy_model_options options = {.batch = 2};
    CHECK(gy_model_open(&model, path, &options, NULL) == GY_OK);
    size_t count;
    const gy_port *port = gy_model_outputs(model, &count);
    CHECK(count == 1 && port->rank == 2 && port->shape[0] == 2 && port->shape[1] == 4);
    float x[8] = {-1, 2, -3, 4, 5, -6, 7, -8};
    gy_array input = {.name = "x",
                      .dtype = GY_FLOAT32,
                      .rank = 2,
                      .shape = {2, 4},
                      .count = 8,
                      .data = x},
             output;
    gy_arena arena = GY_ARENA_INIT;
    CHECK(gy_model_run(&output, model, &input, 1, &arena, NULL) == GY_OK);
    for (size_t i = 0; i < 8; i++)
        CHECK(((float *)output.data)[i] == (x[i] < 0 ? 0 : x[i]));
    input.shape[1] = 3;
    gy_error err = {0};
    CHECK(gy_model_run(&output, model, &input, 1, &arena, &err) == GY_INVALID);
    CHECK(strstr(err.message, "'x'") != NULL);
    CHECK(gy_model_run(&output, model, NULL, 0, &arena, &err) == GY_INVALID);
    gy_arena_release(&arena);
    gy_model_close(model);
}

static void test_every_prefix_is_refused(void)
{
    char *bytes;
    size_t size_bytes;
    gy_arena arena = GY_ARENA_INIT;
    CHECK(gy_file_read(&bytes, &size_bytes, scratch_path("good.onnx"), 1 << 20, &arena, NULL) ==
          GY_OK);
    // The last field names the operator set: without it the model is whole but for its import.
    for (size_t length = 0; length < size_bytes; length++) {
        gy_error err = {0};
        const char *path = scratch_path("cut.onnx");
        CHECK(gy_file_replace(path, bytes, length, NULL) == GY_OK);
        CHECK(open_status(path, &err) == GY_FORMAT);
        CHECK(err.message[0] != '\0');
    }
    unlink(scratch_path("cut.onnx"));
    gy_arena_release(&arena);
}

static void test_every_byte_may_be_wrong(void)
{
    char *bytes;
    size_t size_bytes;
    gy_arena arena = GY_ARENA_INIT;
    CHECK(gy_file_read(&bytes, &size_bytes, scratch_path("good.onnx"), 1 << 20, &arena, NULL) ==
          GY_OK);
    for (size_t at = 0; at < size_bytes; at++)
        for (int flip = 1; flip < 256; flip *= 2) {
            gy_error err = {0};
            bytes[at] = (char)(bytes[at] ^ flip);
            CHECK(gy_file_replace(scratch_path("bad.onnx"), bytes, size_bytes, NULL) == GY_OK);
            gy_status status = open_status(scratch_path("bad.onnx"), &err);
            CHECK(status == GY_OK || err.message[0] != '\0');
            bytes[at] = (char)(bytes[at] ^ flip);
        }
    unlink(scratch_path("bad.onnx"));
    gy_arena_release(&arena);
}

static void test_names_are_checked(void)
{
    gy_text graph = {0};
    add_node(&graph, "Relu", "b", "a", NULL);
    add_node(&graph, "Relu", "a", "b", NULL);
    add_node(&graph, "Relu", "b", "y", NULL);
    add_x(&graph);
    add_y(&graph);
    check_refused(&graph, 17, GY_FORMAT, "a circle");

    add_node(&graph, "Relu", "x", "y", NULL);
    add_node(&graph, "Tanh", "x", "y", NULL);
    add_x(&graph);
    add_y(&graph);
    check_refused(&graph, 17, GY_FORMAT, "makes 'y', which is there already");

    add_node(&graph, "Relu", "gone", "y", NULL);
    add_x(&graph);
    add_y(&graph);
    check_refused(&graph, 17, GY_FORMAT, "'gone' is used, but nothing makes it");

    add_int64s(&graph, "c", (const int64_t[]){1}, 1);
    add_int64s(&graph, "c", (const int64_t[]){1}, 1);
    add_y(&graph);
    check_refused(&graph, 17, GY_FORMAT, "'c' is given twice");

    add_node(&graph, "Relu", "x", "x", NULL);
    add_x(&graph);
    check_refused(&graph, 17, GY_FORMAT, "makes 'x', which is there already");
}

static void test_operators_are_checked(void)
{
    gy_text graph = {0};
    add_node(&graph, "Frobnicate", "x", "y", NULL);
    add_x(&graph);
    add_y(&graph);
    check_refused(&graph, 17, GY_UNSUPPORTED, "operator 'Frobnicate' of opset 17");

    add_node(&graph, "Relu", "x x", "y", NULL);
    add_x(&graph);
    add_y(&graph);
    check_refused(&graph, 17, GY_FORMAT, "Relu with 2 inputs");

    add_node(&graph, "Relu", "", "y", NULL);
    add_y(&graph);
    check_refused(&graph, 17, GY_FORMAT, "Relu with 0 inputs");
}

static void test_an_opset_that_is_not_known_is_refused(void)
{
    gy_text graph = {0};
    good_graph(&graph);
    check_refused(&graph, 99, GY_UNSUPPORTED, "opset 99 of 'ai.onnx', up to 28 is known");
}

/** The good graph with y and a as they are declared here; a dimension of -1 is named. */
static void declare(gy_text *graph, int y_elem, const int64_t *y, size_t y_rank, const int64_t *a,
                    size_t a_rank)
{
    add_int64s(graph, "shape", (const int64_t[]){0, 2, 2}, 3);
    add_node(graph, "Relu", "x", "a", NULL);
    add_node(graph, "Reshape", "a shape", "b", NULL);
    add_node(graph, "Flatten", "b", "y", NULL);
    add_node(graph, "Relu", "a", "unused", NULL);
    add_x(graph);
    add_port(graph, 12, "y", y_elem, y, y_rank);
    add_port(graph, 13, "a", 1, a, a_rank);
    add_port(graph, 13, "unused", 7, a, a_rank);
    add_port(graph, 13, "nowhere", 1, a, a_rank);
    add_port(graph, 13, "b", 16, a, a_rank); // bfloat16: the node decides
}

static void test_what_is_declared_must_be_so(void)
{
    gy_text graph = {0};
    const int64_t named[] = {-1, 4}, wide[] = {-1, 5}, three[] = {3, 4}, two[] = {2, 4};
    declare(&graph, 7, named, 2, named, 2);
    check_refused(&graph, 17, GY_INVALID, "'y' is declared as int64, but its node makes float32");
    declare(&graph, 1, wide, 2, named, 2);
    check_refused(&graph, 17, GY_INVALID,
                  "'y' is declared as float32[n,5], but its node makes float32[1,4]");
    declare(&graph, 1, named, 2, wide, 2);
    check_refused(&graph, 17, GY_INVALID, "'a' is declared as float32[n,5]");
    declare(&graph, 1, named, 1, named, 2);
    check_refused(&graph, 17, GY_INVALID, "'y' is declared as float32[n], but");
    declare(&graph, 1, three, 2, two, 2); // traced with three samples, or with two
    check_refused(&graph, 17, GY_INVALID, "is declared as float32[3,4], but");

    declare(&graph, 1, three, 2, three, 2);
    write_model(scratch_path("traced.onnx"), &graph, 17);
    CHECK(open_status(scratch_path("traced.onnx"), NULL) == GY_OK);
    unlink(scratch_path("traced.onnx"));
}

static void test_sizes_are_checked(void)
{
    gy_text graph = {0};
    const int64_t huge[] = {INT32_MAX, INT32_MAX, 4};
    add_node(&graph, "Relu", "x", "y", NULL);
    add_port(&graph, 11, "x", 1, huge, 3);
    add_y(&graph);
    check_refused(&graph, 17, GY_LIMIT, "'x' has over");

    add_node(&graph, "Relu", "x", "y", NULL);
    add_port(&graph, 11, "x", 1, (const int64_t[]){-7}, 1);
    add_y(&graph);
    check_refused(&graph, 17, GY_FORMAT, "dimension -7");

    add_node(&graph, "Relu", "x", "y", NULL);
    add_port(&graph, 11, "x", 1, (const int64_t[]){INT64_MAX, 2}, 2);
    add_y(&graph);
    check_refused(&graph, 17, GY_LIMIT, "must be 0 to");

    // A few bytes that ask for gigabytes.
    add_int64s(&graph, "s", (const int64_t[]){40000, 50000}, 2);
    add_node(&graph, "ConstantOfShape", "s", "big", NULL);
    add_node(&graph, "Add", "x big", "y", NULL);
    add_x(&graph);
    add_y(&graph);
    check_refused(&graph, 17, GY_NO_MEMORY, "no memory");

    add_int64s(&graph, "s", (const int64_t[]){3, 3}, 2);
    add_node(&graph, "Reshape", "x s", "y", NULL);
    add_x(&graph);
    add_y(&graph);
    check_refused(&graph, 17, GY_FORMAT, "4 elements under a shape of 9");
}

static void test_constants_are_checked(void)
{
    // Two values by the shape, three by the data.
    gy_text graph = {0};
    gy_tensor lying = {
        .dtype = GY_INT64, .rank = 1, .shape = {2}, .count = 3, .data = (const int64_t[]){1, 2, 3}};
    gy_proto_tensor(&graph, 5, &lying, "c");
    add_node(&graph, "Relu", "x", "y", NULL);
    add_x(&graph);
    add_y(&graph);
    check_refused(&graph, 17, GY_FORMAT, "'c' has 24 bytes, its shape asks for 16");
}

static void external(gy_text *graph, const char *location, const char *offset, const char *length)
{
    const char *const pairs[][2] = {{"location", location}, {"offset", offset}, {"length", length}};
    gy_text tensor = {0};
    gy_proto_int(&tensor, 1, 4);
    gy_proto_int(&tensor, 2, 1);
    gy_proto_text(&tensor, 8, "w");
    gy_proto_int(&tensor, 14, 1);
    for (size_t i = 0; i < 3; i++) {
        gy_text entry = {0};
        gy_proto_text(&entry, 1, pairs[i][0]);
        gy_proto_text(&entry, 2, pairs[i][1]);
        gy_proto_message(&tensor, 13, &entry);
    }
    gy_proto_message(graph, 5, &tensor);
    add_node(graph, "Add", "x w", "y", NULL);
    add_x(graph);
    add_y(graph);
}

static void test_external_data_stay_beneath_the_model(void)
{
    gy_text graph = {0};
    float weights[5] = {9, 1, 2, 3, 4};
    char target[256];
    CHECK(gy_file_replace(scratch_path("w.bin"), weights, sizeof(weights), NULL) == GY_OK);
    external(&graph, "w.bin", "4", "16");
    write_model(scratch_path("external.onnx"), &graph, 17);
    CHECK(open_status(scratch_path("external.onnx"), NULL) == GY_OK);
    unlink(scratch_path("external.onnx"));

    external(&graph, "../../etc/passwd", "0", "16");
    check_refused(&graph, 17, GY_FORMAT, "outside of the model's folder");
    external(&graph, "/etc/passwd", "0", "16");
    check_refused(&graph, 17, GY_FORMAT, "outside of the model's folder");
    snprintf(target, sizeof(target), "%s", scratch_path("link.bin"));
    CHECK(symlink("w.bin", target) == 0);
    external(&graph, "link.bin", "0", "16");
    check_refused(&graph, 17, GY_FORMAT, "is a link");
    unlink(target);
    external(&graph, ".", "0", "16");
    check_refused(&graph, 17, GY_FORMAT, "not a regular file");
    external(&graph, "gone.bin", "0", "16");
    check_refused(&graph, 17, GY_NOT_FOUND, "gone.bin");
    external(&graph, "w.bin", "8", "16");
    check_refused(&graph, 17, GY_FORMAT, "has 20 bytes");
    external(&graph, "w.bin", "9223372036854775807", "16");
    check_refused(&graph, 17, GY_FORMAT, "has 20 bytes");
    external(&graph, "w.bin", "99999999999999999999999", "16");
    check_refused(&graph, 17, GY_FORMAT, "for a number");
    external(&graph, "w.bin", "0", "8");
    check_refused(&graph, 17, GY_FORMAT, "has 8 bytes, its shape asks for 16");
    unlink(scratch_path("w.bin"));
}

// If inside If inside If: each graph is the attribute of a node of the one around it.
static void test_nesting_is_bounded(void)
{
    gy_text inner = {0}, graph = {0};
    for (int depth = 0; depth < 40; depth++) {
        gy_text attribute = {0}, attributes = {0}, outer = {0};
        gy_proto_text(&attribute, 1, "then_branch");
        gy_proto_message(&attribute, 6, &inner);
        gy_proto_int(&attribute, 20, 5);
        gy_proto_message(&attributes, 5, &attribute);
        add_node(&outer, "Relu", "x", "y", &attributes);
        inner = outer;
    }
    gy_proto_join(&graph, &inner);
    add_x(&graph);
    add_y(&graph);
    check_refused(&graph, 17, GY_LIMIT, "over 16 deep");
}

// A function that calls itself twice: 2^n nodes from a few bytes.
static void test_functions_are_bounded(void)
{
    gy_text function = {0}, graph = {0}, model = {0}, import = {0};
    gy_error err = {0};
    gy_proto_text(&function, 1, "F");
    gy_proto_text(&function, 4, "a");
    gy_proto_text(&function, 5, "c");
    gy_proto_text(&function, 10, "");
    for (int i = 0; i < 2; i++) {
        gy_text node = {0};
        gy_proto_text(&node, 1, i == 0 ? "a" : "b");
        gy_proto_text(&node, 2, i == 0 ? "b" : "c");
        gy_proto_text(&node, 4, "F");
        gy_proto_message(&function, 7, &node);
    }
    add_node(&graph, "F", "x", "y", NULL);
    add_x(&graph);
    add_y(&graph);
    gy_proto_int(&import, 2, 17);
    gy_proto_int(&model, 1, 8);
    gy_proto_message(&model, 7, &graph);
    gy_proto_message(&model, 8, &import);
    gy_proto_message(&model, 25, &function);
    CHECK(gy_file_replace(scratch_path("f.onnx"), model.bytes, model.length, NULL) == GY_OK);
    CHECK(open_status(scratch_path("f.onnx"), &err) == GY_LIMIT);
    CHECK(strstr(err.message, "functions call each other") != NULL);
    gy_text_release(&model);
    unlink(scratch_path("f.onnx"));
}

static void test_every_allocation_and_read_may_fail(void)
{
    const char *const kinds[] = {"memory", "io"};
    for (size_t kind = 0; kind < 2; kind++) {
        gy_status status = GY_NO_MEMORY;
        int n = 1;
        for (; status != GY_OK && n < 2000; n++) {
            char fault[40];
            gy_error err = {0};
            snprintf(fault, sizeof(fault), "%s:%d", kinds[kind], n);
            const char *path = scratch_path("good.onnx");
            gy_fault_set(fault);
            status = open_status(path, &err);
            gy_fault_set(NULL);
            CHECK(status == GY_OK ||
                  (status == (kind == 0 ? GY_NO_MEMORY : GY_IO) && err.message[0] != '\0'));
        }
        CHECK(status == GY_OK && n > 2);
    }
    unlink(scratch_path("good.onnx"));
}

int main(void)
{
    RUN(test_a_model_runs);
    RUN(test_every_prefix_is_refused);
    RUN(test_every_byte_may_be_wrong);
    RUN(test_names_are_checked);
    RUN(test_operators_are_checked);
    RUN(test_an_opset_that_is_not_known_is_refused);
    RUN(test_what_is_declared_must_be_so);
    RUN(test_sizes_are_checked);
    RUN(test_constants_are_checked);
    RUN(test_external_data_stay_beneath_the_model);
    RUN(test_nesting_is_bounded);
    RUN(test_functions_are_bounded);
    RUN(test_every_allocation_and_read_may_fail);
    rmdir(scratch_path(""));
    return check_done();
}
