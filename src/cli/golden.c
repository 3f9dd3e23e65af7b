// SPDX-License-Identifier: Apache-2.0

#define _POSIX_C_SOURCE 200809L
#include "cli/golden.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GOLDEN_ROWS = 16, REFERENCE_ROWS = 1000, DEPTH_MAX = 8 };

// "build/model.int8.onnx" -> "model.int8": what golden vectors and their model share.
static const char *stem_of(const char *path, gy_arena *arena)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');
    return gy_arena_copy(arena, name, dot == NULL ? strlen(name) : (size_t)(dot - name));
}

// ---- samples

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length >= size && strcmp(text + length - size, end) == 0;
}

static bool may_hold_samples(const char *path)
{
    return gy_table_is_rows(path) || ends_with(path, ".npz") || ends_with(path, ".npy");
}

// The first data of a model's lineage, nearest first, that are what they were and fit the model.
static bool find_samples(gy_array *samples, const char **data, const gy_origin *origin,
                         size_t depth, gy_lineage *lineage, const char *model, double scale,
                         gy_arena *arena)
{
    for (size_t i = 0; i < origin->input_count && depth == 0; i++) {
        const char *path = origin->inputs[i].path;
        gy_id now;
        if (path == NULL || !may_hold_samples(path) ||
            gy_lineage_resolve(&now, NULL, lineage, path, NULL) != GY_OK ||
            gy_id_compare(&now, &origin->inputs[i].id) != 0 ||
            gy_compress_samples(samples, model, path, scale, REFERENCE_ROWS, arena, NULL) != GY_OK)
            continue;
        *data = path;
        return true;
    }
    for (size_t i = 0; i < origin->input_count && depth > 0; i++)
        if (find_samples(samples, data, &origin->inputs[i], depth - 1, lineage, model, scale,
                         arena))
            return true;
    return false;
}

static bool samples_of_lineage(gy_array *samples, const char **data, const char *model,
                               double scale, gy_arena *arena)
{
    gy_lineage *lineage;
    gy_origin *origin;
    gy_id id;
    bool found = false;
    if (gy_id_of_file(&id, model, NULL) != GY_OK || gy_lineage_open(&lineage, ".", NULL) != GY_OK)
        return false;
    if (gy_lineage_origin(&origin, lineage, &id, model, NULL) == GY_OK)
        for (size_t depth = 0; depth < DEPTH_MAX && !found; depth++)
            found = find_samples(samples, data, origin, depth, lineage, model, scale, arena);
    if (found)
        *data = gy_arena_copy(arena, *data, strlen(*data));
    gy_lineage_close(lineage);
    return found;
}

// ---- making

static gy_status infer(gy_array **outputs, size_t *count, const char *model, const gy_array *inputs,
                       size_t input_count, bool reference, gy_arena *arena, gy_error *err)
{
    const gy_infer_options options = {.reference = reference};
    return gy_infer(outputs, count, NULL, model, inputs, input_count, &options, arena, err);
}

// Compiled where there is a compiler, which is faster; the bits are the same.
static gy_status infer_fast(gy_array **outputs, size_t *count, const char *model,
                            const gy_array *inputs, size_t input_count, gy_arena *arena,
                            gy_error *err)
{
    gy_status status = infer(outputs, count, model, inputs, input_count, false, arena, NULL);
    return status == GY_OK ? GY_OK
                           : infer(outputs, count, model, inputs, input_count, true, arena, err);
}

// Rows spread evenly over the samples.
static gy_status choose_rows(gy_array *few, const gy_array *all, gy_arena *arena, gy_error *err)
{
    size_t rows = all->shape[0], bytes = all->count / rows * gy_dtype_size(all->dtype);
    *few = *all;
    few->shape[0] = rows < GOLDEN_ROWS ? rows : GOLDEN_ROWS;
    few->count = all->count / rows * few->shape[0];
    few->data = gy_arena_take(arena, few->shape[0], bytes);
    if (few->data == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for golden vectors");
    for (size_t i = 0; i < few->shape[0]; i++)
        memcpy((char *)few->data + i * bytes,
               (const char *)all->data + i * rows / few->shape[0] * bytes, bytes);
    return GY_OK;
}

static gy_status add_file(const char **path, gy_golden *golden, const char *role, const char *stem,
                          const char *ending, gy_arena *arena, gy_error *err)
{
    if (golden->folder.path == NULL)
        GY_TRY(gy_scratch_open(&golden->folder, arena, err));
    *path = gy_arena_format(arena, "%s/%zu%s", golden->folder.path, golden->count, ending);
    const char *name = gy_arena_format(arena, "%s/%s%s", role, stem, ending);
    if (*path == NULL || name == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a name");
    golden->files[golden->count++] = (gy_bundle_file){.path = *path, .name = name, .role = role};
    return GY_OK;
}

static gy_status write_vectors(gy_golden *golden, const char *model, const char *stem,
                               const gy_array *samples, gy_arena *arena, gy_error *err)
{
    gy_array few, *outputs;
    size_t count;
    const char *path;
    GY_TRY(choose_rows(&few, samples, arena, err));
    GY_TRY(infer(&outputs, &count, model, &few, 1, true, arena, err));
    gy_array *arrays = GY_NEW(arena, gy_array, count + 1);
    if (arrays == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for golden vectors");
    arrays[0] = few;
    memcpy(arrays + 1, outputs, count * sizeof(*outputs));
    GY_TRY(add_file(&path, golden, "golden", stem, ".npz", arena, err));
    return gy_arrays_write(arrays, count + 1, path, err);
}

static gy_status write_reference(gy_golden *golden, const char *model, const char *stem,
                                 const gy_array *samples, gy_arena *arena, gy_error *err)
{
    gy_array *outputs;
    size_t count;
    gy_text bytes = {0};
    const char *path;
    GY_TRY(infer_fast(&outputs, &count, model, samples, 1, arena, err));
    gy_status status = gy_reference_make(&bytes, samples, &outputs[0], arena, err);
    if (status == GY_OK)
        status = add_file(&path, golden, "reference", stem, ".gysr", arena, err);
    FILE *file = status == GY_OK ? fopen(path, "wbe") : NULL;
    if (status == GY_OK &&
        (file == NULL || fwrite(bytes.bytes, 1, bytes.length, file) != bytes.length))
        status = gy_fail(err, GY_IO, "cannot write '%s'", path);
    if (file != NULL && fclose(file) != 0 && status == GY_OK)
        status = gy_fail(err, GY_IO, "cannot write '%s'", path);
    gy_text_release(&bytes);
    return status;
}

gy_status gy_golden_make(gy_golden *golden, const char *model, const char *data, double scale,
                         const gy_cli *cli, gy_error *err)
{
    gy_array samples;
    const char *stem = stem_of(model, cli->arena);
    if (stem == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a name");
    if (data != NULL) {
        GY_TRY(gy_compress_samples(&samples, model, data, scale, REFERENCE_ROWS, cli->arena, err));
    } else if (!samples_of_lineage(&samples, &data, model, scale, cli->arena)) {
        if (!cli->quiet)
            fprintf(stderr,
                    "'%s': no golden vectors and no reference: its lineage names no data that fit "
                    "it (--samples DATA gives some)\n",
                    model);
        return GY_OK;
    }
    GY_TRY(write_vectors(golden, model, stem, &samples, cli->arena, err));
    GY_TRY(write_reference(golden, model, stem, &samples, cli->arena, err));
    if (!cli->quiet)
        fprintf(stderr, "'%s': golden vectors and reference from '%s'\n", model, data);
    return GY_OK;
}

void gy_golden_remove(gy_golden *golden)
{
    gy_scratch_close(&golden->folder);
}

// ---- checking

// The model that golden vectors are of: that of their name, else the first.
static const gy_bundle_file *model_of(const gy_bundle *bundle, const gy_bundle_file *golden,
                                      gy_arena *arena)
{
    const char *wanted = stem_of(golden->name, arena);
    const gy_bundle_file *first = NULL;
    for (size_t i = 0; i < bundle->file_count; i++) {
        const gy_bundle_file *file = &bundle->files[i];
        if (strcmp(file->role, "model") != 0)
            continue;
        const char *stem = stem_of(file->name, arena);
        if (wanted != NULL && stem != NULL && strcmp(stem, wanted) == 0)
            return file;
        first = first == NULL ? file : first;
    }
    return first;
}

static const gy_array *array_of(const gy_array *arrays, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (arrays[i].name != NULL && strcmp(arrays[i].name, name) == 0)
            return &arrays[i];
    return NULL;
}

static gy_status compare(const gy_array *wanted, const gy_array *made, const char *name,
                         gy_error *err)
{
    size_t size = gy_dtype_size(made->dtype), rows = made->rank == 0 ? 1 : made->shape[0];
    if (wanted == NULL || wanted->dtype != made->dtype || wanted->count != made->count)
        return gy_fail(err, GY_REFUSED, "golden vectors '%s' do not hold the model's output '%s'",
                       name, made->name);
    for (size_t i = 0; i < made->count; i++)
        if (memcmp((const char *)wanted->data + i * size, (const char *)made->data + i * size,
                   size) != 0)
            return gy_fail(err, GY_REFUSED,
                           "golden vectors '%s': the model's output '%s' of sample %zu, element "
                           "%zu, is another one on this machine",
                           name, made->name, i / (made->count / rows), i % (made->count / rows));
    return GY_OK;
}

static gy_status check_file(size_t *checked, const gy_bundle *bundle, const gy_bundle_file *golden,
                            const gy_cli *cli, gy_error *err)
{
    const gy_bundle_file *file = model_of(bundle, golden, cli->arena);
    gy_array *arrays, *made;
    size_t count, made_count, input_count;
    gy_model *model;
    if (file == NULL)
        return gy_fail(err, GY_REFUSED, "golden vectors '%s' are of no model here", golden->name);
    GY_TRY(gy_arrays_read(&arrays, &count, golden->path, cli->arena, err));
    GY_TRY(gy_model_open(&model, file->path, NULL, err));
    const gy_port *ports = gy_model_inputs(model, &input_count);
    gy_array *inputs = GY_NEW(cli->arena, gy_array, input_count + 1);
    gy_status status = inputs != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for inputs");
    for (size_t i = 0; i < input_count && status == GY_OK; i++) {
        const gy_array *array = array_of(arrays, count, ports[i].name);
        if (array == NULL)
            status = gy_fail(err, GY_REFUSED, "golden vectors '%s' lack the model's input '%s'",
                             golden->name, ports[i].name);
        else
            inputs[i] = *array;
    }
    gy_model_close(model);
    GY_TRY(status);
    GY_TRY(infer_fast(&made, &made_count, file->path, inputs, input_count, cli->arena, err));
    for (size_t i = 0; i < made_count; i++)
        GY_TRY(compare(array_of(arrays, count, made[i].name), &made[i], golden->name, err));
    *checked += input_count > 0 && inputs[0].rank > 0 ? inputs[0].shape[0] : 1;
    return GY_OK;
}

gy_status gy_golden_check(size_t *checked, const gy_bundle *bundle, const gy_cli *cli,
                          gy_error *err)
{
    *checked = 0;
    for (size_t i = 0; i < bundle->file_count; i++)
        if (strcmp(bundle->files[i].role, "golden") == 0)
            GY_TRY(check_file(checked, bundle, &bundle->files[i], cli, err));
    return GY_OK;
}
