// SPDX-License-Identifier: Apache-2.0
//
// gyre profile: what a table holds.

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "cli/command.h"

typedef struct profile_options {
    const char *contract;
} profile_options;

static const gy_option options[] = {
    {GY_OPTION_TEXT, "contract", 0, "FILE", offsetof(profile_options, contract),
     "the contract, for its marks (default: NAME.contract.yaml beside the table)"},
    GY_OPTIONS_END,
};

static const char *const quantile_names[GY_PROFILE_QUANTILES] = {"p5", "p25", "p50", "p75", "p95"};

// ---- JSON: a line for the table, one a column, one for the images

static void json_value(gy_text *line, const char *key, const gy_profile_column *column,
                       double value)
{
    char spelled[40];
    bool time = column->type[0] == 'd' || column->type[0] == 't';
    gy_profile_spell(spelled, column, value);
    if (time && isfinite(value)) {
        gy_text_json_member(line, key, spelled);
        return;
    }
    gy_text_add(line, ",\"%s\":", key);
    gy_text_json_number(line, value);
}

static void json_values(gy_text *line, const char *key, const gy_profile_value *values,
                        size_t count)
{
    gy_text_add(line, ",\"%s\":[", key);
    for (size_t i = 0; i < count; i++) {
        gy_text_add(line, i == 0 ? "{" : ",{");
        gy_text_json_member(line, "value", values[i].text);
        gy_text_add(line, ",\"count\":%llu}", (unsigned long long)values[i].count);
    }
    gy_text_add(line, "]");
}

static void json_column(gy_text *line, const gy_profile_column *column)
{
    gy_text_add(line, "{");
    gy_text_json_member(line, "column", column->name);
    gy_text_json_member(line, "type", column->type);
    gy_text_add(line, ",\"odd\":%llu,\"missing\":%llu,\"infinite\":%llu,\"distinct\":%llu",
                (unsigned long long)column->odd, (unsigned long long)column->missing,
                (unsigned long long)column->infinite, (unsigned long long)column->distinct);
    gy_text_add(line, ",\"distinct_exact\":%s", column->distinct_exact ? "true" : "false");
    if (column->gap_count > 0)
        json_values(line, "gaps", column->gaps, column->gap_count);
    if (column->gap_words > 0)
        gy_text_add(line, ",\"gap_words\":%llu", (unsigned long long)column->gap_words);
    if (column->decimal != 0)
        gy_text_add(line, ",\"decimal\":\"%c\"", column->decimal);
    if (!isnan(column->mean)) {
        json_value(line, "least", column, column->least);
        json_value(line, "most", column, column->most);
        json_value(line, "mean", column, column->mean);
        gy_text_add(line, ",\"deviation\":");
        gy_text_json_number(line, column->deviation);
        for (size_t i = 0; i < GY_PROFILE_QUANTILES; i++)
            json_value(line, quantile_names[i], column, column->quantiles[i]);
        gy_text_add(line, ",\"rank_error\":");
        gy_text_json_number(line, column->quantile_error);
    }
    if (column->longest > 0) {
        gy_text_add(line, ",\"shortest\":%llu,\"longest\":%llu,\"mean_length\":",
                    (unsigned long long)column->shortest, (unsigned long long)column->longest);
        gy_text_json_number(line, column->mean_length);
    }
    json_values(line, "common", column->common, column->common_count);
    gy_text_add(line, "}\n");
}

static void json_images(gy_text *line, const gy_profile_images *images)
{
    gy_text_add(line, "{\"images\":%llu,\"undecodable\":%llu,\"missing_files\":%llu,\"sizes\":[",
                (unsigned long long)images->decoded, (unsigned long long)images->undecodable,
                (unsigned long long)images->missing_files);
    for (size_t i = 0; i < images->size_count; i++)
        gy_text_add(line, "%s{\"width\":%u,\"height\":%u,\"channels\":%u,\"count\":%llu}",
                    i == 0 ? "" : ",", images->sizes[i].width, images->sizes[i].height,
                    images->sizes[i].channels, (unsigned long long)images->sizes[i].count);
    gy_text_add(line, "],\"other_sizes\":%llu", (unsigned long long)images->other_sizes);
    for (size_t i = 0; i < GY_PROFILE_QUANTILES; i++) {
        gy_text_add(line, ",\"brightness_%s\":", quantile_names[i]);
        gy_text_json_number(line, images->brightness[i]);
    }
    gy_text_add(line, "}\n");
}

static void print_json(gy_text *out, const gy_profile *profile, const char *path)
{
    gy_text_add(out, "{");
    gy_text_json_member(out, "table", path);
    gy_text_add(out, ",\"rows\":%llu,\"columns\":%zu,\"unreadable\":%llu}\n",
                (unsigned long long)profile->rows, profile->column_count,
                (unsigned long long)profile->unreadable);
    for (size_t c = 0; c < profile->column_count; c++)
        json_column(out, &profile->columns[c]);
    if (profile->images != NULL)
        json_images(out, profile->images);
}

// ---- for people

static void print_values(gy_text *out, const char *what, const gy_profile_value *values,
                         size_t count)
{
    if (count == 0)
        return;
    gy_text_add(out, "    %s:", what);
    for (size_t i = 0; i < count; i++) {
        gy_text_add(out, i == 0 ? " " : ", ");
        gy_text_json_string(out, values[i].text, strlen(values[i].text));
        gy_text_add(out, " %llu", (unsigned long long)values[i].count);
    }
    gy_text_add(out, "\n");
}

static void print_column(gy_text *out, const gy_profile_column *column)
{
    char a[40], b[40], c[40], d[40], e[40];
    gy_text_add(out, "\n%s: %s%s", column->name, column->type[0] == '\0' ? "empty" : column->type,
                column->decimal == ','   ? " with a decimal comma"
                : column->decimal == '.' ? " with commas between groups of digits"
                                         : "");
    if (column->odd > 0)
        gy_text_add(out, " (%llu value%s not)", (unsigned long long)column->odd,
                    column->odd == 1 ? " is" : "s are");
    gy_text_add(out, ", %llu missing, %s%llu different\n", (unsigned long long)column->missing,
                column->distinct_exact ? "" : "about ", (unsigned long long)column->distinct);
    if (!isnan(column->mean)) {
        gy_profile_spell(a, column, column->least);
        gy_profile_spell(b, column, column->quantiles[1]);
        gy_profile_spell(c, column, column->quantiles[2]);
        gy_profile_spell(d, column, column->quantiles[3]);
        gy_profile_spell(e, column, column->most);
        gy_text_add(out, "    %s .. %s | %s | %s .. %s", a, b, c, d, e);
        if (column->type[0] == 'i' || column->type[0] == 'n')
            gy_text_add(out, ", mean %.6g, deviation %.6g", column->mean, column->deviation);
        if (column->infinite > 0)
            gy_text_add(out, ", %llu infinite", (unsigned long long)column->infinite);
        gy_text_add(out, "\n");
    } else if (column->longest > 0) {
        gy_text_add(out, "    %llu to %llu bytes, mean %.1f\n",
                    (unsigned long long)column->shortest, (unsigned long long)column->longest,
                    column->mean_length);
    }
    if (column->gap_words > 0)
        gy_text_add(
            out,
            "    %llu spelled like a gap, words here (a contract may name them: gyre.missing)\n",
            (unsigned long long)column->gap_words);
    print_values(out, "stands for no value", column->gaps, column->gap_count);
    if (column->common_count > 0 && column->common[0].count > 1) // else all are different
        print_values(out, "commonest", column->common,
                     column->common_count < 5 ? column->common_count : 5);
}

static void print_images(gy_text *out, const gy_profile_images *images)
{
    gy_text_add(out, "\nimages: %llu decoded, %llu cannot be, %llu files are not there\n",
                (unsigned long long)images->decoded, (unsigned long long)images->undecodable,
                (unsigned long long)images->missing_files);
    for (size_t i = 0; i < images->size_count; i++)
        gy_text_add(out, "    %u x %u, %s: %llu\n", images->sizes[i].width, images->sizes[i].height,
                    images->sizes[i].channels == 1   ? "grey"
                    : images->sizes[i].channels == 3 ? "RGB"
                                                     : "RGBA",
                    (unsigned long long)images->sizes[i].count);
    if (images->other_sizes > 0)
        gy_text_add(out, "    other sizes: %llu\n", (unsigned long long)images->other_sizes);
    gy_text_add(out, "    brightness (0 to 255): %.1f .. %.1f | %.1f | %.1f .. %.1f\n",
                images->brightness[0], images->brightness[1], images->brightness[2],
                images->brightness[3], images->brightness[4]);
}

static void print_text(gy_text *out, const gy_profile *profile, const char *path)
{
    gy_text_add(out, "%s: %llu rows, %zu columns", path, (unsigned long long)profile->rows,
                profile->column_count);
    if (profile->unreadable > 0)
        gy_text_add(out, ", %llu record%s cannot be read", (unsigned long long)profile->unreadable,
                    profile->unreadable == 1 ? "" : "s");
    gy_text_add(out, "\n");
    for (size_t c = 0; c < profile->column_count; c++)
        print_column(out, &profile->columns[c]);
    if (profile->images != NULL)
        print_images(out, profile->images);
}

static void show_progress(void *context, size_t rows)
{
    gy_progress(context, "rows read", rows, 0);
}

static gy_status profile_run(gy_cli *cli, gy_error *err)
{
    profile_options chosen = {0};
    GY_TRY(gy_options_parse(&chosen, &gy_command_profile, cli, err));
    const gy_profile_options how = {.contract = chosen.contract,
                                    .progress = cli->progress ? show_progress : NULL,
                                    .progress_context = cli};
    gy_profile profile;
    gy_text out = {0};
    GY_TRY(gy_profile_table(&profile, cli->args[0], &how, cli->arena, err));
    if (cli->json)
        print_json(&out, &profile, cli->args[0]);
    else
        print_text(&out, &profile, cli->args[0]);
    gy_status status = out.status;
    if (status == GY_OK)
        fwrite(out.bytes, 1, out.length, cli->out);
    gy_text_release(&out);
    return status == GY_OK ? GY_OK : gy_fail(err, status, "no memory for the profile");
}

const gy_command gy_command_profile = {
    .name = "profile",
    .usage = "gyre profile [--contract FILE] TABLE",
    .summary = "say what a table holds: types, ranges, missing and common values, images",
    .group = "quality",
    .details =
        "For each column its type (what under one in a hundred values is not, is counted), how "
        "many "
        "values are missing (of which some may be spelled: NA, n/a, null, ?, -, ... among "
        "numbers, bools or dates) and how many different (exact up to 1,000, else within 3 "
        "percent), "
        "least, quartiles and most, mean and deviation, the commonest values. Quartiles are off by "
        "at most a known share of the rows (--json: rank_error). Where rows name images: sizes, "
        "brightness (5, 25, 50, 75 and 95 percent of the images' means) and how many cannot be "
        "decoded. One scan; a table of any size in bounded memory. Values of columns that the "
        "contract marks as personal are not told.",
    .examples = "gyre profile labels.csv\ngyre profile --json data.parquet",
    .options = options,
    .operands_min = 1,
    .operands_max = 1,
    .run = profile_run,
};
