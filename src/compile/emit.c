// SPDX-License-Identifier: Apache-2.0
//
// NAME.h and NAME.c: a function for each node, one that calls them in order on the planned memory,
// and the model's description as in rt/abi.h.

#include "compile/emit.h"

#include <ctype.h>
#include <string.h>

#include "compile/lowered_ops.h"
#include "compile/texts.h"

void gy_emit_licence(gy_text *out, const gy_program *program, const char *what)
{
    gy_text_add(out, "// SPDX-License-Identifier: 0BSD\n//\n// %s\n", what);
    gy_text_add(out, "// Made by gyre %s for target %s from the ONNX file with SHA-256\n// %s.\n",
                gy_version(), program->target->name, gy_id_text(&program->source).text);
}

// ---- NAME.h

static void emit_shape_comment(gy_text *out, const gy_tensor *tensor)
{
    gy_text_add(out, "%s[", gy_dtype_name(tensor->dtype));
    for (size_t i = 0; i < tensor->rank; i++)
        gy_text_add(out, "%s%zu", i == 0 ? "" : "][", tensor->shape[i]);
    gy_text_add(out, "]");
}

static void emit_port_macros(gy_text *out, const gy_program *program, const char *kind,
                             gy_tensor *const *tensors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        gy_text_add(out, "#define %s_%s_%zu_COUNT %zu // ", program->name, kind, i,
                    tensors[i]->count);
        emit_shape_comment(out, tensors[i]);
        gy_text_add(out, "\n");
    }
}

static void emit_run_parameters(gy_text *out, const gy_program *program)
{
    const gy_graph *graph = program->graph;
    for (size_t i = 0; i < graph->input_count; i++)
        gy_text_add(out, "const %s *x%zu, ", gy_dtype_c(graph->inputs[i]->dtype), i);
    for (size_t i = 0; i < graph->output_count; i++)
        gy_text_add(out, "%s *y%zu, ", gy_dtype_c(graph->outputs[i]->dtype), i);
    gy_text_add(out, "void *arena");
    if (program->weights == GY_WEIGHTS_FILE)
        gy_text_add(out, ", const void *weights");
}

void gy_emit_header(gy_text *out, const gy_program *program)
{
    const gy_graph *graph = program->graph;
    const char *name = program->name;
    gy_emit_licence(out, program, "A compiled model: what to call.");
    gy_text_add(out, "#ifndef %s_H\n#define %s_H\n\n#include <stddef.h>\n#include <stdint.h>\n\n",
                name, name);
    gy_text_add(out, "#include \"gyre_abi.h\"\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    gy_text_add(out, "#define %s_BATCH %zu // samples a call; 0: no batch axis\n", name,
                program->batch);
    gy_text_add(out, "#define %s_ARENA_BYTES %zu // memory that a call needs\n", name,
                program->plan.arena_bytes);
    gy_text_add(out, "#define %s_ARENA_ALIGN %zu\n", name, program->target->align_bytes);
    emit_port_macros(out, program, "INPUT", graph->inputs, graph->input_count);
    emit_port_macros(out, program, "OUTPUT", graph->outputs, graph->output_count);
    gy_emit_texts_header(out, program);
    gy_text_add(out, "\n// Whether this memory will do: 0; 1: too small; 2: not aligned.\n");
    gy_text_add(out, "int %s_init(const void *arena, size_t arena_bytes);\n", name);
    gy_text_add(out,
                "\n// Compute the outputs. No allocation, no state: calls that run at once need "
                "an arena each.\n");
    gy_text_add(out, "void %s_run(", name);
    emit_run_parameters(out, program);
    gy_text_add(out, ");\n\n// The same behind one description, see gyre_abi.h.\n");
    gy_text_add(out, "const gy_abi_model *%s_model(void);\n\n", name);
    gy_text_add(out, "#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}

// ---- the nodes

// The parameters of a node's function: each tensor once. WRITE is what is done with one.
typedef void port_writer(gy_text *out, const gy_program *program, const gy_node *node,
                         const gy_tensor *tensor);

static bool is_port_before(const gy_node *node, size_t place)
{
    for (size_t i = 0; i < place; i++)
        if (node->inputs[i] == node->inputs[place])
            return true;
    return false;
}

static void each_port(gy_text *out, const gy_program *program, const gy_node *node,
                      port_writer *write)
{
    size_t written = 0;
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] != NULL && !is_port_before(node, i)) {
            gy_text_add(out, written++ == 0 ? "" : ", ");
            write(out, program, node, node->inputs[i]);
        }
    for (size_t i = 0; i < node->table_count; i++) {
        gy_text_add(out, written++ == 0 ? "" : ", ");
        write(out, program, node, node->tables[i]);
    }
    for (size_t i = 0; i < node->output_count; i++)
        if (node->outputs[i] != NULL) {
            gy_text_add(out, written++ == 0 ? "" : ", ");
            write(out, program, node, node->outputs[i]);
        }
    if (node->scratch != NULL) {
        gy_text_add(out, written == 0 ? "" : ", ");
        write(out, program, node, node->scratch);
    }
}

static bool is_written(const gy_node *node, const gy_tensor *tensor)
{
    for (size_t i = 0; i < node->output_count; i++)
        if (node->outputs[i] == tensor)
            return true;
    return tensor == node->scratch;
}

static void write_parameter(gy_text *out, const gy_program *program, const gy_node *node,
                            const gy_tensor *tensor)
{
    bool written = is_written(node, tensor);
    bool alone = written && !gy_plan_in_place(&program->plan, node);
    gy_text_add(out, "%s%s *%s%s", written ? "" : "const ", gy_dtype_c(tensor->dtype),
                alone ? "restrict " : "", tensor->c_name);
}

static void write_argument(gy_text *out, const gy_program *program, const gy_node *node,
                           const gy_tensor *tensor)
{
    const gy_planned *at = gy_plan_of(&program->plan, tensor);
    const char *type = gy_dtype_c(tensor->dtype),
               *constant = is_written(node, tensor) ? "" : "const ";
    if (at->place == GY_PLACE_CONSTANT && program->weights == GY_WEIGHTS_TEXT)
        gy_text_add(out, "w%zu", at->number);
    else if (at->place == GY_PLACE_CONSTANT)
        gy_text_add(out, "(const %s *)(const void *)(w + %zu)", type, at->offset_bytes);
    else if (at->place == GY_PLACE_INPUT)
        gy_text_add(out, "(const %s *)x[%zu]", type, at->number);
    else if (at->place == GY_PLACE_OUTPUT)
        gy_text_add(out, "(%s%s *)y[%zu]", constant, type, at->number);
    else
        gy_text_add(out, "(%s%s *)(void *)(a + %zu)", constant, type, at->offset_bytes);
}

// Indent a node's statements by one level.
static void append_indented(gy_text *out, const char *lines)
{
    while (lines != NULL && *lines != '\0') {
        const char *end = strchr(lines, '\n');
        size_t length = end == NULL ? strlen(lines) : (size_t)(end - lines);
        if (length > 0 && lines[0] != '#')
            gy_text_append(out, "    ", 4);
        gy_text_append(out, lines, length);
        gy_text_append(out, "\n", 1);
        lines = end == NULL ? NULL : end + 1;
    }
}

// A view whose two tensors share their memory is no work at all.
static bool is_free(const gy_program *program, const gy_node *node)
{
    return node->op == &gy_lowered_view && gy_plan_of(&program->plan, node->inputs[0]) ==
                                               gy_plan_of(&program->plan, node->outputs[0]);
}

static void write_name(gy_text *out, const gy_program *program, const gy_node *node,
                       const gy_tensor *tensor)
{
    (void)program, (void)node;
    gy_text_add(out, "%s", tensor->c_name);
}

static bool mentions(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = text; (at = strstr(at, name)) != NULL; at += length)
        if ((at == text || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[length]))
            return true;
    return false;
}

// Where a size is 0 or a constant was folded into the code, a parameter has no use.
static void emit_unused(gy_text *out, const gy_program *program, const gy_node *node,
                        const gy_text *body)
{
    gy_text names = {0};
    each_port(&names, program, node, write_name);
    if (names.status != GY_OK)
        out->status = names.status;
    char *rest = names.bytes;
    for (char *name; rest != NULL && (name = strtok_r(rest, ", ", &rest)) != NULL;)
        if (body->length == 0 || !mentions(body->bytes, name))
            gy_text_add(out, "    (void)%s;\n", name);
    gy_text_release(&names);
}

static void emit_node(gy_text *out, const gy_program *program, size_t number)
{
    const gy_node *node = program->graph->nodes[number];
    gy_text body = {0};
    if (node->op->domain[0] == 'g')
        gy_emit_lowered(&body, node, program->target);
    else
        node->op->emit(node, &body);
    if (body.status != GY_OK)
        out->status = body.status;
    gy_text_add(out, "\n// %s\nstatic void n%zu(", node->op->type, number);
    each_port(out, program, node, write_parameter);
    gy_text_add(out, ")\n{\n");
    emit_unused(out, program, node, &body);
    append_indented(out, body.length == 0 ? "" : body.bytes);
    gy_text_add(out, "}\n");
    gy_text_release(&body);
}

// ---- running them

// An output that no node writes: an input, a constant, or a tensor that is another output too.
static void emit_copies(gy_text *out, const gy_program *program)
{
    const gy_graph *graph = program->graph;
    for (size_t i = 0; i < graph->output_count; i++) {
        const gy_tensor *tensor = graph->outputs[i];
        const gy_planned *at = gy_plan_of(&program->plan, tensor);
        if (at->place == GY_PLACE_OUTPUT && at->number == i)
            continue;
        gy_node none = {0};
        gy_text_add(out, "    memcpy(y[%zu], ", i);
        write_argument(out, program, &none, tensor);
        gy_text_add(out, ", %zu);\n", tensor->count * gy_dtype_size(tensor->dtype));
    }
    for (size_t i = 0; i < graph->output_count; i++)
        if (graph->outputs[i]->dtype == GY_FLOAT32)
            gy_text_add(out, "    canon((float *)y[%zu], %zu);\n", i, graph->outputs[i]->count);
}

static void emit_run(gy_text *out, const gy_program *program)
{
    const gy_graph *graph = program->graph;
    gy_text_add(out,
                "\n// All nodes in order: x inputs, y outputs, a the caller's arena, w weights.\n"
                "static void run(const void *const *x, void *const *y, unsigned char *a, "
                "const unsigned char *w)\n{\n");
    gy_text_add(out, "    (void)x, (void)y, (void)a, (void)w;\n");
    for (size_t i = 0; i < graph->node_count; i++) {
        if (is_free(program, graph->nodes[i]))
            continue;
        gy_text_add(out, "    n%zu(", i);
        each_port(out, program, graph->nodes[i], write_argument);
        gy_text_add(out, ");\n");
    }
    emit_copies(out, program);
    gy_text_add(out, "}\n");
}

// ---- the description

static int onnx_type(gy_dtype dtype)
{
    static const int types[] = {
        [GY_FLOAT32] = 1,  [GY_UINT8] = 2,   [GY_INT8] = 3,   [GY_UINT16] = 4, [GY_INT16] = 5,
        [GY_INT32] = 6,    [GY_INT64] = 7,   [GY_STRING] = 8, [GY_BOOL] = 9,   [GY_FLOAT16] = 10,
        [GY_FLOAT64] = 11, [GY_UINT32] = 12, [GY_UINT64] = 13};
    return types[dtype];
}

static void emit_ports(gy_text *out, const char *name, gy_tensor *const *tensors, size_t count)
{
    gy_text_add(out, "\nstatic const gy_abi_port %s[] = {\n", name);
    for (size_t i = 0; i < count; i++) {
        const gy_tensor *tensor = tensors[i];
        gy_text_add(out, "    {%d, %zu, {", onnx_type(tensor->dtype), tensor->rank);
        for (size_t k = 0; k < tensor->rank; k++)
            gy_text_add(out, "%s%zu", k == 0 ? "" : ", ", tensor->shape[k]);
        gy_text_add(out, "%s}, %zu, %zu},\n", tensor->rank == 0 ? "0" : "", tensor->count,
                    tensor->count * gy_dtype_size(tensor->dtype));
    }
    if (count == 0)
        gy_text_add(out, "    {0, 0, {0}, 0, 0},\n");
    gy_text_add(out, "};\n");
}

static void emit_description(gy_text *out, const gy_program *program)
{
    const gy_graph *graph = program->graph;
    const char *name = program->name;
    emit_ports(out, "inputs", graph->inputs, graph->input_count);
    emit_ports(out, "outputs", graph->outputs, graph->output_count);
    gy_emit_texts_lists(out, program);
    gy_text_add(out, "\nstatic void run_abi(const void *const *x, void *const *y, void *arena, "
                     "const void *weights)\n{\n");
    gy_text_add(out, "    (void)weights;\n    run(x, y, (unsigned char *)arena, ");
    if (program->weights == GY_WEIGHTS_FILE)
        gy_text_add(out, "(const unsigned char *)weights);\n}\n");
    else if (program->weights == GY_WEIGHTS_OBJECT && program->plan.constant_count > 0)
        gy_text_add(out, "%s_weights);\n}\n", name);
    else
        gy_text_add(out, "NULL);\n}\n");
    gy_text_add(out, "\nstatic const gy_abi_model model = {\n    .version = GY_ABI_VERSION,\n"
                     "    .size_bytes = sizeof(gy_abi_model),\n    .source = {");
    for (size_t i = 0; i < 32; i++)
        gy_text_add(out, "%s%u", i == 0 ? "" : ", ", program->source.bytes[i]);
    gy_text_add(out, "},\n    .input_count = %zu,\n    .output_count = %zu,\n", graph->input_count,
                graph->output_count);
    gy_text_add(out, "    .inputs = inputs,\n    .outputs = outputs,\n    .batch = %zu,\n",
                program->batch);
    gy_text_add(out,
                "    .arena_bytes = %zu,\n    .arena_align = %zu,\n    .weights_bytes = %zu,\n",
                program->plan.arena_bytes, program->target->align_bytes,
                program->weights == GY_WEIGHTS_FILE ? program->plan.constant_bytes : 0);
    gy_text_add(
        out,
        "    .kernels = KERNELS,\n    .run = run_abi,\n    .input_texts = %s,\n"
        "    .output_texts = %s,\n};\n",
        gy_vocabulary_any(program->texts.inputs, graph->input_count) ? "input_texts" : "NULL",
        gy_vocabulary_any(program->texts.outputs, graph->output_count) ? "output_texts" : "NULL");
}

static void emit_entry(gy_text *out, const gy_program *program)
{
    const gy_graph *graph = program->graph;
    const char *name = program->name;
    gy_text_add(out, "\nconst gy_abi_model *%s_model(void)\n{\n    return &model;\n}\n", name);
    gy_text_add(out, "\nint %s_init(const void *arena, size_t arena_bytes)\n{\n", name);
    if (program->plan.arena_bytes > 0)
        gy_text_add(out, "    if (arena_bytes < %s_ARENA_BYTES)\n        return 1;\n", name);
    else
        gy_text_add(out, "    (void)arena_bytes;\n");
    gy_text_add(out, "    return (uintptr_t)arena %% %s_ARENA_ALIGN == 0 ? 0 : 2;\n}\n", name);
    gy_text_add(out, "\nvoid %s_run(", name);
    emit_run_parameters(out, program);
    gy_text_add(out, ")\n{\n    const void *const x[] = {");
    for (size_t i = 0; i < graph->input_count; i++)
        gy_text_add(out, "%sx%zu", i == 0 ? "" : ", ", i);
    gy_text_add(out, "%s};\n    void *const y[] = {", graph->input_count == 0 ? "NULL" : "");
    for (size_t i = 0; i < graph->output_count; i++)
        gy_text_add(out, "%sy%zu", i == 0 ? "" : ", ", i);
    gy_text_add(out, "%s};\n    %s_model()->run(x, y, arena, %s);\n}\n",
                graph->output_count == 0 ? "NULL" : "", name,
                program->weights == GY_WEIGHTS_FILE ? "weights" : "NULL");
}

// ---- NAME.c

static void emit_preamble(gy_text *out, const gy_program *program)
{
    gy_emit_licence(out, program, "A compiled model.");
    gy_text_add(out,
                "\n// Products are added by fma alone: no compiler may do it by itself.\n"
                "#if defined(__clang__)\n#pragma STDC FP_CONTRACT OFF\n"
                "#pragma clang diagnostic ignored \"-Wunused-function\"\n"
                "#elif defined(__GNUC__) && !defined(__STRICT_ANSI__)\n"
                "#pragma GCC optimize(\"fp-contract=off\")\n#endif\n\n"
                "#include <stdbool.h>\n#include <string.h>\n\n#include \"%s.h\"\n",
                program->name);
    if (program->target->kernels == GY_KERNELS_PLAIN)
        gy_emit_kernels(out, program);
    else
        gy_text_add(out, "#include \"%s_kernels.h\"\n", program->name);
}

void gy_emit_source(gy_text *out, const gy_program *program)
{
    bool host = program->target->kernels == GY_KERNELS_HOST;
    emit_preamble(out, program);
    if (host) // compiled once for each kind of processor
        gy_text_add(out, "\n#define TEXT(level) #level\n#define TEXT_OF(level) TEXT(level)\n"
                         "#define KERNELS TEXT_OF(GYRE_LEVEL)\n");
    else
        gy_text_add(out,
                    "\n#ifdef GY_LANES_NAME\n#define KERNELS GY_LANES_NAME\n#else\n"
                    "#define KERNELS \"%s\"\n#endif\n",
                    program->target->name);
    if (program->weights == GY_WEIGHTS_TEXT)
        gy_emit_weights_text(out, program);
    else if (program->weights == GY_WEIGHTS_OBJECT && program->plan.constant_count > 0)
        gy_text_add(out, "\nextern const unsigned char %s_weights[];\n", program->name);
    gy_text_add(out,
                "\n// NaN in one form: processors differ in the NaN that an operation makes.\n"
                "static inline void canon(float *y, size_t count)\n{\n"
                "    for (size_t i = 0; i < count; i++)\n        y[i] = gy_canonf(y[i]);\n}\n");
    for (size_t i = 0; i < program->graph->node_count; i++)
        if (!is_free(program, program->graph->nodes[i]))
            emit_node(out, program, i);
    emit_run(out, program);
    emit_description(out, program);
    if (!host) {
        gy_emit_texts(out, program);
        emit_entry(out, program);
        return;
    }
    gy_text_add(out,
                "\n#define JOIN(a, b) a##b\n#define NAME_OF(level) JOIN(%s_model_, level)\n"
                "const gy_abi_model *NAME_OF(GYRE_LEVEL)(void);\n"
                "const gy_abi_model *NAME_OF(GYRE_LEVEL)(void)\n{\n    return &model;\n}\n",
                program->name);
}

void gy_emit_host(gy_text *out, const gy_program *program)
{
    const char *name = program->name;
    gy_emit_licence(out, program, "A compiled model: picks what this processor can run.");
    gy_text_add(out, "\n#include <stdlib.h>\n#include <string.h>\n\n#include \"%s.h\"\n\n", name);
    for (size_t i = 0; i < 3; i++)
        gy_text_add(out, "const gy_abi_model *%s_model_%s(void);\n", name,
                    (const char *[]){"plain", "avx2", "avx512"}[i]);
    gy_text_add(out, "\n// GYRE_CPU=plain or avx2 limits the choice.\n"
                     "static int limit(void)\n{\n    const char *cpu = getenv(\"GYRE_CPU\");\n"
                     "    return cpu == NULL ? 2 : strcmp(cpu, \"plain\") == 0 ? 0 : "
                     "strcmp(cpu, \"avx2\") == 0 ? 1 : 2;\n}\n\n");
    gy_text_add(out,
                "const gy_abi_model *%s_model(void)\n{\n    int most = limit();\n"
                "    (void)most;\n",
                name);
    gy_text_add(out,
                "#ifdef HAVE_avx512\n"
                "    if (most >= 2 && __builtin_cpu_supports(\"avx512f\") && "
                "__builtin_cpu_supports(\"avx512vl\") &&\n"
                "        __builtin_cpu_supports(\"avx512bw\") && "
                "__builtin_cpu_supports(\"avx512dq\") &&\n"
                "        __builtin_cpu_supports(\"avx512vnni\"))\n"
                "        return %s_model_avx512();\n#endif\n",
                name);
    gy_text_add(out,
                "#ifdef HAVE_avx2\n"
                "    if (most >= 1 && __builtin_cpu_supports(\"avx2\") && "
                "__builtin_cpu_supports(\"fma\"))\n"
                "        return %s_model_avx2();\n#endif\n",
                name);
    gy_text_add(out,
                "#ifdef HAVE_plain\n    return %s_model_plain();\n#else\n"
                "    return NULL; // it was not built for this processor\n#endif\n}\n\n",
                name);
    gy_text_add(out,
                "__attribute__((visibility(\"default\"))) const gy_abi_model "
                "*gyre_model(void);\n"
                "const gy_abi_model *gyre_model(void)\n{\n    return %s_model();\n}\n",
                name);
    gy_emit_texts(out, program);
    gy_text entry = {0};
    emit_entry(&entry, program);
    // All of it but the description, which is chosen above.
    const char *rest = entry.bytes == NULL ? "" : strstr(entry.bytes, "\nint ");
    gy_text_add(out, "%s", rest == NULL ? "" : rest);
    if (entry.status != GY_OK)
        out->status = entry.status;
    gy_text_release(&entry);
}
