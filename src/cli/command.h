// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_CLI_COMMAND_H
#define GYRE_CLI_COMMAND_H

#include <stdio.h>

#include "gyre/gyre.h"

typedef enum gy_option_kind {
    GY_OPTION_END,
    GY_OPTION_FLAG,   // bool
    GY_OPTION_SIZE,   // size_t, a whole number
    GY_OPTION_BYTES,  // size_t, a number with KiB, MiB, GiB, K, M, G or B behind it
    GY_OPTION_NUMBER, // double
    GY_OPTION_TEXT,   // const char *
    GY_OPTION_TEXTS   // gy_texts: may be given several times
} gy_option_kind;

enum { GY_TEXTS_MAX = 64 };
typedef struct gy_texts {
    const char *items[GY_TEXTS_MAX];
    size_t count;
} gy_texts;

typedef struct gy_option {
    gy_option_kind kind;
    const char *name;  // without "--"
    char letter;       // short form, 0: none
    const char *value; // what the value is called in the help, NULL for flags: "FILE", "N"
    size_t offset;     // of the field that it sets
    const char *help;
} gy_option;

#define GY_OPTIONS_END {GY_OPTION_END, NULL, 0, NULL, 0, NULL}

/** What main.c hands to a command. It owns all of it: a command has nothing to free. */
typedef struct gy_cli {
    gy_arena *arena;
    FILE *out;       // results; stderr has all else
    bool json;       // --json: results for programs, one object a line unless the command says else
    bool color;      // the terminal takes colours and NO_COLOR is not set
    bool progress;   // stderr is a terminal
    bool quiet;      // --quiet
    char **args;     // operands and options after the command's name, NULL-terminated
    size_t operands; // set by gy_options_parse: args[0] to args[operands - 1] remain
} gy_cli;

typedef struct gy_command {
    const char *name;
    const char *usage;   // "gyre audit [OPTION...] PATH", a line each form
    const char *summary; // one line, lower case, no full stop
    const char *group; // heading in `gyre help`: "data", "quality", "value", "pipeline", "models",
                       // "ledger", "other"
    const char *details;  // paragraphs for the manual page and --help; NULL: none. Plain text.
    const char *examples; // lines of shell, NULL: none
    const gy_option *options;
    size_t operands_min, operands_max;
    gy_status (*run)(gy_cli *cli, gy_error *err);
} gy_command;

#define COMMAND(name) extern const gy_command gy_command_##name;
#include "cli/commands.def"
#undef COMMAND

/** Every command, sorted by name; NULL at the end. */
extern const gy_command *const gy_commands[];

/** NULL: there is none of that name. */
const gy_command *gy_command_find(const char *name);

/**
 * Set the fields of target that the options in cli->args name (--name VALUE, --name=VALUE, -x
 * VALUE); leave the operands in args. "--" ends the options. Every command calls it once, first.
 * @return GY_OK; GY_INVALID: err names the option or the count of operands and how to get help.
 */
gy_status gy_options_parse(void *target, const gy_command *command, gy_cli *cli,
                           gy_error *err) GY_CHECKED;

/** Print the long help of one command on out. */
void gy_command_print_help(const gy_command *command, FILE *out);

/** From here on, a mapped file that is cut short ends the program with a message and status 7. */
void gy_cut_short_catch(void);

/** Print text as results and release it. GY_NO_MEMORY: it was cut off by a lack of memory. */
gy_status gy_print_text(const gy_cli *cli, gy_text *text, gy_error *err) GY_CHECKED;

/** A bar on a terminal for what takes over a second; silent elsewhere. total 0: unknown. */
void gy_progress(const gy_cli *cli, const char *what, size_t done, size_t total);

#endif
