// SPDX-License-Identifier: Apache-2.0
//
// Writes official node tests as one C program: for each, the statements that its operators emit,
// between buffers filled from a data file; the program tells which outputs have the reference's
// bits. One line a folder on stdout: emitted NAME, or skipped NAME: why.
// usage: emit_node_tests OUT.c OUT.bin FOLDER...

#include <assert.h>

#include "model/op.h"
#include "node_test.h"
#include "rt/math.h"

/** The program and its data while they are written. */
typedef struct program {
    gy_text code, calls, data;
    size_t tests, tensors;
    size_t room_bytes; // of what the tests compute, each from 0
} program;

static size_t add_data(program *to, const void *bytes, size_t size_bytes)
{
    static const char zeros[64];
    gy_text_append(&to->data, zeros, (64 - to->data.length % 64) % 64);
    size_t at = to->data.length;
    gy_text_append(&to->data, bytes, size_bytes);
    return at;
}

static gy_status name_tensor(program *to, gy_tensor *tensor, size_t *room, bool is_given,
                             gy_arena *arena)
{
    if (tensor == NULL || tensor->c_name[0] != '\0')
        return GY_OK;
    const char *type = gy_dtype_c(tensor->dtype);
    char *name = gy_arena_format(arena, "t%zu", to->tensors++);
    assert(name != NULL);
    tensor->c_name = name;
    size_t size_bytes = tensor->count * gy_dtype_size(tensor->dtype);
    if (tensor->is_constant || is_given)
        gy_text_add(&to->code, "    const %s *const %s = (const %s *)(const void *)(data + %zu);\n",
                    type, name, type, add_data(to, tensor->data, size_bytes));
    else {
        gy_text_add(&to->code, "    %s *const %s = (%s *)(void *)(room + %zu);\n", type, name, type,
                    *room);
        *room += (size_bytes + 127) / 64 * 64;
    }
    gy_text_add(&to->code, "    (void)%s;\n", name);
    return GY_OK;
}

static bool has_strings(const gy_node *node)
{
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] != NULL && node->inputs[i]->dtype == GY_STRING)
            return true;
    for (size_t i = 0; i < node->output_count; i++)
        if (node->outputs[i] != NULL && node->outputs[i]->dtype == GY_STRING)
            return true;
    return false;
}

static void emit_node(program *to, const gy_node *node)
{
    gy_text body = {0};
    node->op->emit(node, &body);
    gy_text_add(&to->code, "    {\n");
    for (const char *at = body.bytes; at != NULL && *at != '\0';) {
        const char *end = strchr(at, '\n');
        size_t length = end == NULL ? strlen(at) : (size_t)(end - at) + 1;
        gy_text_add(&to->code, "        ");
        gy_text_append(&to->code, at, length);
        at += length;
    }
    gy_text_add(&to->code, "    }\n");
    gy_text_release(&body);
}

static void emit_check(program *to, const gy_tensor *output, const gy_array *wanted)
{
    size_t size_bytes = output->count * gy_dtype_size(output->dtype);
    if (output->is_constant || output->is_input || size_bytes == 0)
        return;
    if (output->dtype == GY_FLOAT32)
        gy_text_add(&to->code,
                    "    for (size_t i = 0; i < %zu; i++)\n        %s[i] = "
                    "gy_canonf(%s[i]);\n",
                    output->count, output->c_name, output->c_name);
    gy_text_add(&to->code, "    same = same && memcmp(%s, data + %zu, %zu) == 0;\n", output->c_name,
                add_data(to, wanted->data, size_bytes), size_bytes);
}

static gy_status emit_test(program *to, const char *name, gy_model *model, const gy_array *wanted,
                           gy_arena *arena, gy_error *err)
{
    gy_graph *graph = gy_model_graph(model);
    if (graph->node_count == 0)
        return gy_fail(err, GY_UNSUPPORTED, "all of it was computed while reading");
    for (size_t i = 0; i < graph->node_count; i++)
        if (has_strings(graph->nodes[i]) || graph->nodes[i]->op->emit == NULL)
            return gy_fail(err, GY_UNSUPPORTED, "%s emits nothing here", graph->nodes[i]->op->type);
    size_t room = 0;
    gy_text_add(&to->code, "\nstatic void test_%zu(void)\n{\n    int same = 1;\n", to->tests);
    for (size_t i = 0; i < graph->input_count; i++)
        GY_TRY(name_tensor(to, graph->inputs[i], &room, true, arena));
    for (size_t i = 0; i < graph->node_count; i++) {
        gy_node *node = graph->nodes[i];
        for (size_t k = 0; k < node->input_count; k++)
            GY_TRY(name_tensor(to, node->inputs[k], &room, false, arena));
        for (size_t k = 0; k < node->output_count; k++)
            GY_TRY(name_tensor(to, node->outputs[k], &room, false, arena));
        for (size_t k = 0; k < node->table_count; k++)
            if (node->tables[k]->dtype != GY_STRING)
                GY_TRY(name_tensor(to, node->tables[k], &room, false, arena));
        GY_TRY(name_tensor(to, node->scratch, &room, false, arena));
        emit_node(to, node);
    }
    for (size_t i = 0; i < graph->output_count; i++)
        emit_check(to, graph->outputs[i], &wanted[i]);
    gy_text_add(&to->code, "    printf(\"%%s %s\\n\", same ? \"same\" : \"differ\");\n}\n", name);
    gy_text_add(&to->calls, "    test_%zu();\n", to->tests++);
    to->room_bytes = room > to->room_bytes ? room : to->room_bytes;
    return GY_OK;
}

static gy_status add_test(program *to, const char *name, const node_test *test, size_t first,
                          gy_arena *arena, gy_error *err)
{
    gy_array given[PORTS_MAX], wanted[PORTS_MAX];
    size_t given_count, count;
    gy_model *model;
    GY_TRY(open_test(&model, given, &given_count, test, first, err));
    gy_model_outputs(model, &count);
    gy_status status = count > PORTS_MAX ? gy_fail(err, GY_LIMIT, "%zu outputs", count) : GY_OK;
    if (status == GY_OK)
        status = gy_model_run(wanted, model, given, given_count, arena, err);
    if (status == GY_OK)
        status = emit_test(to, name, model, wanted, arena, err);
    gy_model_close(model);
    return status;
}

static void add_folder(program *to, const char *folder, gy_arena *arena)
{
    const char *slash = strrchr(folder, '/'), *name = slash == NULL ? folder : slash + 1;
    node_test test = {.folder = folder};
    gy_error err = {0};
    gy_status status = GY_OK;
    test.input_count = read_values(test.inputs, folder, "input", arena, &status, &err);
    for (size_t first = 3; status == GY_OK && first > 0; first--) {
        status = add_test(to, name, &test, first == 3 ? SIZE_MAX : first - 1, arena, &err);
        if (status == GY_OK)
            break;
        status = first > 1 && status == GY_UNSUPPORTED ? GY_OK : status;
    }
    if (status == GY_OK)
        printf("emitted %s\n", name);
    else
        printf("skipped %s: %s\n", name, err.message);
}

static const char head[] =
    "#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
    "#include <string.h>\n\n#include \"rt/kernels/recurrent.h\"\n#include \"rt/kernels/svm.h\"\n\n"
    "static unsigned char *data, *room;\n";
static const char tail[] = "    return 0;\n}\n";

static void add_main(program *to)
{
    gy_text_add(&to->code,
                "\nint main(int count, char **args)\n{\n"
                "    FILE *file = count == 2 ? fopen(args[1], \"rb\") : NULL;\n"
                "    data = aligned_alloc(64, %zu);\n"
                "    room = aligned_alloc(64, %zu);\n"
                "    if (file == NULL || data == NULL || room == NULL)\n"
                "        return 2;\n"
                "    if (fread(data, 1, %zu, file) != %zu)\n        return 2;\n"
                "    fclose(file);\n",
                (to->data.length + 127) / 64 * 64, (to->room_bytes + 127) / 64 * 64,
                to->data.length, to->data.length);
    gy_text_append(&to->code, to->calls.bytes, to->calls.length);
    gy_text_add(&to->code, "%s", tail);
}

int main(int count, char **args)
{
    assert(count > 3);
    program to = {0};
    gy_text_add(&to.code, "%s", head);
    for (int i = 3; i < count; i++) {
        gy_arena arena = GY_ARENA_INIT;
        add_folder(&to, args[i], &arena);
        gy_arena_release(&arena);
    }
    add_main(&to);
    gy_error err = {0};
    gy_status status = to.code.status == GY_OK && to.data.status == GY_OK ? GY_OK : GY_NO_MEMORY;
    if (status == GY_OK)
        status = gy_file_replace(args[1], to.code.bytes, to.code.length, &err);
    if (status == GY_OK)
        status = gy_file_replace(args[2], to.data.bytes, to.data.length, &err);
    if (status != GY_OK)
        fprintf(stderr, "%s\n", err.message);
    gy_text_release(&to.code);
    gy_text_release(&to.calls);
    gy_text_release(&to.data);
    return gy_status_exit_code(status);
}
