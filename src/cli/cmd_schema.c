// SPDX-License-Identifier: Apache-2.0
//
// gyre schema: what a table seems to be, as a contract to edit.

#include <stddef.h>

#include "cli/command.h"

typedef struct schema_options {
    const char *output, *label;
} schema_options;

static const gy_option options[] = {
    {GY_OPTION_TEXT, "output", 'o', "FILE", offsetof(schema_options, output),
     "write the contract here (usual: NAME.contract.yaml beside the table)"},
    {GY_OPTION_TEXT, "label", 0, "COLUMN", offsetof(schema_options, label),
     "the label (default: the first of label, target, class, y)"},
    GY_OPTIONS_END,
};

static gy_status schema_run(gy_cli *cli, gy_error *err)
{
    schema_options chosen = {0};
    GY_TRY(gy_options_parse(&chosen, &gy_command_schema, cli, err));
    gy_text yaml = {0}, json = {0};
    gy_status status = gy_schema_infer(&yaml, cli->args[0], chosen.label, err);
    if (status == GY_OK && chosen.output != NULL) {
        status = gy_schema_write(&yaml, chosen.output, err);
    } else if (status == GY_OK && cli->json) {
        status = gy_schema_to_json(&json, &yaml, cli->arena, err);
        if (status == GY_OK)
            fprintf(cli->out, "%s\n", json.bytes);
    } else if (status == GY_OK) {
        fwrite(yaml.bytes, 1, yaml.length, cli->out);
    }
    gy_text_release(&json);
    gy_text_release(&yaml);
    return status;
}

const gy_command gy_command_schema = {
    .name = "schema",
    .usage = "gyre schema [-o FILE] [--label COLUMN] TABLE",
    .summary = "write down what a table seems to be, as a contract to edit",
    .group = "quality",
    .details =
        "The contract (a strict subset of the Open Data Contract Standard 3.1, in YAML) says for "
        "each column its type, whether every row has a value, whether values are unique, the "
        "values "
        "of a category, whether it names files or images, and which is the label. What under one "
        "row in a hundred is otherwise is taken for a fault: a comment beside the rule says how "
        "many rows that are. Read it, correct it; gyre check then holds the table to it.",
    .examples = "gyre schema labels.csv -o labels.contract.yaml\ngyre check labels.csv",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = schema_run,
};
