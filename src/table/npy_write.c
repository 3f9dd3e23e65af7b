// SPDX-License-Identifier: Apache-2.0
//
// Arrays as NumPy's files. Its texts are UCS-4, all as wide as the longest.

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "table/npy.h"

enum { CHARACTERS_MAX = 65536 };

// The next character of a text that has one; what is no UTF-8 is U+FFFD, byte by byte.
static uint32_t next_character(const unsigned char **at)
{
    const unsigned char *bytes = *at;
    size_t length = gy_utf8_length(bytes, strnlen((const char *)bytes, 4));
    *at += length == 0 ? 1 : length;
    if (length == 0)
        return 0xfffd;
    uint32_t character = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++)
        character = character << 6 | (bytes[i] & 0x3fu);
    return character;
}

static size_t count_characters(const char *text)
{
    size_t count = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; count++)
        next_character(&at);
    return count;
}

static gy_status find_width(size_t *width, const gy_array *array, gy_error *err)
{
    const char *const *texts = array->data;
    *width = 1; // numpy makes texts of no character that wide
    for (size_t i = 0; i < array->count; i++) {
        size_t count = count_characters(texts[i]);
        if (count > CHARACTERS_MAX)
            return gy_fail(err, GY_LIMIT, "array '%s', text %zu has %zu characters, at most %d",
                           array->name, i, count, CHARACTERS_MAX);
        *width = count > *width ? count : *width;
    }
    return GY_OK;
}

static void write_texts(gy_text *out, const gy_array *array, size_t width)
{
    const char *const *texts = array->data;
    for (size_t i = 0; i < array->count; i++) {
        const unsigned char *at = (const unsigned char *)texts[i];
        for (size_t k = 0; k < width; k++) {
            uint32_t c = *at == '\0' ? 0 : next_character(&at);
            const unsigned char bytes[] = {(unsigned char)c, (unsigned char)(c >> 8),
                                           (unsigned char)(c >> 16), 0};
            gy_text_append(out, bytes, sizeof(bytes));
        }
    }
}

static void write_header(gy_text *out, const gy_array *array, const char *code)
{
    enum { START_BYTES = 10, ALIGNMENT = 64, DICT_BYTES_MAX = 480 };
    char dict[DICT_BYTES_MAX];
    int length =
        snprintf(dict, sizeof(dict), "{'descr': '%s', 'fortran_order': False, 'shape': (", code);
    for (size_t d = 0; d < array->rank; d++)
        length += snprintf(dict + length, sizeof(dict) - (size_t)length, "%s%zu%s",
                           d == 0 ? "" : ", ", array->shape[d], array->rank == 1 ? "," : "");
    length += snprintf(dict + length, sizeof(dict) - (size_t)length, "), }");
    size_t padded = (START_BYTES + (size_t)length + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    size_t dict_bytes = padded - START_BYTES;
    const unsigned char start[START_BYTES] = {0x93,
                                              'N',
                                              'U',
                                              'M',
                                              'P',
                                              'Y',
                                              1,
                                              0,
                                              (unsigned char)dict_bytes,
                                              (unsigned char)(dict_bytes >> 8)};
    gy_text_append(out, start, sizeof(start));
    gy_text_add(out, "%s%*s\n", dict, (int)(dict_bytes - (size_t)length - 1), "");
}

gy_status gy_npy_write(gy_text *out, const gy_array *array, gy_error *err)
{
    const char *code = gy_npy_code(array->dtype);
    size_t width = 0;
    char wide[32];
    if (array->dtype == GY_STRING) {
        GY_TRY(find_width(&width, array, err));
        snprintf(wide, sizeof(wide), "<U%zu", width);
        code = wide;
    }
    write_header(out, array, code);
    if (array->dtype == GY_STRING)
        write_texts(out, array, width);
    else if (array->count > 0)
        gy_text_append(out, array->data, array->count * gy_dtype_size(array->dtype));
    return out->status == GY_OK
               ? GY_OK
               : gy_fail(err, GY_NO_MEMORY, "no memory for array '%s'", array->name);
}
