// SPDX-License-Identifier: Apache-2.0
//
// The engine: a compiled model as a shared library, opened and run on any number of threads.

#include "gyre/model.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/thread.h"
#include "rt/abi.h"

struct gy_engine {
    void *library;
    const gy_abi_model *model;
    gy_file_map weights;
    gy_arena *arena;
    gy_port *inputs, *outputs;
};

static bool read_type(gy_dtype *dtype, uint32_t onnx)
{
    static const struct {
        uint32_t onnx;
        gy_dtype dtype;
    } types[] = {{1, GY_FLOAT32},  {2, GY_UINT8},    {3, GY_INT8},    {4, GY_UINT16},
                 {5, GY_INT16},    {6, GY_INT32},    {7, GY_INT64},   {9, GY_BOOL},
                 {10, GY_FLOAT16}, {11, GY_FLOAT64}, {12, GY_UINT32}, {13, GY_UINT64}};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (types[i].onnx == onnx) {
            *dtype = types[i].dtype;
            return true;
        }
    return false;
}

static gy_status read_ports(gy_port **ports, const gy_abi_port *from, size_t count, char letter,
                            const char *path, gy_arena *arena, gy_error *err)
{
    *ports = GY_NEW(arena, gy_port, count + 1);
    for (size_t i = 0; *ports != NULL && i < count; i++) {
        gy_port *port = &(*ports)[i];
        port->name = gy_arena_format(arena, "%c%zu", letter, i);
        if (!read_type(&port->dtype, from[i].type) || from[i].rank > GY_RANK_MAX)
            return gy_fail(err, GY_FORMAT, "'%s' has a port of an unknown type", path);
        port->rank = from[i].rank;
        port->count = (size_t)from[i].count;
        for (size_t k = 0; k < port->rank; k++)
            port->shape[k] = (size_t)from[i].shape[k];
        if (port->name == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for the ports of '%s'", path);
    }
    return *ports != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory to open '%s'", path);
}

static gy_status map_weights(gy_engine *engine, const char *path, gy_error *err)
{
    char file[4096];
    size_t length = strlen(path);
    if (engine->model->weights_bytes == 0)
        return GY_OK;
    int made = snprintf(file, sizeof(file), "%.*s_weights.bin",
                        (int)(length > 3 ? length - 3 : length), path);
    if (made < 0 || (size_t)made >= sizeof(file))
        return gy_fail(err, GY_LIMIT, "path over %zu bytes: '%.40s...'", sizeof(file), path);
    GY_TRY(gy_file_map_open(&engine->weights, file, err));
    if (engine->weights.size_bytes < engine->model->weights_bytes)
        return gy_fail(err, GY_FORMAT, "'%s' has %zu bytes, the model's weights are %llu", file,
                       engine->weights.size_bytes,
                       (unsigned long long)engine->model->weights_bytes);
    return GY_OK;
}

static gy_status open_library(gy_engine *engine, const char *path, gy_error *err)
{
    char file[4096];
    if (!gy_file_exists(path))
        return gy_fail(err, GY_NOT_FOUND, "there is no file '%s'", path);
    int made = snprintf(file, sizeof(file), "%s%s", strchr(path, '/') == NULL ? "./" : "", path);
    if (made < 0 || (size_t)made >= sizeof(file))
        return gy_fail(err, GY_LIMIT, "path over %zu bytes: '%.40s...'", sizeof(file), path);
    engine->library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (engine->library == NULL)
        return gy_fail(err, GY_FORMAT, "cannot open '%s': %s", path, dlerror());
    gy_abi_entry *entry;
    void *symbol = dlsym(engine->library, GY_ABI_SYMBOL);
    if (symbol == NULL)
        return gy_fail(err, GY_FORMAT, "'%s' is no compiled model: it has no '%s'", path,
                       GY_ABI_SYMBOL);
    memcpy(&entry, &symbol, sizeof(entry));
    engine->model = entry();
    if (engine->model == NULL)
        return gy_fail(err, GY_UNSUPPORTED, "'%s' was not built for this processor", path);
    if (engine->model->version != GY_ABI_VERSION ||
        engine->model->size_bytes <
            offsetof(gy_abi_model, input_texts)) // the end of version 1's first form
        return gy_fail(
            err, GY_FORMAT,
            "'%s' has version %u of the format, this gyre knows %u; compile the model again", path,
            engine->model->version, GY_ABI_VERSION);
    return GY_OK;
}

static gy_status open_engine(gy_engine *engine, const char *path, gy_error *err)
{
    GY_TRY(open_library(engine, path, err));
    const gy_abi_model *model = engine->model;
    GY_TRY(read_ports(&engine->inputs, model->inputs, model->input_count, 'x', path, engine->arena,
                      err));
    GY_TRY(read_ports(&engine->outputs, model->outputs, model->output_count, 'y', path,
                      engine->arena, err));
    return map_weights(engine, path, err);
}

gy_status gy_engine_open(gy_engine **engine, const char *path, gy_error *err)
{
    gy_arena *arena = gy_arena_new(0);
    gy_engine *made = arena == NULL ? NULL : GY_NEW(arena, gy_engine, 1);
    if (made == NULL) {
        gy_arena_free(arena);
        return gy_fail(err, GY_NO_MEMORY, "no memory to open '%s'", path);
    }
    made->arena = arena;
    gy_status status = open_engine(made, path, err);
    if (status != GY_OK) {
        gy_engine_close(made);
        return status;
    }
    *engine = made;
    return GY_OK;
}

void gy_engine_close(gy_engine *engine)
{
    if (engine == NULL)
        return;
    gy_file_map_close(&engine->weights);
    if (engine->library != NULL)
        dlclose(engine->library);
    gy_arena_free(engine->arena);
}

const gy_port *gy_engine_inputs(const gy_engine *engine, size_t *count)
{
    *count = engine->model->input_count;
    return engine->inputs;
}

const gy_port *gy_engine_outputs(const gy_engine *engine, size_t *count)
{
    *count = engine->model->output_count;
    return engine->outputs;
}

size_t gy_engine_batch(const gy_engine *engine)
{
    return (size_t)engine->model->batch;
}

const char *gy_engine_kernels(const gy_engine *engine)
{
    return engine->model->kernels;
}

void gy_engine_source(gy_id *source, const gy_engine *engine)
{
    memcpy(source->bytes, engine->model->source, sizeof(source->bytes));
}

// ---- running

/** What the threads of a run share. */
typedef struct run {
    const gy_engine *engine;
    void *const *outputs;
    const void *const *inputs;
    unsigned char *arenas; // one a worker, arena_bytes apart
    size_t arena_bytes;
    const void **x; // pointers of a call, one row a worker
    void **y;
} run;

static gy_status run_calls(void *context, size_t begin, size_t end, size_t worker, gy_error *err)
{
    (void)err;
    const run *r = context;
    const gy_abi_model *model = r->engine->model;
    const void **x = r->x + worker * (model->input_count + 1);
    void **y = r->y + worker * (model->output_count + 1);
    for (size_t call = begin; call < end; call++) {
        for (size_t i = 0; i < model->input_count; i++)
            x[i] = (const unsigned char *)r->inputs[i] + call * model->inputs[i].size_bytes;
        for (size_t i = 0; i < model->output_count; i++)
            y[i] = (unsigned char *)r->outputs[i] + call * model->outputs[i].size_bytes;
        model->run(x, y, r->arenas + worker * r->arena_bytes, r->engine->weights.bytes);
    }
    return GY_OK;
}

gy_status gy_engine_run(gy_engine *engine, void *const *outputs, const void *const *inputs,
                        size_t calls, size_t threads, gy_error *err)
{
    const gy_abi_model *model = engine->model;
    threads = threads == 0 ? gy_thread_count() : threads;
    threads = threads > calls ? calls : threads;
    if (calls == 0)
        return GY_OK;
    gy_arena scratch = GY_ARENA_INIT;
    run r = {.engine = engine, .outputs = outputs, .inputs = inputs};
    r.arena_bytes = ((size_t)model->arena_bytes + 63) / 64 * 64;
    r.arenas = gy_arena_take(&scratch, threads, r.arena_bytes + 64);
    r.x = GY_NEW(&scratch, const void *, threads *(model->input_count + 1));
    r.y = GY_NEW(&scratch, void *, threads *(model->output_count + 1));
    gy_status status = r.arenas == NULL || r.x == NULL || r.y == NULL
                           ? gy_fail(err, GY_NO_MEMORY, "no memory for %zu arenas of %zu bytes",
                                     threads, r.arena_bytes)
                           : gy_thread_loop(calls, (calls + 8 * threads - 1) / (8 * threads),
                                            threads, run_calls, &r, err);
    gy_arena_release(&scratch);
    return status;
}
