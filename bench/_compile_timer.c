// SPDX-License-Identifier: Apache-2.0
//
// One timing loop for both contestants of compile_nn.py, so that no interpreter stands between:
// ONNX Runtime through its C API, a compiled model through gyre_model. Built by compile_nn.py.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "rt/abi.h"

// Places in ONNX Runtime's table of functions; they never change (onnxruntime_c_api.h).
enum {
    ERROR_MESSAGE = 2,
    CREATE_ENV = 3,
    CREATE_SESSION = 7,
    RUN = 9,
    CREATE_OPTIONS = 10,
    SET_THREADS = 24,
    CREATE_TENSOR = 49,
    CREATE_CPU_MEMORY = 69,
    API_VERSION = 11,
    FLOAT32 = 1
};

typedef struct session {
    void *session, *input, *output;
    const char *input_name, *output_name;
} session;

static void *const *api;
static void *environment, *memory;

// Call a function of the table; print what it says when it fails.
#define ORT(place, ...) report(((void *(*)())api[place])(__VA_ARGS__))

static int report(void *failure)
{
    if (failure != NULL)
        fprintf(stderr, "onnxruntime: %s\n",
                ((const char *(*)(void *))api[ERROR_MESSAGE])(failure));
    return failure != NULL;
}

int ort_start(const char *library)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        return 1;
    void *const *(*base)(void) = (void *const *(*)(void))dlsym(handle, "OrtGetApiBase");
    api = ((void *const *(*)(uint32_t))base()[0])(API_VERSION);
    return ORT(CREATE_ENV, 3, "bench", &environment) || ORT(CREATE_CPU_MEMORY, 0, 0, &memory);
}

session *ort_open(const char *path, const char *input_name, const char *output_name, void *x,
                  size_t x_bytes, const int64_t *x_shape, size_t x_rank, void *y, size_t y_bytes,
                  const int64_t *y_shape, size_t y_rank)
{
    session *made = calloc(1, sizeof(*made));
    void *options;
    made->input_name = input_name;
    made->output_name = output_name;
    if (ORT(CREATE_OPTIONS, &options) || ORT(SET_THREADS, options, 1) ||
        ORT(CREATE_SESSION, environment, path, options, &made->session) ||
        ORT(CREATE_TENSOR, memory, x, x_bytes, x_shape, x_rank, FLOAT32, &made->input) ||
        ORT(CREATE_TENSOR, memory, y, y_bytes, y_shape, y_rank, FLOAT32, &made->output))
        return NULL;
    return made;
}

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e6 * (double)now.tv_sec + 1e-3 * (double)now.tv_nsec;
}

double ort_time(session *s, int calls)
{
    double begin = now_us();
    for (int i = 0; i < calls; i++)
        if (ORT(RUN, s->session, NULL, &s->input_name, (const void *const *)&s->input, (size_t)1,
                &s->output_name, (size_t)1, &s->output))
            return -1.0;
    return (now_us() - begin) / calls;
}

const gy_abi_model *gyre_open(const char *path)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    return handle == NULL ? NULL : ((gy_abi_entry *)dlsym(handle, GY_ABI_SYMBOL))();
}

double gyre_time(const gy_abi_model *model, const void *x, void *y, int calls)
{
    void *arena = aligned_alloc(64, (model->arena_bytes + 127) / 64 * 64);
    double begin = now_us();
    for (int i = 0; i < calls; i++)
        model->run(&x, &y, arena, NULL);
    double spent = (now_us() - begin) / calls;
    free(arena);
    return spent;
}

const char *gyre_kernels(const gy_abi_model *model)
{
    return model->kernels;
}
