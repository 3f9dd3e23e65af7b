// SPDX-License-Identifier: Apache-2.0
//
// The texts that a program's numbers stand for. Text of a model is data: whatever is not plain is
// written as octal, which no letter behind it can lengthen.

#include <string.h>

#include "compile/emit.h"

static void add_literal(gy_text *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-";
    gy_text_add(out, "\"");
    for (const char *at = text; *at != '\0'; at++)
        if (strchr(plain, *at) != NULL)
            gy_text_append(out, at, 1);
        else
            gy_text_add(out, "\\%03o", (unsigned)(unsigned char)*at);
    gy_text_add(out, "\"");
}

/** One side of a program. */
typedef struct side {
    const char *macro, *name;
    gy_tensor *const *ports;
    const gy_vocabulary *const *texts;
    size_t count;
} side;

static side side_of(const gy_program *program, bool is_output)
{
    const gy_graph *graph = program->graph;
    return is_output
               ? (side){"OUTPUT", "output", graph->outputs, program->texts.outputs,
                        graph->output_count}
               : (side){"INPUT", "input", graph->inputs, program->texts.inputs, graph->input_count};
}

void gy_emit_texts_header(gy_text *out, const gy_program *program)
{
    const char *name = program->name;
    for (int is_output = 0; is_output < 2; is_output++) {
        side s = side_of(program, is_output);
        for (size_t i = 0; i < s.count; i++) {
            if (s.texts[i] == NULL)
                continue;
            gy_text_add(out, "\n// Elements of %c%zu are places in this table%s.\n",
                        is_output ? 'y' : 'x', i, is_output ? "" : ", or -1 for any other text");
            gy_text_add(out, "#define %s_%s_%zu_TEXTS %zu\n", name, s.macro, i, s.texts[i]->count);
            gy_text_add(out, "extern const char *const %s_%s_%zu_text[%s_%s_%zu_TEXTS + 1];\n",
                        name, s.name, i, name, s.macro, i);
            if (!is_output)
                gy_text_add(out,
                            "int64_t %s_input_%zu_place(const char *text); // of a text in it\n",
                            name, i);
        }
    }
}

static void emit_place(gy_text *out, const char *name, size_t i)
{
    gy_text_add(out, "\nint64_t %s_input_%zu_place(const char *text)\n{\n", name, i);
    gy_text_add(out, "    for (int64_t i = 0; i < %s_INPUT_%zu_TEXTS; i++) {\n", name, i);
    gy_text_add(out, "        const char *a = text, *b = %s_input_%zu_text[i];\n", name, i);
    gy_text_add(out, "        while (*a != 0 && *a == *b)\n            a++, b++;\n"
                     "        if (*a == *b)\n            return i;\n    }\n    return -1;\n}\n");
}

void gy_emit_texts(gy_text *out, const gy_program *program)
{
    const char *name = program->name;
    for (int is_output = 0; is_output < 2; is_output++) {
        side s = side_of(program, is_output);
        for (size_t i = 0; i < s.count; i++) {
            if (s.texts[i] == NULL)
                continue;
            gy_text_add(out, "\nconst char *const %s_%s_%zu_text[%s_%s_%zu_TEXTS + 1] = {\n", name,
                        s.name, i, name, s.macro, i);
            for (size_t k = 0; k < s.texts[i]->count; k++) {
                gy_text_add(out, "    ");
                add_literal(out, s.texts[i]->texts[k]);
                gy_text_add(out, ",\n");
            }
            gy_text_add(out, "    0,\n};\n");
            if (!is_output)
                emit_place(out, name, i);
        }
    }
}

void gy_emit_texts_lists(gy_text *out, const gy_program *program)
{
    for (int is_output = 0; is_output < 2; is_output++) {
        side s = side_of(program, is_output);
        if (!gy_vocabulary_any(s.texts, s.count))
            continue;
        gy_text_add(out, "\nstatic const gy_abi_texts %s_texts[] = {\n", s.name);
        for (size_t i = 0; i < s.count; i++)
            if (s.texts[i] == NULL)
                gy_text_add(out, "    {0, NULL},\n");
            else
                gy_text_add(out, "    {%s_%s_%zu_TEXTS, %s_%s_%zu_text},\n", program->name, s.macro,
                            i, program->name, s.name, i);
        gy_text_add(out, "};\n");
    }
}
