// SPDX-License-Identifier: Apache-2.0
//
// Goal: samples are called apart only if each output of theirs hangs on its own inputs. Method:
// graphs that differ by one attribute, of which the one mixes and the other does not; and every
// allocation failing. (What programs make of it is compared with ONNX Runtime by
// cli/compile/samples_that_meet.)

#include "build_model.h"
#include "model/graph.h"

static void add_int_attribute(gy_text *attributes, const char *name, int64_t value)
{
    gy_text text = {0};
    gy_proto_text(&text, 1, name);
    gy_proto_int(&text, 3, value);
    gy_proto_int(&text, 20, 2);
    gy_proto_message(attributes, 5, &text);
}

static bool is_apart(gy_text *graph)
{
    bool apart = false;
    add_x(graph);
    gy_text name = {0};
    gy_proto_text(&name, 1, "y"); // of any type and shape
    gy_proto_message(graph, 12, &name);
    write_model(scratch_path("apart.onnx"), graph, 17);
    CHECK(gy_model_apart(&apart, scratch_path("apart.onnx"), &(gy_model_options){0}, NULL) ==
          GY_OK);
    unlink(scratch_path("apart.onnx"));
    return apart;
}

// A graph of one node with that axis.
static bool is_apart_along(const char *type, int64_t axis)
{
    gy_text graph = {0}, attributes = {0};
    add_int_attribute(&attributes, "axis", axis);
    add_node(&graph, type, "x", "y", &attributes);
    return is_apart(&graph);
}

static void test_an_axis_decides(void)
{
    CHECK(is_apart_along("Softmax", 1));
    CHECK(is_apart_along("Softmax", -1));
    CHECK(!is_apart_along("Softmax", 0));
    CHECK(!is_apart_along("Softmax", -2));
    CHECK(is_apart_along("Flatten", 1));
    CHECK(!is_apart_along("Flatten", 0));
}

// Reshape to [-1, 2, 2] and back keeps samples; with a turn between, rows are of several samples.
static bool is_apart_turned(const int64_t *perm)
{
    gy_text graph = {0}, attributes = {0};
    add_int64s(&graph, "split", (const int64_t[]){-1, 2, 2}, 3);
    add_int64s(&graph, "back", (const int64_t[]){-1, 4}, 2);
    add_ints_attribute(&attributes, "perm", perm, 3);
    add_node(&graph, "Reshape", "x split", "a", NULL);
    add_node(&graph, "Transpose", "a", "b", &attributes);
    add_node(&graph, "Reshape", "b back", "y", NULL);
    return is_apart(&graph);
}

static void test_views_keep_samples_only_in_front(void)
{
    CHECK(is_apart_turned((const int64_t[]){0, 1, 2}));
    CHECK(is_apart_turned((const int64_t[]){0, 2, 1}));
    CHECK(!is_apart_turned((const int64_t[]){1, 0, 2}));
    CHECK(!is_apart_turned((const int64_t[]){2, 1, 0}));
}

static void test_every_allocation_may_fail(void)
{
    gy_text graph = {0};
    bool apart = false;
    add_node(&graph, "Relu", "x", "y", NULL);
    add_x(&graph);
    add_y(&graph);
    write_model(scratch_path("apart.onnx"), &graph, 17);
    gy_status status = GY_NO_MEMORY;
    for (unsigned n = 1; status != GY_OK; n++) {
        gy_error err = {0};
        char fault[40];
        snprintf(fault, sizeof(fault), "memory:%u", n);
        gy_fault_set(fault);
        status = gy_model_apart(&apart, scratch_path("apart.onnx"), &(gy_model_options){0}, &err);
        gy_fault_set(NULL);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
    }
    CHECK(apart);
    unlink(scratch_path("apart.onnx"));
}

int main(void)
{
    RUN(test_an_axis_decides);
    RUN(test_views_keep_samples_only_in_front);
    RUN(test_every_allocation_may_fail);
    rmdir(scratch_path(""));
    return check_done();
}
