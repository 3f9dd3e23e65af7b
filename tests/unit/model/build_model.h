// SPDX-License-Identifier: Apache-2.0
//
// ONNX files for tests, built field by field, so that they can be wrong where a test wants it.
#ifndef GYRE_TESTS_BUILD_MODEL_H
#define GYRE_TESTS_BUILD_MODEL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/file.h"
#include "check.h"
#include "gyre/model.h"
#include "model/proto.h"

/** A float input or output of up to three dimensions; a dimension below 0 is named "n". */
static inline void add_port(gy_text *graph, uint32_t number, const char *name, int elem,
                            const int64_t *shape, size_t rank)
{
    gy_text dims = {0}, type = {0}, whole = {0}, info = {0};
    for (size_t i = 0; i < rank; i++) {
        gy_text dim = {0};
        if (shape[i] == -1)
            gy_proto_text(&dim, 2, "n");
        else
            gy_proto_int(&dim, 1, shape[i]);
        gy_proto_message(&dims, 1, &dim);
    }
    gy_proto_int(&type, 1, elem);
    gy_proto_message(&type, 2, &dims);
    gy_proto_message(&whole, 1, &type);
    gy_proto_text(&info, 1, name);
    gy_proto_message(&info, 2, &whole);
    gy_proto_message(graph, number, &info);
}

static inline void add_x(gy_text *graph)
{
    add_port(graph, 11, "x", 1, (const int64_t[]){-1, 4}, 2);
}

static inline void add_y(gy_text *graph)
{
    add_port(graph, 12, "y", 1, (const int64_t[]){-1, 4}, 2);
}

/** A node; inputs and outputs are names between spaces. attributes may be NULL; released. */
static inline void add_node(gy_text *graph, const char *type, const char *inputs,
                            const char *outputs, gy_text *attributes)
{
    gy_text node = {0};
    const char *lists[] = {inputs, outputs};
    for (uint32_t side = 0; side < 2; side++)
        for (const char *at = lists[side]; *at != '\0';) {
            size_t length = strcspn(at, " ");
            gy_proto_bytes(&node, side + 1, at, length);
            at += length + (at[length] == ' ');
        }
    gy_proto_text(&node, 4, type);
    if (attributes != NULL)
        gy_proto_join(&node, attributes);
    gy_proto_message(graph, 1, &node);
}

static inline void add_ints_attribute(gy_text *attributes, const char *name, const int64_t *values,
                                      size_t count)
{
    gy_text text = {0};
    gy_proto_text(&text, 1, name);
    for (size_t i = 0; i < count; i++)
        gy_proto_int(&text, 8, values[i]);
    gy_proto_int(&text, 20, 7);
    gy_proto_message(attributes, 5, &text);
}

static inline void add_int64s(gy_text *graph, const char *name, const int64_t *values, size_t count)
{
    gy_tensor tensor = {
        .dtype = GY_INT64, .rank = 1, .shape = {count}, .count = count, .data = values};
    gy_proto_tensor(graph, 5, &tensor, name);
}

/** Close a model of that graph and opset into a file; releases graph. */
static inline void write_model(const char *path, gy_text *graph, int opset)
{
    gy_text model = {0}, import = {0};
    gy_proto_text(&import, 1, "");
    gy_proto_int(&import, 2, opset);
    gy_proto_int(&model, 1, 8);
    gy_proto_message(&model, 7, graph);
    gy_proto_message(&model, 8, &import);
    CHECK(gy_file_replace(path, model.bytes, model.length, NULL) == GY_OK);
    gy_text_release(&model);
}

/** A path in a folder of this test's own. */
static inline const char *scratch_path(const char *name)
{
    static char folder[64], path[256];
    if (folder[0] == '\0') {
        snprintf(folder, sizeof(folder), "test_model_%ld", (long)getpid());
        CHECK(gy_file_make_folders(folder, NULL) == GY_OK);
    }
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static inline gy_status open_status(const char *path, gy_error *err)
{
    gy_model *model;
    gy_status status = gy_model_open(&model, path, NULL, err);
    if (status == GY_OK)
        gy_model_close(model);
    return status;
}

/** Write, open, expect that status and those words in the message. */
static inline void check_refused(gy_text *graph, int opset, gy_status wanted, const char *words)
{
    char path[256];
    gy_error err = {0};
    snprintf(path, sizeof(path), "%s", scratch_path("refused.onnx"));
    write_model(path, graph, opset);
    gy_status status = open_status(path, &err);
    if (status != wanted || strstr(err.message, words) == NULL)
        printf("# status %d, not %d: %s\n", status, wanted, err.message);
    CHECK(status == wanted);
    CHECK(strstr(err.message, words) != NULL);
    unlink(path);
}

#endif
