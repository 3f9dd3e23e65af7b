// SPDX-License-Identifier: Apache-2.0
//
// Arrow's format strings, read into what the table makes of them.

#include "table/arrow_form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

// Formats of one letter or a fixed text. Times of another unit: value * times / over.
static const struct {
    const char *format;
    gy_arrow_form form;
} plain[] = {
#define ROW(format, kind_, type_, ...)                                       \
    {                                                                        \
        format,                                                              \
        {                                                                    \
            .kind = GY_ARROW_##kind_, .type = GY_COLUMN_##type_, __VA_ARGS__ \
        }                                                                    \
    }
    ROW("n", NULL, NULL, .width_bytes = 0),
    ROW("b", BOOL, BOOL, .width_bytes = 0),
    ROW("c", WHOLE, INT64, .width_bytes = 1, .is_signed = true),
    ROW("C", WHOLE, INT64, .width_bytes = 1),
    ROW("s", WHOLE, INT64, .width_bytes = 2, .is_signed = true),
    ROW("S", WHOLE, INT64, .width_bytes = 2),
    ROW("i", WHOLE, INT64, .width_bytes = 4, .is_signed = true),
    ROW("I", WHOLE, INT64, .width_bytes = 4),
    ROW("l", AS_IS, INT64, .width_bytes = 8),
    ROW("L", WHOLE, INT64, .width_bytes = 8),
    ROW("e", HALF, FLOAT, .width_bytes = 2),
    ROW("f", AS_IS, FLOAT, .width_bytes = 4),
    ROW("g", AS_IS, DOUBLE, .width_bytes = 8),
    ROW("u", TEXT, TEXT, .width_bytes = 4),
    ROW("U", LARGE_TEXT, TEXT, .width_bytes = 8),
    ROW("vu", VIEW, TEXT, .width_bytes = 16),
    ROW("tdD", AS_IS, DATE, .width_bytes = 4),
    ROW("tdm", SCALED, DATE, .width_bytes = 8, .times = 1, .over = 86400000),
#undef ROW
};

// A time's zone, behind the colon, is how it is shown: the value is UTC.
static bool read_time(gy_arrow_form *form, const char *format)
{
    static const struct {
        char unit;
        int64_t times, over;
    } units[] = {{'s', 1000000, 1}, {'m', 1000, 1}, {'u', 1, 1}, {'n', 1, 1000}};
    if (strncmp(format, "ts", 2) != 0 || format[2] == '\0' || format[3] != ':')
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
        if (units[i].unit == format[2]) {
            *form = (gy_arrow_form){.kind = format[2] == 'u' ? GY_ARROW_AS_IS : GY_ARROW_SCALED,
                                    .type = GY_COLUMN_TIME,
                                    .width_bytes = 8,
                                    .times = units[i].times,
                                    .over = units[i].over};
            return true;
        }
    return false;
}

// "d:precision,scale[,bits]". As a Parquet file's: whole numbers and what a double has exactly are
// numbers, others are spelled.
static bool read_decimal(gy_arrow_form *form, const char *format)
{
    int precision, scale, bits = 128, used = 0;
    if (sscanf(format, "d:%d,%d%n", &precision, &scale, &used) != 2 || precision < 1 ||
        precision > 38 || scale < -38 || scale > 38)
        return false;
    if (format[used] == ',' &&
        (sscanf(format + used, ",%d", &bits) != 1 || (bits != 32 && bits != 64 && bits != 128)))
        return false;
    *form = (gy_arrow_form){.kind = GY_ARROW_DECIMAL,
                            .type = GY_COLUMN_TEXT,
                            .width_bytes = (size_t)bits / 8,
                            .scale = scale};
    if (scale == 0 && precision <= 18)
        form->type = GY_COLUMN_INT64;
    else if (precision <= 15 && scale >= 0)
        form->type = GY_COLUMN_DOUBLE;
    form->is_narrow = form->type == GY_COLUMN_TEXT;
    return true;
}

// ---- tensors

static bool read_dtype(gy_dtype *dtype, const char *format)
{
    static const char letters[] = "fgecCsSiIlLb";
    static const gy_dtype dtypes[] = {GY_FLOAT32, GY_FLOAT64, GY_FLOAT16, GY_INT8,
                                      GY_UINT8,   GY_INT16,   GY_UINT16,  GY_INT32,
                                      GY_UINT32,  GY_INT64,   GY_UINT64,  GY_BOOL};
    const char *at = format[0] == '\0' || format[1] != '\0' ? NULL : strchr(letters, format[0]);
    if (at != NULL)
        *dtype = dtypes[at - letters];
    return at != NULL;
}

// The value of a key in a schema's metadata; NULL: it has none.
static const char *metadata_value(const char *metadata, const char *key, size_t *length)
{
    int32_t pairs = 0;
    if (metadata != NULL)
        memcpy(&pairs, metadata, sizeof(pairs));
    const char *at = metadata + (metadata == NULL ? 0 : sizeof(pairs));
    for (int32_t i = 0; i < pairs; i++) {
        int32_t sizes[2];
        const char *texts[2];
        for (size_t k = 0; k < 2; k++) {
            memcpy(&sizes[k], at, sizeof(sizes[k]));
            if (sizes[k] < 0)
                return NULL;
            texts[k] = at + sizeof(sizes[k]);
            at = texts[k] + sizes[k];
        }
        if (strlen(key) == (size_t)sizes[0] && memcmp(texts[0], key, strlen(key)) == 0) {
            *length = (size_t)sizes[1];
            return texts[1];
        }
    }
    return NULL;
}

// The axes of arrow.fixed_shape_tensor: {"shape":[2,3]}, where they come to `count` elements.
static void read_shape(gy_arrow_form *form, const char *metadata, size_t count, gy_arena *arena)
{
    size_t length;
    gy_json *root;
    const char *name = metadata_value(metadata, "ARROW:extension:name", &length);
    form->rank = 1;
    form->shape[0] = count;
    if (name == NULL || length != 24 || memcmp(name, "arrow.fixed_shape_tensor", 24) != 0)
        return;
    const char *about = metadata_value(metadata, "ARROW:extension:metadata", &length);
    if (about == NULL || gy_json_parse(&root, about, length, "shape", arena, NULL) != GY_OK)
        return;
    const gy_json *shape = gy_json_get(root, "shape");
    // One that is permuted keeps its order in memory: the axes as they lie there.
    if (shape == NULL || shape->kind != GY_JSON_ARRAY || shape->count > GY_RANK_MAX)
        return;
    size_t axes[GY_RANK_MAX], product = 1;
    for (size_t i = 0; i < shape->count; i++) {
        const gy_json *axis = &shape->items[i];
        if (axis->kind != GY_JSON_NUMBER || axis->number < 1 || axis->number > 1e9 ||
            product > count)
            return;
        axes[i] = (size_t)axis->number;
        product *= axes[i];
    }
    if (product != count || shape->count == 0)
        return;
    form->rank = shape->count;
    memcpy(form->shape, axes, sizeof(axes[0]) * form->rank);
}

static bool read_tensor(gy_arrow_form *form, const struct ArrowSchema *schema, gy_arena *arena)
{
    if (strncmp(schema->format, "+w:", 3) != 0 || schema->n_children != 1)
        return false;
    char *end;
    const struct ArrowSchema *item = schema->children[0];
    long long count = strtoll(schema->format + 3, &end, 10);
    if (*end != '\0' || count < 1 || count > INT32_MAX || item->dictionary != NULL ||
        !read_dtype(&form->dtype, item->format))
        return false;
    form->kind = GY_ARROW_TENSOR;
    form->type = GY_COLUMN_TENSOR;
    form->width_bytes = (size_t)count * gy_dtype_size(form->dtype);
    read_shape(form, schema->metadata, (size_t)count, arena);
    return true;
}

// ---- all

static const char *type_name(const char *format)
{
    static const char *const names[][2] = {
        {"z", "binary"},           {"Z", "large_binary"}, {"vz", "binary_view"},
        {"w:", "fixed_binary"},    {"tt", "time of day"}, {"tD", "duration"},
        {"ti", "interval"},        {"+l", "list"},        {"+L", "large_list"},
        {"+vl", "list_view"},      {"+vL", "list_view"},  {"+w", "fixed-size list"},
        {"+s", "struct"},          {"+m", "map"},         {"+u", "union"},
        {"+r", "run-end encoded"}, {"d:", "decimal"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strncmp(format, names[i][0], strlen(names[i][0])) == 0)
            return names[i][1];
    return "unknown";
}

gy_status gy_arrow_form_read(gy_arrow_form *form, const struct ArrowSchema *schema,
                             const char *name, gy_arena *arena, gy_error *err)
{
    const char *format = schema->format;
    *form = (gy_arrow_form){0};
    if (format == NULL)
        return gy_fail(err, GY_FORMAT, "column '%s': an Arrow schema without a format", name);
    for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
        if (strcmp(format, plain[i].format) == 0) {
            *form = plain[i].form;
            return GY_OK;
        }
    if (read_time(form, format) || read_decimal(form, format) || read_tensor(form, schema, arena))
        return GY_OK;
    return gy_fail(err, GY_UNSUPPORTED,
                   "column '%s' has the Arrow type '%.60s' (%s), which a table does not hold; "
                   "make text or numbers of it, or leave it out",
                   name, format, type_name(format));
}
