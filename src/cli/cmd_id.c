// SPDX-License-Identifier: Apache-2.0
//
// gyre id: the ids of files, or of a table's rows, one a line.

#include <stddef.h>
#include <string.h>

#include "cli/command.h"

typedef struct id_options {
    bool rows;
    gy_table_options table;
} id_options;

static const gy_option options[] = {
    {GY_OPTION_FLAG, "rows", 0, NULL, offsetof(id_options, rows),
     "the ids of a table's rows, in their order; - for a row that cannot be read"},
    {GY_OPTION_TEXT, "label", 0, "COLUMN", offsetof(id_options, table.label),
     "with --rows: the label, which is no part of an id"},
    {GY_OPTION_TEXT, "contract", 0, "FILE", offsetof(id_options, table.contract),
     "with --rows: the contract (default: NAME.contract.yaml beside the table)"},
    GY_OPTIONS_END,
};

static void print_row(gy_cli *cli, const gy_table *table, size_t row)
{
    bool has = (table->has_id[row / 8] >> row % 8 & 1) != 0;
    gy_id_hex hex = {"-"};
    if (has)
        hex = gy_id_text(&table->ids[row]);
    const char *id = hex.text;
    if (cli->json && has)
        fprintf(cli->out, "{\"row\":%zu,\"id\":\"%s\",\"occurrence\":%u}\n", table->first_row + row,
                id, table->occurrences[row]);
    else if (cli->json)
        fprintf(cli->out, "{\"row\":%zu,\"id\":null}\n", table->first_row + row);
    else
        fprintf(cli->out, "%s\n", id);
}

static gy_status print_rows(gy_cli *cli, const char *path, const gy_table_options *chosen,
                            gy_error *err)
{
    gy_table table;
    gy_marks marks;
    GY_TRY(gy_table_read(&table, path, chosen, cli->arena, err));
    GY_TRY(gy_table_marks(&marks, &table, chosen, cli->arena, err));
    GY_TRY(gy_table_ids(&table, &marks, cli->arena, err));
    for (size_t row = 0; row < table.rows; row++)
        print_row(cli, &table, row);
    if (table.file_fault != NULL && !cli->quiet)
        fprintf(stderr, "'%s': not every row has an id; the first without, %s\n", path,
                table.file_fault);
    return GY_OK;
}

static gy_status print_file(gy_cli *cli, const char *path, gy_error *err)
{
    gy_id id;
    GY_TRY(gy_id_of_file(&id, path, err));
    if (!cli->json) {
        fprintf(cli->out, "%s\n", gy_id_text(&id).text);
        return GY_OK;
    }
    gy_text line = {0};
    gy_text_add(&line, "{");
    gy_text_json_member(&line, "path", path);
    gy_text_add(&line, ",\"id\":\"%s\"}\n", gy_id_text(&id).text);
    if (line.status == GY_OK)
        fwrite(line.bytes, 1, line.length, cli->out);
    gy_status status = line.status;
    gy_text_release(&line);
    return status == GY_OK ? GY_OK : gy_fail(err, status, "no memory for a line");
}

static gy_status id_run(gy_cli *cli, gy_error *err)
{
    id_options chosen = {.table = {.tolerant = true}};
    GY_TRY(gy_options_parse(&chosen, &gy_command_id, cli, err));
    for (size_t i = 0; i < cli->operands; i++) {
        if (chosen.rows)
            GY_TRY(print_rows(cli, cli->args[i], &chosen.table, err));
        else
            GY_TRY(print_file(cli, cli->args[i], err));
    }
    return GY_OK;
}

const gy_command gy_command_id = {
    .name = "id",
    .usage = "gyre id PATH...\ngyre id --rows [--label COLUMN] [--contract FILE] TABLE...",
    .summary = "print the ids of files or of a table's rows, one a line",
    .group = "ledger",
    .details =
        "The id of a file is the SHA-256 of its bytes. The id of a row is the SHA-256 of what its "
        "cells say, whatever the format, the spelling and the order of the columns; the label and "
        "what the contract excludes are no part of it. A row that names a file (in the column that "
        "the contract marks, else the one named path) has that file's id.\n\nA table is a CSV, "
        "TSV, "
        "JSONL, Parquet, NPY, NPZ or IDX file, or a folder of images. No project is needed.",
    .examples = "gyre id images/0001.png\ngyre id --rows labels.csv",
    .options = options,
    .operands_min = 1,
    .operands_max = 100000,
    .run = id_run,
};
