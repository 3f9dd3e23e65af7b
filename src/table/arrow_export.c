// SPDX-License-Identifier: Apache-2.0
//
// A table as an Arrow struct array. Its buffers are the table's own. Every array holds a share of
// what it was made from, because a consumer may move a child out and release it alone.

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "gyre/table.h"

// What the structs of one export live in; gone with the last of them.
typedef struct holder {
    gy_arena *arena; // holds this too
    atomic_size_t shares;
    void (*done)(void *context);
    void *context;
} holder;

static void drop_share(void *context)
{
    holder *held = context;
    if (atomic_fetch_sub(&held->shares, 1) > 1)
        return;
    void (*done)(void *) = held->done;
    void *of = held->context;
    gy_arena_free(held->arena);
    if (done != NULL)
        done(of);
}

// With one share, the maker's.
static holder *hold(void (*done)(void *), void *context, gy_error *err)
{
    gy_arena *arena = gy_arena_new(0);
    holder *held = arena == NULL ? NULL : GY_NEW(arena, holder, 1);
    if (held == NULL) {
        gy_arena_free(arena);
        (void)gy_fail(err, GY_NO_MEMORY, "no memory to give a table to Arrow");
        return NULL;
    }
    held->arena = arena;
    atomic_init(&held->shares, 1);
    held->done = done;
    held->context = context;
    return held;
}

// ---- schema

static void release_schema(struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++)
        if (schema->children[i]->release != NULL)
            schema->children[i]->release(schema->children[i]);
    schema->release = NULL;
    drop_share(schema->private_data);
}

static void start_schema(struct ArrowSchema *schema, holder *held, const char *format,
                         const char *name)
{
    *schema = (struct ArrowSchema){.format = format,
                                   .name = name,
                                   .flags = ARROW_FLAG_NULLABLE,
                                   .release = release_schema,
                                   .private_data = held};
    atomic_fetch_add(&held->shares, 1);
}

// Room for the children; each is released once it is started.
static bool take_schemas(struct ArrowSchema *schema, size_t count)
{
    holder *held = schema->private_data;
    struct ArrowSchema *all = GY_NEW(held->arena, struct ArrowSchema, count + 1);
    schema->children = GY_NEW(held->arena, struct ArrowSchema *, count + 1);
    if (all == NULL || schema->children == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        schema->children[i] = &all[i];
    schema->n_children = (int64_t)count;
    return true;
}

static const char *format_of_dtype(gy_dtype dtype)
{
    static const char *const formats[] = {
        [GY_FLOAT32] = "f", [GY_FLOAT64] = "g", [GY_FLOAT16] = "e", [GY_INT8] = "c",
        [GY_UINT8] = "C",   [GY_INT16] = "s",   [GY_UINT16] = "S",  [GY_INT32] = "i",
        [GY_UINT32] = "I",  [GY_INT64] = "l",   [GY_UINT64] = "L",  [GY_BOOL] = "b"};
    return formats[dtype];
}

static size_t tensor_elements(const gy_column *column)
{
    size_t count = 1;
    for (size_t i = 0; i < column->rank; i++)
        count *= column->shape[i];
    return count;
}

static void add_sized(gy_text *out, const char *text, size_t length)
{
    int32_t size = (int32_t)length;
    gy_text_append(out, &size, sizeof(size));
    gy_text_append(out, text, length);
}

// The canonical extension arrow.fixed_shape_tensor: two pairs of sized key and value.
static char *tensor_metadata(const gy_column *column, gy_arena *arena)
{
    static const char key[] = "ARROW:extension:name", type[] = "arrow.fixed_shape_tensor",
                      about[] = "ARROW:extension:metadata";
    gy_text shape = {0}, out = {0};
    const int32_t pairs = 2;
    for (size_t i = 0; i < column->rank; i++)
        gy_text_add(&shape, "%s%zu", i == 0 ? "{\"shape\":[" : ",", column->shape[i]);
    gy_text_add(&shape, "]}");
    gy_text_append(&out, &pairs, sizeof(pairs));
    add_sized(&out, key, sizeof(key) - 1);
    add_sized(&out, type, sizeof(type) - 1);
    add_sized(&out, about, sizeof(about) - 1);
    if (shape.status == GY_OK)
        add_sized(&out, shape.bytes, shape.length);
    bool good = shape.status == GY_OK && out.status == GY_OK;
    char *metadata = good ? gy_arena_copy(arena, out.bytes, out.length) : NULL;
    gy_text_release(&shape);
    gy_text_release(&out);
    return metadata;
}

static bool set_tensor_schema(struct ArrowSchema *schema, const gy_column *column)
{
    holder *held = schema->private_data;
    schema->format = gy_arena_format(held->arena, "+w:%zu", tensor_elements(column));
    if (column->rank > 1)
        schema->metadata = tensor_metadata(column, held->arena);
    if (schema->format == NULL || (column->rank > 1 && schema->metadata == NULL) ||
        !take_schemas(schema, 1))
        return false;
    start_schema(schema->children[0], held, format_of_dtype(column->dtype), "item");
    return true;
}

static gy_status export_column_schema(struct ArrowSchema *schema, holder *held,
                                      const gy_column *column, gy_error *err)
{
    static const char *const formats[] = {
        [GY_COLUMN_NULL] = "n",   [GY_COLUMN_BOOL] = "b",   [GY_COLUMN_INT64] = "l",
        [GY_COLUMN_FLOAT] = "f",  [GY_COLUMN_DOUBLE] = "g", [GY_COLUMN_TEXT] = "U",
        [GY_COLUMN_DATE] = "tdD", [GY_COLUMN_TIME] = "tsu:"};
    const char *name = gy_arena_copy(held->arena, column->name, strlen(column->name));
    start_schema(schema, held, column->type == GY_COLUMN_TENSOR ? NULL : formats[column->type],
                 name);
    if (column->type == GY_COLUMN_TENSOR && column->dtype == GY_STRING)
        return gy_fail(err, GY_UNSUPPORTED, "column '%s': strings in tensors have no Arrow form",
                       column->name);
    if (name == NULL || (column->type == GY_COLUMN_TENSOR && !set_tensor_schema(schema, column)))
        return gy_fail(err, GY_NO_MEMORY, "no memory for the Arrow schema of column '%s'",
                       column->name);
    return GY_OK;
}

static gy_status export_schema(struct ArrowSchema *schema, const gy_table *table, gy_error *err)
{
    holder *held = hold(NULL, NULL, err);
    if (held == NULL)
        return GY_NO_MEMORY;
    start_schema(schema, held, "+s", "");
    drop_share(held);
    gy_status status = GY_OK;
    if (!take_schemas(schema, table->column_count))
        status = gy_fail(err, GY_NO_MEMORY, "no memory for the Arrow schema of %zu columns",
                         table->column_count);
    for (size_t i = 0; status == GY_OK && i < table->column_count; i++)
        status = export_column_schema(schema->children[i], held, &table->columns[i], err);
    if (status != GY_OK)
        schema->release(schema);
    return status;
}

// ---- array

static void release_array(struct ArrowArray *array)
{
    for (int64_t i = 0; i < array->n_children; i++)
        if (array->children[i]->release != NULL)
            array->children[i]->release(array->children[i]);
    array->release = NULL;
    drop_share(array->private_data);
}

// An array of up to three buffers and some children, which are released once they are started.
static bool start_array(struct ArrowArray *array, holder *held, size_t rows, size_t buffers,
                        size_t children)
{
    *array = (struct ArrowArray){.length = (int64_t)rows,
                                 .n_buffers = (int64_t)buffers,
                                 .release = release_array,
                                 .private_data = held};
    atomic_fetch_add(&held->shares, 1);
    struct ArrowArray *all = GY_NEW(held->arena, struct ArrowArray, children + 1);
    array->buffers = GY_NEW(held->arena, const void *, buffers + 1);
    array->children = GY_NEW(held->arena, struct ArrowArray *, children + 1);
    if (all == NULL || array->buffers == NULL || array->children == NULL)
        return false;
    for (size_t i = 0; i < children; i++)
        array->children[i] = &all[i];
    array->n_children = (int64_t)children;
    return true;
}

static bool export_tensor(struct ArrowArray *array, const gy_column *column, size_t rows)
{
    holder *held = array->private_data;
    size_t count = rows * tensor_elements(column);
    struct ArrowArray *items = array->children[0];
    if (!start_array(items, held, count, 2, 0))
        return false;
    items->buffers[1] = column->values;
    if (column->dtype != GY_BOOL)
        return true;
    uint8_t *bits = GY_NEW(held->arena, uint8_t, count / 8 + 1); // ours are bytes
    for (size_t i = 0; bits != NULL && i < count; i++)
        if (((const uint8_t *)column->values)[i] != 0)
            bits[i / 8] |= (uint8_t)(1u << i % 8);
    items->buffers[1] = bits;
    return bits != NULL;
}

static bool export_column(struct ArrowArray *array, holder *held, const gy_column *column,
                          size_t rows)
{
    static const int64_t no_text[1] = {0};
    bool is_text = column->type == GY_COLUMN_TEXT, is_tensor = column->type == GY_COLUMN_TENSOR;
    size_t buffers = column->type == GY_COLUMN_NULL ? 0 : is_tensor ? 1 : is_text ? 3 : 2;
    if (!start_array(array, held, rows, buffers, is_tensor))
        return false;
    array->null_count = (int64_t)(column->type == GY_COLUMN_NULL ? rows : column->null_count);
    if (column->validity == NULL && column->type != GY_COLUMN_NULL)
        array->null_count = 0;
    if (buffers > 0)
        array->buffers[0] = column->validity;
    if (is_text)
        array->buffers[1] = column->offsets == NULL ? no_text : column->offsets;
    if (buffers > 1)
        array->buffers[buffers - 1] = column->values;
    return !is_tensor || export_tensor(array, column, rows);
}

static gy_status export_array(struct ArrowArray *array, const gy_table *table, void (*done)(void *),
                              void *context, gy_error *err)
{
    holder *held = hold(done, context, err);
    if (held == NULL)
        return GY_NO_MEMORY;
    bool good = start_array(array, held, table->rows, 1, table->column_count);
    for (size_t i = 0; good && i < table->column_count; i++)
        good = export_column(array->children[i], held, &table->columns[i], table->rows);
    if (!good)
        held->done = NULL; // a failure leaves the table to the caller
    drop_share(held);
    if (good)
        return GY_OK;
    array->release(array);
    return gy_fail(err, GY_NO_MEMORY, "no memory for Arrow arrays of %zu columns",
                   table->column_count);
}

gy_status gy_table_export_arrow(struct ArrowSchema *schema, struct ArrowArray *array,
                                const gy_table *table, void (*done)(void *context), void *context,
                                gy_error *err)
{
    *schema = (struct ArrowSchema){0};
    *array = (struct ArrowArray){0};
    GY_TRY(export_schema(schema, table, err));
    gy_status status = export_array(array, table, done, context, err);
    if (status != GY_OK)
        schema->release(schema);
    return status;
}

// ---- stream

typedef struct stream_state {
    const gy_table *table;
    holder *held;
    bool is_given;
    gy_error err;
} stream_state;

static int errno_of(gy_status status)
{
    return status == GY_OK ? 0 : status == GY_NO_MEMORY ? ENOMEM : ENOTSUP;
}

static int stream_schema(struct ArrowArrayStream *stream, struct ArrowSchema *schema)
{
    stream_state *state = stream->private_data;
    return errno_of(export_schema(schema, state->table, &state->err));
}

static int stream_next(struct ArrowArrayStream *stream, struct ArrowArray *array)
{
    stream_state *state = stream->private_data;
    *array = (struct ArrowArray){0};
    if (state->is_given)
        return 0;
    atomic_fetch_add(&state->held->shares, 1);
    gy_status status = export_array(array, state->table, drop_share, state->held, &state->err);
    if (status != GY_OK)
        drop_share(state->held);
    state->is_given = status == GY_OK;
    return errno_of(status);
}

static const char *stream_error(struct ArrowArrayStream *stream)
{
    const stream_state *state = stream->private_data;
    return state->err.message[0] == '\0' ? NULL : state->err.message;
}

static void release_stream(struct ArrowArrayStream *stream)
{
    const stream_state *state = stream->private_data;
    stream->release = NULL;
    drop_share(state->held);
}

gy_status gy_table_stream_arrow(struct ArrowArrayStream *stream, const gy_table *table,
                                void (*done)(void *context), void *context, gy_error *err)
{
    *stream = (struct ArrowArrayStream){0};
    holder *held = hold(done, context, err);
    if (held == NULL)
        return GY_NO_MEMORY;
    stream_state *state = GY_NEW(held->arena, stream_state, 1);
    if (state == NULL) {
        held->done = NULL;
        drop_share(held);
        return gy_fail(err, GY_NO_MEMORY, "no memory to give a table to Arrow");
    }
    *state = (stream_state){.table = table, .held = held};
    *stream = (struct ArrowArrayStream){.get_schema = stream_schema,
                                        .get_next = stream_next,
                                        .get_last_error = stream_error,
                                        .release = release_stream,
                                        .private_data = state};
    return GY_OK;
}
