// SPDX-License-Identifier: Apache-2.0
//
// Runs folders of ONNX's official node tests (model.onnx, test_data_set_N/input_K.pb, output_K.pb)
// through the reader and the reference, many in one process. One line a folder:
//   pass NAME | fixed NAME (passes with its integer inputs fixed to their values)
//   unsupported NAME: why | broken NAME: why (another refusal) | wrong NAME: what differs
// With --rewrite OUT every model is written back to OUT/NAME.onnx first, and that file is run.
// usage: run_node_tests [--rewrite OUT] FOLDER...

#include "node_test.h"
#include <math.h>

static double number_at(const gy_array *array, size_t i)
{
    gy_tensor tensor = {.dtype = array->dtype, .count = array->count, .data = array->data};
    return gy_tensor_number_at(&tensor, i);
}

// As onnx.backend.test does: 1e-3 relative; absolute 1e-6 where it has 1e-7.
static bool is_near(double got, double wanted)
{
    if (isnan(wanted) || isnan(got))
        return isnan(wanted) && isnan(got);
    if (isinf(wanted) || isinf(got))
        return wanted == got;
    return fabs(got - wanted) <= 1e-6 + 1e-3 * fabs(wanted);
}

static bool is_equal(const gy_array *got, const gy_array *wanted, gy_text *why)
{
    bool same = got->dtype == wanted->dtype && got->rank == wanted->rank;
    for (size_t i = 0; same && i < wanted->rank; i++)
        same = got->shape[i] == wanted->shape[i];
    if (!same) {
        gy_text_add(why, "type or shape: %s of rank %zu, not %s of rank %zu",
                    gy_dtype_name(got->dtype), got->rank, gy_dtype_name(wanted->dtype),
                    wanted->rank);
        return false;
    }
    for (size_t i = 0; i < wanted->count; i++) {
        if (wanted->dtype == GY_STRING) {
            const char *const *a = got->data, *const *b = wanted->data;
            if (strcmp(a[i], b[i]) == 0)
                continue;
            gy_text_add(why, "element %zu is '%s', not '%s'", i, a[i], b[i]);
            return false;
        }
        double a = number_at(got, i), b = number_at(wanted, i);
        bool is_float = wanted->dtype == GY_FLOAT32 || wanted->dtype == GY_FLOAT64;
        if (is_float ? is_near(a, b) : a == b)
            continue;
        gy_text_add(why, "element %zu is %.9g, not %.9g", i, a, b);
        return false;
    }
    return true;
}

// Replace a model by what we write of it.
static gy_status rewrite(gy_model **model, const char *path, gy_error *err)
{
    gy_text bytes = {0};
    gy_status status = gy_onnx_write(&bytes, gy_model_graph(*model), err);
    if (status == GY_OK)
        status = gy_file_replace(path, bytes.bytes, bytes.length, err);
    gy_text_release(&bytes);
    if (status != GY_OK)
        return status;
    gy_model *again;
    gy_model_options options = {0};
    GY_TRY(gy_model_open(&again, path, &options, err));
    gy_model_close(*model);
    *model = again;
    return GY_OK;
}

// Run with the inputs from `first` on that are not floats fixed to their values.
static gy_status run(gy_text *why, const node_test *test, size_t first, gy_arena *arena,
                     gy_error *err)
{
    char path[4096];
    gy_array given[PORTS_MAX];
    size_t given_count;
    gy_model *model;
    GY_TRY(open_test(&model, given, &given_count, test, first, err));
    size_t count;
    gy_status status = GY_OK;
    if (test->out != NULL) {
        snprintf(path, sizeof(path), "%s/%s.onnx", test->out, strrchr(test->folder, '/') + 1);
        status = rewrite(&model, path, err);
    }
    gy_model_outputs(model, &count);
    gy_array got[PORTS_MAX];
    if (status != GY_OK)
        count = 0;
    else if (count != test->wanted_count || count > PORTS_MAX)
        gy_text_add(why, "%zu outputs, not %zu", count, test->wanted_count);
    else
        status = gy_model_run(got, model, given, given_count, arena, err);
    for (size_t i = 0; status == GY_OK && why->length == 0 && i < count; i++)
        if (!is_equal(&got[i], &test->wanted[i], why))
            break;
    gy_model_close(model);
    return status;
}

static void report(const char *folder, const char *out, gy_arena *arena)
{
    const char *slash = strrchr(folder, '/'), *name = slash == NULL ? folder : slash + 1;
    node_test test = {.folder = folder, .out = out};
    gy_error err = {0};
    gy_status status = GY_OK;
    test.input_count = read_values(test.inputs, folder, "input", arena, &status, &err);
    if (status == GY_OK)
        test.wanted_count = read_values(test.wanted, folder, "output", arena, &status, &err);
    if (status != GY_OK) {
        printf("%s %s: test data: %s\n", status == GY_UNSUPPORTED ? "unsupported" : "broken", name,
               err.message);
        return;
    }
    gy_text why = {0};
    const char *verdict = "pass";
    status = run(&why, &test, SIZE_MAX, arena, &err);
    // Only what the unfixed model is refused for may be tried again.
    for (size_t first = 2; first > 0 && status == GY_UNSUPPORTED; first--) {
        gy_error again = {0};
        gy_status second = run(&why, &test, first - 1, arena, &again);
        if (second == GY_OK) {
            status = GY_OK;
            verdict = "fixed";
        }
    }
    if (status != GY_OK)
        printf("%s %s: %s\n", status == GY_UNSUPPORTED ? "unsupported" : "broken", name,
               strstr(err.message, "model.onnx': ") ? strstr(err.message, "model.onnx': ") + 13
                                                    : err.message);
    else if (why.length > 0)
        printf("wrong %s: %s\n", name, why.bytes);
    else
        printf("%s %s\n", verdict, name);
    gy_text_release(&why);
}

int main(int count, char **folders)
{
    bool rewrites = count > 2 && strcmp(folders[1], "--rewrite") == 0;
    for (int i = rewrites ? 3 : 1; i < count; i++) {
        gy_arena arena = GY_ARENA_INIT;
        report(folders[i], rewrites ? folders[2] : NULL, &arena);
        gy_arena_release(&arena);
    }
    return 0;
}
