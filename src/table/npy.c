// SPDX-License-Identifier: Apache-2.0
//
// NumPy's array format. Its header is a Python dict literal of three known keys; only that much of
// Python is read, and pickled objects are refused.

#include "table/npy.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static const struct {
    char kind;
    uint8_t size_bytes;
    gy_dtype dtype;
    const char *name, *npy;
} types[] = {
    {'f', 4, GY_FLOAT32, "float32", "<f4"}, {'f', 8, GY_FLOAT64, "float64", "<f8"},
    {'f', 2, GY_FLOAT16, "float16", "<f2"}, {'i', 1, GY_INT8, "int8", "|i1"},
    {'u', 1, GY_UINT8, "uint8", "|u1"},     {'i', 2, GY_INT16, "int16", "<i2"},
    {'u', 2, GY_UINT16, "uint16", "<u2"},   {'i', 4, GY_INT32, "int32", "<i4"},
    {'u', 4, GY_UINT32, "uint32", "<u4"},   {'i', 8, GY_INT64, "int64", "<i8"},
    {'u', 8, GY_UINT64, "uint64", "<u8"},   {'b', 1, GY_BOOL, "bool", "|b1"},
};
enum { TYPE_COUNT = sizeof(types) / sizeof(*types), STRING_BYTES_MAX = 1 << 20 };

size_t gy_dtype_size(gy_dtype dtype)
{
    for (size_t i = 0; i < TYPE_COUNT; i++)
        if (types[i].dtype == dtype)
            return types[i].size_bytes;
    return sizeof(const char *);
}

const char *gy_dtype_name(gy_dtype dtype)
{
    for (size_t i = 0; i < TYPE_COUNT; i++)
        if (types[i].dtype == dtype)
            return types[i].name;
    return "string";
}

const char *gy_npy_code(gy_dtype dtype)
{
    for (size_t i = 0; i < TYPE_COUNT; i++)
        if (types[i].dtype == dtype)
            return types[i].npy;
    return NULL;
}

// ---- the header's dict

typedef struct cursor {
    const char *at, *end, *name;
    gy_error *err;
} cursor;

static void skip_spaces(cursor *in)
{
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\n' || *in->at == '\t'))
        in->at++;
}

static bool take(cursor *in, char wanted)
{
    skip_spaces(in);
    if (in->at == in->end || *in->at != wanted)
        return false;
    in->at++;
    return true;
}

static gy_status broken(cursor *in, const char *what)
{
    return gy_fail(in->err, GY_FORMAT, "'%s': its .npy header is broken: no %s", in->name, what);
}

static gy_status take_string(cursor *in, char *text, size_t size)
{
    skip_spaces(in);
    char quote = in->at < in->end ? *in->at : '\0';
    size_t length = 0;
    if (quote != '\'' && quote != '"')
        return broken(in, "text where one belongs");
    for (in->at++; in->at < in->end && *in->at != quote; in->at++)
        if (length + 1 < size)
            text[length++] = *in->at;
    text[length] = '\0';
    return take(in, quote) ? GY_OK : broken(in, "end of a text");
}

static gy_status take_type(cursor *in, gy_npy_header *header)
{
    char text[32];
    skip_spaces(in);
    if (in->at < in->end && *in->at == '[')
        return gy_fail(in->err, GY_UNSUPPORTED,
                       "'%s' holds records of several fields, "
                       "only arrays of one type are read",
                       in->name);
    GY_TRY(take_string(in, text, sizeof(text)));
    char *end;
    header->kind = text[0] == '\0' ? '\0' : text[1];
    unsigned long size = header->kind == '\0' ? 0 : strtoul(text + 2, &end, 10);
    header->swapped = text[0] == '>';
    if (header->kind == 'O')
        return gy_fail(in->err, GY_UNSUPPORTED,
                       "'%s' holds pickled Python objects, which are never read", in->name);
    if ((header->kind == 'U' || header->kind == 'S') && *end == '\0') {
        header->dtype = GY_STRING;
        header->item_bytes = header->kind == 'U' ? 4 * size : size;
        return size <= STRING_BYTES_MAX / 4
                   ? GY_OK
                   : gy_fail(in->err, GY_LIMIT, "'%s' holds texts of %lu characters, over %d",
                             in->name, size, STRING_BYTES_MAX / 4);
    }
    for (size_t i = 0; i < TYPE_COUNT; i++)
        if (types[i].kind == header->kind && types[i].size_bytes == size && *end == '\0') {
            header->dtype = types[i].dtype;
            header->item_bytes = size;
            return GY_OK;
        }
    return gy_fail(in->err, GY_UNSUPPORTED, "'%s' holds elements of type '%s', which is not read",
                   in->name, text);
}

static gy_status take_shape(cursor *in, gy_npy_header *header)
{
    if (!take(in, '('))
        return broken(in, "shape");
    header->count = 1;
    while (!take(in, ')')) {
        skip_spaces(in);
        size_t side = 0;
        const char *start = in->at;
        for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
            if (side > (SIZE_MAX - 9) / 10)
                return broken(in, "shape of sane size");
            side = 10 * side + (size_t)(*in->at - '0');
        }
        if (in->at == start)
            return broken(in, "number in the shape");
        if (header->rank == GY_RANK_MAX)
            return gy_fail(in->err, GY_LIMIT, "'%s' has over %d dimensions", in->name, GY_RANK_MAX);
        if (side != 0 && header->count > PTRDIFF_MAX / 16 / side)
            return broken(in, "shape of sane size");
        header->shape[header->rank++] = side;
        header->count *= side;
        take(in, 'L'); // Python 2 wrote 3L
        if (!take(in, ',') && !(in->at < in->end && *in->at == ')'))
            return broken(in, "end of the shape");
    }
    return GY_OK;
}

static gy_status take_dict(cursor *in, gy_npy_header *header)
{
    bool has_type = false, has_order = false, has_shape = false;
    if (!take(in, '{'))
        return broken(in, "dict");
    while (!take(in, '}')) {
        char key[32];
        GY_TRY(take_string(in, key, sizeof(key)));
        if (!take(in, ':'))
            return broken(in, "':' after a key");
        skip_spaces(in);
        size_t left = (size_t)(in->end - in->at);
        if (strcmp(key, "descr") == 0 && !has_type) {
            GY_TRY(take_type(in, header));
            has_type = true;
        } else if (strcmp(key, "shape") == 0 && !has_shape) {
            GY_TRY(take_shape(in, header));
            has_shape = true;
        } else if (strcmp(key, "fortran_order") == 0 && left >= 5 && !has_order) {
            header->fortran_order = memcmp(in->at, "True", 4) == 0;
            if (!header->fortran_order && memcmp(in->at, "False", 5) != 0)
                return broken(in, "True or False for fortran_order");
            in->at += header->fortran_order ? 4 : 5;
            has_order = true;
        } else {
            return gy_fail(in->err, GY_FORMAT, "'%s': its .npy header has a key '%s' too many",
                           in->name, key);
        }
        take(in, ',');
    }
    return has_type && has_order && has_shape ? GY_OK : broken(in, "descr, shape or fortran_order");
}

gy_status gy_npy_parse(gy_npy_header *header, const unsigned char *bytes, size_t available,
                       const char *name, gy_error *err)
{
    *header = (gy_npy_header){0};
    if (available < 10 || memcmp(bytes, "\x93NUMPY", 6) != 0)
        return gy_fail(err, GY_FORMAT, "'%s' is not an .npy array", name);
    if (bytes[6] < 1 || bytes[6] > 3)
        return gy_fail(err, GY_UNSUPPORTED, "'%s' is .npy version %u, only 1 to 3 are read", name,
                       bytes[6]);
    size_t start = bytes[6] == 1 ? 10 : 12;
    size_t length = bytes[8] | (size_t)bytes[9] << 8;
    if (start == 12 && available >= 12)
        length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (available < start || length > available - start)
        return gy_fail(err, GY_FORMAT, "'%s' is cut short: its .npy header ends after %zu bytes",
                       name, available);
    cursor in = {(const char *)bytes + start, (const char *)bytes + start + length, name, err};
    GY_TRY(take_dict(&in, header));
    header->data_offset = start + length;
    if (header->item_bytes != 0 && header->count > PTRDIFF_MAX / 2 / header->item_bytes)
        return broken(&in, "shape of sane size");
    return GY_OK;
}

// ---- the elements

// UCS-4 as numpy stores it, ended by NULs, to UTF-8. What is no character becomes U+FFFD.
static size_t utf8_of(char *text, const unsigned char *item, size_t item_bytes, bool swapped)
{
    size_t length = 0;
    for (size_t i = 0; i + 4 <= item_bytes; i += 4) {
        const unsigned char *b = item + i;
        uint32_t c = swapped ? (uint32_t)b[3] | (uint32_t)b[2] << 8 | (uint32_t)b[1] << 16 |
                                   (uint32_t)b[0] << 24
                             : (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
                                   (uint32_t)b[3] << 24;
        if (c == 0)
            break;
        if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
            c = 0xfffd;
        length += gy_utf8_write(text + length, c);
    }
    text[length] = '\0';
    return length;
}

static gy_status decode_strings(gy_array *array, const gy_npy_header *header,
                                const unsigned char *data, gy_arena *arena, gy_error *err)
{
    const char **texts = GY_NEW(arena, const char *, header->count);
    char *text = GY_NEW(arena, char, header->item_bytes + 1);
    for (size_t i = 0; i < header->count && text != NULL && texts != NULL; i++) {
        const unsigned char *item = data + i * header->item_bytes;
        size_t length;
        if (header->kind == 'U') {
            length = utf8_of(text, item, header->item_bytes, header->swapped);
            texts[i] = gy_arena_copy(arena, text, length);
        } else {
            length = header->item_bytes == 0 ? 0 : strnlen((const char *)item, header->item_bytes);
            texts[i] = gy_arena_copy(arena, (const char *)item, length);
        }
        if (texts[i] == NULL)
            texts = NULL;
    }
    if (text == NULL || texts == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu texts", header->count);
    array->data = texts;
    return GY_OK;
}

static void swap_bytes(unsigned char *bytes, size_t count, size_t size)
{
    for (unsigned char *at = bytes; count > 0; count--, at += size)
        for (size_t i = 0; i < size / 2; i++) {
            unsigned char byte = at[i];
            at[i] = at[size - 1 - i];
            at[size - 1 - i] = byte;
        }
}

// Copy elements so that the last index is the fastest, as it is everywhere else.
static void to_c_order(unsigned char *out, const unsigned char *in, const gy_npy_header *header,
                       size_t size)
{
    size_t stride[GY_RANK_MAX], index[GY_RANK_MAX] = {0}, from = 0, rank = header->rank;
    for (size_t d = 0, step = 1; d < rank; step *= header->shape[d++])
        stride[d] = step;
    for (size_t i = 0; i < header->count; i++) {
        memcpy(out + i * size, in + from * size, size);
        for (size_t d = rank; d-- > 0;) {
            from += stride[d];
            if (++index[d] < header->shape[d])
                break;
            from -= stride[d] * header->shape[d];
            index[d] = 0;
        }
    }
}

gy_status gy_npy_decode(gy_array *array, const gy_npy_header *header, const unsigned char *data,
                        const char *name, gy_arena *arena, gy_error *err)
{
    array->dtype = header->dtype;
    array->rank = header->rank;
    array->count = header->count;
    memcpy(array->shape, header->shape, sizeof(array->shape));
    size_t size = header->item_bytes;
    unsigned char *bytes = gy_arena_take(arena, header->count, size);
    if (bytes == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu x %zu bytes of '%s'", header->count,
                       size, name);
    if (header->fortran_order && header->rank > 1 && header->count > 1)
        to_c_order(bytes, data, header, size);
    else if (header->count > 0)
        memcpy(bytes, data, header->count * size);
    if (header->dtype == GY_STRING)
        return decode_strings(array, header, bytes, arena, err);
    if (header->swapped && size > 1)
        swap_bytes(bytes, header->count, size);
    for (size_t i = 0; header->dtype == GY_BOOL && i < header->count; i++)
        bytes[i] = bytes[i] != 0;
    array->data = bytes;
    return GY_OK;
}
