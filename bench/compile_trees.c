// SPDX-License-Identifier: Apache-2.0
//
// A compiled model and ONNX Runtime's C API on the same rows, turn by turn, one thread. ONNX
// Runtime is called through its table of functions, by place, as its C API keeps them; no header.
//
// usage: compile_trees LIBONNXRUNTIME MODEL.onnx MODEL.so ROWS.f32 BATCH FEATURES INPUT OUTPUT
// Prints one JSON object: microseconds a call (minimum, median) of each, and the greatest
// difference of what they give.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rt/abi.h"

enum { TURNS = 41, POOL_ROWS = 4096 };

// Places in OrtApi (onnxruntime_c_api.h; entries are only ever added at its end).
enum {
    GET_ERROR_MESSAGE = 2,
    CREATE_ENV = 3,
    CREATE_SESSION = 7,
    RUN = 9,
    CREATE_SESSION_OPTIONS = 10,
    SET_INTRA_OP_THREADS = 24,
    CREATE_TENSOR = 49,
    CREATE_CPU_MEMORY_INFO = 69
};

typedef void *entry(void);
static entry *const *api;

static void check(void *status, const char *what)
{
    if (status == NULL)
        return;
    typedef const char *message(void *);
    fprintf(stderr, "%s: %s\n", what, ((message *)api[GET_ERROR_MESSAGE])(status));
    exit(1);
}

static double now_us(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

/** ONNX Runtime with one input and one output bound to memory of ours. */
typedef struct peer {
    void *session, *input, *output;
    const char *input_name, *output_name;
} peer;

static void *tensor(void *data, size_t floats, const int64_t *shape)
{
    typedef void *info_call(int, int, void **);
    typedef void *tensor_call(void *, void *, size_t, const int64_t *, size_t, int, void **);
    void *info = NULL, *made = NULL;
    check(((info_call *)api[CREATE_CPU_MEMORY_INFO])(0, 0, &info), "memory");
    check(
        ((tensor_call *)api[CREATE_TENSOR])(info, data, floats * sizeof(float), shape, 2, 1, &made),
        "tensor");
    return made;
}

static void open_peer(peer *p, const char *library, const char *model)
{
    typedef void *env_call(int, const char *, void **);
    typedef void *options_call(void **);
    typedef void *threads_call(void *, int);
    typedef void *session_call(void *, const char *, void *, void **);
    struct base {
        entry *const *(*get)(uint32_t version);
    };
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL), *env = NULL, *options = NULL;
    typedef const struct base *base_call(void);
    base_call *get_base = handle == NULL ? NULL : (base_call *)dlsym(handle, "OrtGetApiBase");
    if (get_base == NULL || (api = get_base()->get(11)) == NULL) {
        fprintf(stderr, "no ONNX Runtime in %s\n", library);
        exit(1);
    }
    check(((env_call *)api[CREATE_ENV])(3, "bench", &env), "environment");
    check(((options_call *)api[CREATE_SESSION_OPTIONS])(&options), "options");
    check(((threads_call *)api[SET_INTRA_OP_THREADS])(options, 1), "threads");
    check(((session_call *)api[CREATE_SESSION])(env, model, options, &p->session), "session");
}

static void run_peer(peer *p)
{
    typedef void *run_call(void *, void *, const char *const *, void *const *, size_t,
                           const char *const *, size_t, void **);
    check(((run_call *)api[RUN])(p->session, NULL, &p->input_name, &p->input, 1, &p->output_name, 1,
                                 &p->output),
          "run");
}

/** What is called, and the rows that it is called with. */
typedef struct contest {
    peer peer;
    const gy_abi_model *model;
    void *arena;
    const float *pool; // POOL_ROWS rows
    float *x, *peer_y, *y;
    size_t batch, features, next;
} contest;

// Other rows every time: a repeated one would be learned by the branch predictor.
static void feed(contest *c)
{
    size_t rows = c->batch * c->features;
    memcpy(c->x, c->pool + c->next % (POOL_ROWS / c->batch) * rows, rows * sizeof(float));
    c->next++;
}

static void call(contest *c, int ours)
{
    feed(c);
    if (!ours) {
        run_peer(&c->peer);
        return;
    }
    const void *inputs[] = {c->x};
    void *outputs[] = {c->y};
    c->model->run(inputs, outputs, c->arena, NULL);
}

static double turn(contest *c, int ours, size_t calls)
{
    double start = now_us(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t i = 0; i < calls; i++)
        call(c, ours);
    return (now_us(CLOCK_PROCESS_CPUTIME_ID) - start) / (double)calls;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double worst_difference(contest *c)
{
    double worst = 0.0;
    for (size_t i = 0; i < 64; i++) {
        size_t next = c->next;
        call(c, 0);
        c->next = next;
        call(c, 1);
        for (size_t k = 0; k < c->batch; k++) {
            double d = fabs((double)c->y[k] - (double)c->peer_y[k]);
            worst = d > worst ? d : worst;
        }
    }
    return worst;
}

static void *aligned(size_t size_bytes)
{
    void *memory = aligned_alloc(64, (size_bytes + 127) / 64 * 64);
    if (memory == NULL)
        exit(1);
    memset(memory, 0, size_bytes);
    return memory;
}

static void open_contest(contest *c, char **args)
{
    c->batch = strtoul(args[5], NULL, 10);
    c->features = strtoul(args[6], NULL, 10);
    size_t floats = POOL_ROWS * c->features;
    float *pool = aligned(floats * sizeof(float));
    FILE *file = fopen(args[4], "rb");
    void *handle = dlopen(args[3], RTLD_NOW);
    gy_abi_entry *get = handle == NULL ? NULL : (gy_abi_entry *)dlsym(handle, GY_ABI_SYMBOL);
    if (file == NULL || fread(pool, sizeof(float), floats, file) != floats || get == NULL) {
        fprintf(stderr, "cannot read %s or %s\n", args[3], args[4]);
        exit(1);
    }
    fclose(file);
    c->pool = pool;
    c->model = get();
    c->arena = aligned(c->model->arena_bytes + 1);
    c->x = aligned(c->batch * c->features * sizeof(float));
    c->y = aligned(c->batch * sizeof(float));
    c->peer_y = aligned(c->batch * sizeof(float));
    open_peer(&c->peer, args[1], args[2]);
    int64_t in[] = {(int64_t)c->batch, (int64_t)c->features}, out[] = {(int64_t)c->batch, 1};
    c->peer.input_name = args[7];
    c->peer.output_name = args[8];
    c->peer.input = tensor(c->x, c->batch * c->features, in);
    c->peer.output = tensor(c->peer_y, c->batch, out);
}

int main(int count, char **args)
{
    if (count != 9)
        return 2;
    contest c = {0};
    double times[2][TURNS];
    open_contest(&c, args);
    double worst = worst_difference(&c);
    // About 4 ms of calls a turn, by what the peer takes.
    size_t calls = (size_t)(4000.0 / turn(&c, 0, 20)) + 1;
    for (size_t i = 0; i < TURNS; i++)
        for (int ours = 0; ours < 2; ours++)
            times[ours][i] = turn(&c, ours, calls);
    for (int ours = 0; ours < 2; ours++)
        qsort(times[ours], TURNS, sizeof(double), by_size);
    printf("{\"ort_min\": %.3f, \"ort_median\": %.3f, \"gyre_min\": %.3f, \"gyre_median\": %.3f, "
           "\"difference\": %.3g}\n",
           times[0][0], times[0][TURNS / 2], times[1][0], times[1][TURNS / 2], worst);
    return 0;
}
