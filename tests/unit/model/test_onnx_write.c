// SPDX-License-Identifier: Apache-2.0
//
// Goal: a graph that is written reads back as the same graph, also where its operators' attributes
// have become inputs in the meantime. That onnx.checker accepts what is written, and that it runs
// as before, is held for every official node test by tests/model/node_tests.py.

#include "build_model.h"
#include "model/op.h"

static gy_status rewrite(const char *from, const char *to, int opset, gy_error *err)
{
    gy_model *model;
    GY_TRY(gy_model_open(&model, from, NULL, err));
    gy_graph *graph = gy_model_graph(model);
    for (size_t i = 0; i < graph->opset_count; i++)
        graph->opsets[i].version = opset;
    gy_text bytes = {0};
    gy_status status = gy_onnx_write(&bytes, graph, err);
    if (status == GY_OK)
        status = gy_file_replace(to, bytes.bytes, bytes.length, err);
    gy_text_release(&bytes);
    gy_model_close(model);
    return status;
}

static void test_attributes_become_inputs_in_a_later_opset(void)
{
    gy_text graph = {0}, attributes = {0};
    char from[128], to[128];
    snprintf(from, sizeof(from), "%s", scratch_path("old.onnx"));
    snprintf(to, sizeof(to), "%s", scratch_path("new.onnx"));
    add_ints_attribute(&attributes, "axes", (const int64_t[]){0}, 1);
    add_node(&graph, "Unsqueeze", "x", "y", &attributes);
    add_x(&graph);
    add_port(&graph, 12, "y", 1, (const int64_t[]){1, -1, 4}, 3);
    write_model(from, &graph, 11);
    CHECK(rewrite(from, to, 13, NULL) == GY_OK);
    gy_model *model = NULL;
    gy_model_options options = {.batch = 5};
    CHECK(gy_model_open(&model, to, &options, NULL) == GY_OK);
    const gy_graph *written = gy_model_graph(model);
    CHECK(written->node_count == 1 && written->nodes[0]->opset == 13);
    CHECK(written->nodes[0]->input_count == 2 && written->nodes[0]->attribute_count == 0);
    CHECK(written->outputs[0]->shape[0] == 1 && written->outputs[0]->shape[1] == 5);
    gy_model_close(model);
    unlink(from);
    unlink(to);
}

// An exporter's "first size as it is" folds to the batch of reading; the file must not keep that.
static void test_a_reshape_keeps_the_batch_open(void)
{
    gy_text graph = {0};
    char from[128], to[128];
    snprintf(from, sizeof(from), "%s", scratch_path("old.onnx"));
    snprintf(to, sizeof(to), "%s", scratch_path("new.onnx"));
    add_int64s(&graph, "rest", (const int64_t[]){2, 2}, 2);
    add_int64s(&graph, "zero", (const int64_t[]){0}, 1);
    add_node(&graph, "Shape", "x", "sizes", NULL);
    add_node(&graph, "Gather", "sizes zero", "first", NULL);
    gy_text attributes = {0}, axis = {0};
    gy_proto_text(&axis, 1, "axis");
    gy_proto_int(&axis, 3, 0);
    gy_proto_int(&axis, 20, 2);
    gy_proto_message(&attributes, 5, &axis);
    add_node(&graph, "Concat", "first rest", "shape", &attributes);
    add_node(&graph, "Reshape", "x shape", "y", NULL);
    add_x(&graph);
    add_port(&graph, 12, "y", 1, (const int64_t[]){-1, 2, 2}, 3);
    write_model(from, &graph, 17);
    CHECK(rewrite(from, to, 17, NULL) == GY_OK);
    gy_model *model = NULL;
    gy_model_options options = {.batch = 3};
    CHECK(gy_model_open(&model, to, &options, NULL) == GY_OK);
    CHECK(gy_model_graph(model)->node_count == 1);
    CHECK(gy_model_graph(model)->outputs[0]->shape[0] == 3);
    gy_model_close(model);
    unlink(from);
    unlink(to);
}

static void test_every_allocation_may_fail(void)
{
    gy_text graph = {0};
    char from[128];
    snprintf(from, sizeof(from), "%s", scratch_path("old.onnx"));
    add_int64s(&graph, "shape", (const int64_t[]){0, 2, 2}, 3);
    add_node(&graph, "Reshape", "x shape", "y", NULL);
    add_x(&graph);
    add_port(&graph, 12, "y", 1, (const int64_t[]){-1, 2, 2}, 3);
    write_model(from, &graph, 17);
    gy_model *model = NULL;
    CHECK(gy_model_open(&model, from, NULL, NULL) == GY_OK);
    gy_status status = GY_NO_MEMORY;
    for (int n = 1; status == GY_NO_MEMORY && n < 1000; n++) {
        char fault[40];
        gy_error err = {0};
        gy_text bytes = {0};
        snprintf(fault, sizeof(fault), "memory:%d", n);
        gy_fault_set(fault);
        status = gy_onnx_write(&bytes, gy_model_graph(model), &err);
        gy_fault_set(NULL);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        gy_text_release(&bytes);
    }
    CHECK(status == GY_OK);
    gy_model_close(model);
    unlink(from);
}

int main(void)
{
    RUN(test_attributes_become_inputs_in_a_later_opset);
    RUN(test_a_reshape_keeps_the_batch_open);
    RUN(test_every_allocation_may_fail);
    rmdir(scratch_path(""));
    return check_done();
}
