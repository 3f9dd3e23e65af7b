// SPDX-License-Identifier: Apache-2.0
//
// Options of a command, read from its table of options, and its help, printed from the same table.

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

static gy_status read_bytes(size_t *size_bytes, const char *name, const char *text, gy_error *err)
{
    static const struct {
        const char *suffix;
        double factor;
    } units[] = {{"", 1},        {"B", 1},         {"K", 1024},       {"KiB", 1024},
                 {"M", 1048576}, {"MiB", 1048576}, {"G", 1073741824}, {"GiB", 1073741824},
                 {"k", 1024},    {"kB", 1000},     {"MB", 1e6},       {"GB", 1e9}};
    char *end;
    double value = strtod(text, &end);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (end != text && strcmp(end, units[i].suffix) == 0 && value >= 0 &&
            value * units[i].factor < 9e18) {
            *size_bytes = (size_t)(value * units[i].factor);
            return GY_OK;
        }
    return gy_fail(err, GY_INVALID,
                   "--%s: '%s' is not a size in bytes such as 65536, 64KiB or 1MiB", name, text);
}

static gy_status read_size(size_t *size, const char *name, const char *text, gy_error *err)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0)
        return gy_fail(err, GY_INVALID, "--%s: '%s' is not a whole number", name, text);
    *size = (size_t)value;
    return GY_OK;
}

static gy_status set_value(void *field, const gy_option *option, const char *text, gy_error *err)
{
    gy_texts *texts = field;
    char *end;
    switch (option->kind) {
    case GY_OPTION_SIZE:
        return read_size(field, option->name, text, err);
    case GY_OPTION_BYTES:
        return read_bytes(field, option->name, text, err);
    case GY_OPTION_NUMBER:
        *(double *)field = strtod(text, &end);
        if (end == text || *end != '\0' || !isfinite(*(double *)field))
            return gy_fail(err, GY_INVALID, "--%s: '%s' is not a number", option->name, text);
        return GY_OK;
    case GY_OPTION_TEXT:
        *(const char **)field = text;
        return GY_OK;
    case GY_OPTION_TEXTS:
        if (texts->count == GY_TEXTS_MAX)
            return gy_fail(err, GY_LIMIT, "--%s is given over %d times", option->name,
                           GY_TEXTS_MAX);
        texts->items[texts->count++] = text;
        return GY_OK;
    default:
        return GY_OK;
    }
}

static const gy_option *find_option(const gy_option *options, const char *arg)
{
    size_t length = strcspn(arg, "=");
    for (const gy_option *option = options; option != NULL && option->kind != GY_OPTION_END;
         option++) {
        if (arg[1] == '-' && length == strlen(option->name) + 2 &&
            strncmp(arg + 2, option->name, length - 2) == 0)
            return option;
        if (arg[1] != '-' && arg[1] == option->letter && arg[2] == '\0')
            return option;
    }
    return NULL;
}

// Set what the option at *arg names; *arg moves onto its value where that stands apart.
static gy_status take_option(void *target, const gy_command *command, char ***arg, gy_error *err)
{
    const gy_option *option = find_option(command->options, **arg);
    if (option == NULL)
        return gy_fail(err, GY_INVALID, "unknown option '%s' (see gyre %s --help)", **arg,
                       command->name);
    const char *equals = strchr(**arg, '=');
    void *field = (char *)target + option->offset;
    if (option->kind == GY_OPTION_FLAG) {
        if (equals != NULL)
            return gy_fail(err, GY_INVALID, "--%s takes no value", option->name);
        *(bool *)field = true;
        return GY_OK;
    }
    if (equals != NULL)
        return set_value(field, option, equals + 1, err);
    if ((*arg)[1] == NULL)
        return gy_fail(err, GY_INVALID, "--%s needs a value (%s)", option->name, option->value);
    return set_value(field, option, *++*arg, err);
}

static gy_status check_operands(const gy_command *command, size_t operands, gy_error *err)
{
    size_t least = command->operands_min, most = command->operands_max;
    if (operands >= least && operands <= most)
        return GY_OK;
    const char *given = operands == 1 ? "operand" : "operands";
    if (operands < least && most > least)
        return gy_fail(err, GY_INVALID, "%zu %s, must be at least %zu; usage: %s", operands, given,
                       least, command->usage);
    return gy_fail(err, GY_INVALID, "%zu %s, must be %s%zu; usage: %s", operands, given,
                   most > least ? "at most " : "", most, command->usage);
}

gy_status gy_options_parse(void *target, const gy_command *command, gy_cli *cli, gy_error *err)
{
    bool operands_only = false;
    size_t operands = 0;
    for (char **arg = cli->args; *arg != NULL; arg++) {
        if (!operands_only && strcmp(*arg, "--") == 0)
            operands_only = true;
        else if (!operands_only && (*arg)[0] == '-' && (*arg)[1] != '\0')
            GY_TRY(take_option(target, command, &arg, err));
        else
            cli->args[operands++] = *arg;
    }
    cli->args[operands] = NULL;
    cli->operands = operands;
    return check_operands(command, operands, err);
}

// Text with its long lines broken at spaces; a line that begins with one stands as it is.
static void print_wrapped(FILE *out, const char *text)
{
    enum { WIDTH = 88 };
    while (*text != '\0') {
        size_t length = strcspn(text, "\n"), cut = length;
        if (length > WIDTH && *text != ' ')
            for (cut = WIDTH; cut > 0 && text[cut] != ' ';)
                cut--;
        cut = cut == 0 ? length : cut;
        fprintf(out, "%.*s\n", (int)cut, text);
        text += cut + (text[cut] != '\0');
    }
}

void gy_command_print_help(const gy_command *command, FILE *out)
{
    fprintf(out, "%s - %s\n\nusage: %s\n", command->name, command->summary, command->usage);
    if (command->details != NULL) {
        fprintf(out, "\n");
        print_wrapped(out, command->details);
    }
    fprintf(out, "\noptions:\n");
    for (const gy_option *option = command->options;
         option != NULL && option->kind != GY_OPTION_END; option++) {
        char head[80];
        snprintf(head, sizeof(head), "%s%c%s--%s%s%s", option->letter ? "-" : "  ",
                 option->letter ? option->letter : ' ', option->letter ? ", " : " ", option->name,
                 option->value == NULL ? "" : " ", option->value == NULL ? "" : option->value);
        fprintf(out, "  %-28s %s\n", head, option->help);
    }
    fprintf(out, "  %-28s %s\n  %-28s %s\n  %-28s %s\n", "    --json", "results for programs",
            "-q, --quiet", "results only, no progress or hints", "    --outside",
            "rows may name files outside of their table's folder and project");
    if (command->examples != NULL)
        fprintf(out, "\nexamples:\n%s\n", command->examples);
}
