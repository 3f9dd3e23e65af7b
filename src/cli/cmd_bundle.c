// SPDX-License-Identifier: Apache-2.0
//
// gyre bundle: pack models, their code and what is known of them, signed; verify such a bundle.

#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "cli/deed.h"
#include "cli/golden.h"

typedef struct bundle_options {
    const char *out, *key, *new_key, *verify, *trust, *expires;
    const char *data, *commit, *run, *samples;
    double scale;
    bool no_golden;
    gy_texts code, schema, metrics, reference, golden;
    size_t counter;
} bundle_options;

#define FILES(name, field, help) \
    {GY_OPTION_TEXTS, name, 0, "FILE", offsetof(bundle_options, field), help}
static const gy_option options[] = {
    {GY_OPTION_TEXT, "out", 'o', "DIR", offsetof(bundle_options, out), "the bundle"},
    {GY_OPTION_TEXT, "key", 0, "FILE", offsetof(bundle_options, key), "secret key to sign with"},
    FILES("code", code, "emitted C or a library of a target"),
    FILES("schema", schema, "the data's contract"),
    FILES("metrics", metrics, "what the model achieved"),
    FILES("reference", reference, "reference of its sketch (made if not given)"),
    FILES("golden", golden, "inputs and their outputs by name, to test with (made if not given)"),
    {GY_OPTION_TEXT, "samples", 0, "DATA", offsetof(bundle_options, samples),
     "make golden vectors and reference from these images or arrays (else from the lineage's "
     "data)"},
    {GY_OPTION_NUMBER, "scale", 0, "N", offsetof(bundle_options, scale),
     "of images: pixels from 0 to 1 times N is what the model takes (1, or 255 for uint8)"},
    {GY_OPTION_FLAG, "no-golden", 0, NULL, offsetof(bundle_options, no_golden),
     "make no golden vectors and no reference, and run none"},
    {GY_OPTION_SIZE, "counter", 0, "N", offsetof(bundle_options, counter),
     "number that only grows (one more than the bundle that is there); with --verify: the newest "
     "seen"},
    {GY_OPTION_TEXT, "expires", 0, "DATE", offsetof(bundle_options, expires),
     "day or time (UTC) after which the bundle is refused"},
    {GY_OPTION_TEXT, "data", 0, "VERSION", offsetof(bundle_options, data),
     "version of the data (from the project)"},
    {GY_OPTION_TEXT, "commit", 0, "COMMIT", offsetof(bundle_options, commit),
     "git commit (from the project)"},
    {GY_OPTION_TEXT, "run", 0, "RUN", offsetof(bundle_options, run),
     "run that made the model (from the project)"},
    {GY_OPTION_TEXT, "verify", 0, "DIR", offsetof(bundle_options, verify), "verify a bundle"},
    {GY_OPTION_TEXT, "trust", 0, "FILE", offsetof(bundle_options, trust),
     "public key that must have signed it"},
    {GY_OPTION_TEXT, "new-key", 0, "FILE", offsetof(bundle_options, new_key),
     "make a key pair: FILE (in a project git ignores it) and FILE.pub"},
    GY_OPTIONS_END,
};

static gy_status add_files(gy_bundle_file *files, size_t *count, char *const *paths, size_t more,
                           const char *role, gy_error *err)
{
    if (*count + more > GY_BUNDLE_FILES_MAX)
        return gy_fail(err, GY_LIMIT, "over %d files", GY_BUNDLE_FILES_MAX);
    for (size_t i = 0; i < more; i++) {
        const char *slash = strrchr(paths[i], '/');
        // A file of code keeps its folder: a header of every target has the same name.
        bool keeps = strcmp(role, "code") == 0 && paths[i][0] != '/';
        files[(*count)++] = (gy_bundle_file){
            .path = paths[i], .role = role, .name = keeps || slash == NULL ? paths[i] : slash + 1};
    }
    return GY_OK;
}

/** What the project knows of the model. */
static const gy_origin *find_data(const gy_origin *origin)
{
    if (origin->is_dataset)
        return origin;
    for (size_t i = 0; i < origin->input_count; i++) {
        const gy_origin *found = find_data(&origin->inputs[i]);
        if (found != NULL)
            return found;
    }
    return NULL;
}

// Lineage is said where it is known. A model from elsewhere is bundled without it.
static gy_status add_lineage(gy_bundle_facts *facts, const char *model, gy_arena *arena)
{
    gy_lineage *lineage;
    gy_origin *origin;
    gy_id id;
    if (gy_id_of_file(&id, model, NULL) != GY_OK || gy_lineage_open(&lineage, ".", NULL) != GY_OK)
        return GY_OK;
    if (gy_lineage_origin(&origin, lineage, &id, model, NULL) == GY_OK) {
        const gy_origin *data = find_data(origin);
        if (facts->data == NULL && data != NULL)
            facts->data = gy_arena_format(arena, "%s", gy_id_text(&data->id).text);
        if (facts->commit == NULL && origin->commit != NULL)
            facts->commit = gy_arena_format(arena, "%s", origin->commit);
        if (facts->run == NULL && origin->run != NULL)
            facts->run = gy_arena_format(arena, "%s", origin->run);
    }
    gy_lineage_close(lineage);
    return GY_OK;
}

static void add_text(gy_text *out, const char *name, const char *value)
{
    gy_text_add(out, ",\"%s\":", name);
    if (value == NULL)
        gy_text_add(out, "null");
    else
        gy_text_json_string(out, value, strlen(value));
}

static gy_status print_bundle(const gy_cli *cli, const char *folder, const char *verdict,
                              const gy_bundle_facts *facts, const gy_bundle_file *files,
                              size_t count, gy_error *err)
{
    gy_text out = {0};
    if (cli->json) {
        gy_text_add(&out, "{\"bundle\":");
        gy_text_json_string(&out, folder, strlen(folder));
        gy_text_add(&out, ",\"model\":\"%s\",\"counter\":%" PRIu64, gy_id_text(&facts->model).text,
                    facts->counter);
        add_text(&out, "data", facts->data);
        add_text(&out, "commit", facts->commit);
        add_text(&out, "run", facts->run);
        gy_text_add(&out, ",\"files\":[");
    } else {
        gy_text_add(&out, "%s: %s, counter %" PRIu64 ", %zu file%s\n", folder, verdict,
                    facts->counter, count, count == 1 ? "" : "s");
        if (facts->data != NULL)
            gy_text_add(&out, "data %.12s, commit %.12s\n", facts->data,
                        facts->commit == NULL ? "unknown" : facts->commit);
    }
    for (size_t i = 0; i < count; i++) {
        const char *id = gy_id_text(&files[i].id).text;
        if (!cli->json) {
            gy_text_add(&out, "%.12s  %-9s  %s\n", id, files[i].role, files[i].name);
            continue;
        }
        gy_text_add(&out, "%s{\"id\":\"%s\",\"role\":\"%s\",\"bytes\":%" PRIu64, i == 0 ? "" : ",",
                    id, files[i].role, files[i].bytes);
        add_text(&out, "name", files[i].name);
        gy_text_add(&out, "}");
    }
    gy_text_add(&out, cli->json ? "]}\n" : "");
    gy_status status = out.status;
    if (status == GY_OK)
        fputs(out.bytes, cli->out);
    gy_text_release(&out);
    return status == GY_OK ? GY_OK : gy_fail(err, status, "no memory to print");
}

static gy_status sign(const gy_cli *cli, const bundle_options *chosen, gy_bundle_file *files,
                      size_t count, gy_error *err)
{
    gy_bundle written;
    gy_bundle_facts facts = {.data = chosen->data,
                             .commit = chosen->commit,
                             .run = chosen->run,
                             .counter = chosen->counter};
    if (chosen->expires != NULL)
        GY_TRY(gy_bundle_time_read(&facts.expires_s, chosen->expires, err));
    GY_TRY(add_lineage(&facts, cli->args[0], cli->arena));
    GY_TRY(gy_bundle_write(chosen->out, &facts, files, count, chosen->key, cli->arena, err));
    GY_TRY(gy_bundle_peek(&written, chosen->out, cli->arena, err));
    gy_deed deed = {.what = "bundled", .path = chosen->out, .id = &written.manifest};
    for (size_t i = 0; i < cli->operands && i < GY_DEED_FROM_MAX; i++)
        deed.from[i] = cli->args[i];
    GY_TRY(gy_deeds_record(&deed, 1, cli, err));
    return print_bundle(cli, chosen->out, "signed", &facts, files, count, err);
}

// What is given is not made again.
static gy_status make_golden(gy_golden *made, const bundle_options *chosen, const gy_cli *cli,
                             gy_error *err)
{
    bool given = chosen->golden.count > 0 || chosen->reference.count > 0;
    for (size_t i = 0; i < cli->operands && !given; i++)
        GY_TRY(gy_golden_make(made, cli->args[i], chosen->samples, chosen->scale, cli, err));
    return GY_OK;
}

static gy_status write_bundle(gy_cli *cli, const bundle_options *chosen, gy_error *err)
{
    const struct {
        const gy_texts *paths;
        const char *role;
    } lists[] = {{&chosen->code, "code"},
                 {&chosen->schema, "schema"},
                 {&chosen->metrics, "metrics"},
                 {&chosen->reference, "reference"},
                 {&chosen->golden, "golden"}};
    if (cli->operands == 0 || chosen->out == NULL || chosen->key == NULL)
        return gy_fail(err, GY_INVALID, "%s is missing (see gyre bundle --help)",
                       cli->operands == 0    ? "MODEL.onnx"
                       : chosen->out == NULL ? "-o DIR"
                                             : "--key FILE");
    gy_bundle_file *files = GY_NEW(cli->arena, gy_bundle_file, GY_BUNDLE_FILES_MAX);
    if (files == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the files of a bundle");
    size_t count = 0;
    GY_TRY(add_files(files, &count, cli->args, cli->operands, "model", err));
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        GY_TRY(add_files(files, &count, (char *const *)(uintptr_t)lists[i].paths->items,
                         lists[i].paths->count, lists[i].role, err));
    if (chosen->no_golden)
        return sign(cli, chosen, files, count, err);
    gy_golden made = {0};
    gy_status status = make_golden(&made, chosen, cli, err);
    for (size_t i = 0; i < made.count && status == GY_OK; i++)
        if (count == GY_BUNDLE_FILES_MAX)
            status = gy_fail(err, GY_LIMIT, "over %d files", GY_BUNDLE_FILES_MAX);
        else
            files[count++] = made.files[i];
    if (status == GY_OK && chosen->golden.count > 0)
        status = gy_golden_check(&(size_t){0}, &(gy_bundle){.files = files, .file_count = count},
                                 cli, err);
    if (status == GY_OK)
        status = sign(cli, chosen, files, count, err);
    gy_golden_remove(&made);
    return status;
}

// In a project `git add -A` must not take a secret along.
static gy_status ignore_key(gy_cli *cli, const char *path, gy_error *err)
{
    gy_store *store;
    gy_error outside = {0};
    gy_status status = gy_store_open(&store, ".", &outside);
    if (status != GY_OK)
        return status == GY_NOT_FOUND ? GY_OK : gy_fail(err, status, "%s", outside.message);
    status = gy_store_ignore(store, path, cli->arena, &outside);
    gy_store_close(store);
    if (status == GY_OK || status == GY_INVALID || status == GY_NOT_FOUND) // outside of the project
        return GY_OK;
    return gy_fail(err, status, "%s", outside.message);
}

static gy_status bundle_run(gy_cli *cli, gy_error *err)
{
    bundle_options chosen = {0};
    GY_TRY(gy_options_parse(&chosen, &gy_command_bundle, cli, err));
    if (chosen.new_key != NULL) {
        GY_TRY(gy_bundle_new_key(chosen.new_key, err));
        GY_TRY(ignore_key(cli, chosen.new_key, err));
        fprintf(cli->out, "%s: keep it secret; %s.pub: give it to whoever is to trust it\n",
                chosen.new_key, chosen.new_key);
        return GY_OK;
    }
    if (chosen.verify == NULL)
        return write_bundle(cli, &chosen, err);
    if (chosen.trust == NULL)
        return gy_fail(err, GY_INVALID, "--trust FILE is missing (see gyre bundle --help)");
    gy_bundle bundle;
    GY_TRY(gy_bundle_open(&bundle, chosen.verify, chosen.trust, chosen.counter, (int64_t)time(NULL),
                          cli->arena, err));
    size_t checked = 0;
    char verdict[120] = "whole and signed by the trusted key";
    if (!chosen.no_golden)
        GY_TRY(gy_golden_check(&checked, &bundle, cli, err));
    if (checked > 0)
        snprintf(verdict, sizeof(verdict),
                 "whole and signed by the trusted key, %zu golden vectors come out the same",
                 checked);
    return print_bundle(cli, chosen.verify, verdict, &bundle.facts, bundle.files, bundle.file_count,
                        err);
}

const gy_command gy_command_bundle = {
    .name = "bundle",
    .usage = "gyre bundle [OPTION...] MODEL.onnx... -o DIR --key FILE\n"
             "gyre bundle --verify DIR --trust FILE.pub [--counter N]\n"
             "gyre bundle --new-key FILE",
    .summary = "pack models with their lineage, signed; verify such a bundle",
    .group = "models",
    .details =
        "A bundle is a folder in the OCI image layout that any registry can hold. Its "
        "manifest names every file by its hash, the model's data version, commit and run, a "
        "counter and an expiry; the signature (Ed25519) is a second manifest. --verify looks "
        "at every byte, and ends with status 1 where something was changed, is signed by "
        "another key, has a counter below --counter, or has expired.\n\n"
        "Golden vectors (a few stored samples and what the reference makes of them) and the "
        "reference of the deployed model's sketches are made from the data of the model's lineage, "
        "or --samples. --verify runs each model on them, as compiled for this machine: not a bit "
        "may "
        "differ.",
    .examples = "gyre bundle --new-key release.key\n"
                "gyre bundle model.onnx model.int8.onnx -o bundle --key release.key\n"
                "gyre bundle --verify bundle --trust release.key.pub\n",
    .options = options,
    .operands_min = 0,
    .operands_max = 64,
    .run = bundle_run,
};
