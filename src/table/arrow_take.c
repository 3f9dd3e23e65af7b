// SPDX-License-Identifier: Apache-2.0
//
// One array's rows as a column: by pointers where the layout is ours, else value by value.

#include <stdio.h>
#include <string.h>

#include "table/arrow_form.h"
#include "table/build.h"

__extension__ typedef unsigned __int128 gy_wide;

enum { VIEW_INLINE_BYTES = 12, DECIMAL_TEXT_BYTES = 96 };

static gy_status no_memory(const char *name, size_t rows, gy_error *err)
{
    return gy_fail(err, GY_NO_MEMORY, "no memory for %zu rows of column '%s'", rows, name);
}

static gy_status contradiction(const char *name, const char *what, gy_error *err)
{
    return gy_fail(err, GY_FORMAT, "column '%s': its Arrow array has %s", name, what);
}

const uint8_t *gy_arrow_bits(const uint8_t *bits, size_t first, size_t rows, gy_arena *arena)
{
    if (first % 8 == 0)
        return bits + first / 8;
    uint8_t *shifted = GY_NEW(arena, uint8_t, rows / 8 + 1);
    for (size_t row = 0; shifted != NULL && row < rows; row++)
        shifted[row / 8] |= (uint8_t)(gy_bit_at(bits, first + row) << row % 8);
    return shifted;
}

gy_status gy_arrow_check(const gy_arrow_part *part, const gy_arrow_form *form, const char *name,
                         gy_error *err)
{
    const struct ArrowArray *array = part->array;
    int64_t buffers = form->kind == GY_ARROW_NULL                                      ? 0
                      : form->kind == GY_ARROW_TENSOR                                  ? 1
                      : form->type == GY_COLUMN_TEXT && form->kind != GY_ARROW_DECIMAL ? 3
                                                                                       : 2;
    if (array->n_buffers < buffers || (buffers > 0 && array->buffers == NULL))
        return contradiction(name, "too few buffers for its type", err);
    if (part->rows > 0 && buffers > 1 && array->buffers[1] == NULL)
        return contradiction(name, "no values", err);
    if (form->kind != GY_ARROW_TENSOR)
        return GY_OK;
    size_t each = form->width_bytes / gy_dtype_size(form->dtype);
    const struct ArrowArray *items =
        array->n_children == 1 && array->children != NULL ? array->children[0] : NULL;
    if (items == NULL || items->n_buffers < 2 || items->buffers == NULL || items->offset < 0 ||
        (part->rows > 0 && items->buffers[1] == NULL))
        return contradiction(name, "no values in its lists", err);
    if (items->length < 0 || (uint64_t)items->length / each < part->first + part->rows)
        return contradiction(name, "fewer values than its lists", err);
    return GY_OK;
}

static gy_status set_validity(gy_column *column, const gy_arrow_part *part, gy_arena *arena,
                              gy_error *err)
{
    const uint8_t *bits = part->array->n_buffers > 0 ? part->array->buffers[0] : NULL;
    column->null_count = 0;
    if (bits == NULL || part->array->null_count == 0)
        return GY_OK;
    for (size_t row = 0; row < part->rows; row++)
        column->null_count += !gy_bit_at(bits, part->first + row);
    if (column->null_count == 0)
        return GY_OK;
    column->validity = gy_arrow_bits(bits, part->first, part->rows, arena);
    return column->validity == NULL ? no_memory(column->name, part->rows, err) : GY_OK;
}

// ---- numbers and times

static int64_t whole_at(const void *values, size_t at, size_t width_bytes, bool is_signed)
{
    const uint8_t *bytes = (const uint8_t *)values + at * width_bytes;
    uint64_t value = 0;
    memcpy(&value, bytes, width_bytes);
    unsigned unused = 64 - 8 * (unsigned)width_bytes;
    return is_signed ? (int64_t)(value << unused) >> unused : (int64_t)value;
}

static float half_value(uint16_t bits)
{
    uint32_t sign = (uint32_t)(bits & 0x8000) << 16, exponent = bits >> 10 & 31;
    uint32_t fraction = bits & 1023, wide;
    if (exponent == 0) { // zero or denormal: fraction / 2^24, exact
        float value = (float)fraction / 16777216.0f;
        return sign != 0 ? -value : value;
    }
    wide = sign | (exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13;
    float value;
    memcpy(&value, &wide, sizeof(value));
    return value;
}

static gy_status scale_time(int64_t *scaled, const gy_arrow_form *form, int64_t value,
                            const gy_column *column, size_t row, gy_error *err)
{
    if (__builtin_mul_overflow(value, form->times, scaled))
        return gy_fail(err, GY_LIMIT, "column '%s', row %zu: a time of over 290,000 years",
                       column->name, row + 1);
    int64_t rest = *scaled % form->over;
    *scaled = *scaled / form->over - (rest < 0);
    if (form->type == GY_COLUMN_DATE && (*scaled < INT32_MIN || *scaled > INT32_MAX))
        return gy_fail(err, GY_LIMIT, "column '%s', row %zu: a date of over 5,800,000 years",
                       column->name, row + 1);
    return GY_OK;
}

static void read_decimal(gy_wide *magnitude, bool *negative, const void *values, size_t at,
                         size_t width_bytes)
{
    const uint8_t *bytes = (const uint8_t *)values + at * width_bytes;
    uint64_t half[2] = {0, 0};
    memcpy(half, bytes, width_bytes);
    if (width_bytes < 16) {
        half[0] = (uint64_t)whole_at(values, at, width_bytes, true);
        half[1] = (int64_t)half[0] < 0 ? UINT64_MAX : 0;
    }
    gy_wide value = (gy_wide)half[1] << 64 | half[0];
    *negative = half[1] >> 63 != 0;
    *magnitude = *negative ? 0 - value : value;
}

// At most 15 digits: both parts are exact as doubles, so the quotient is the nearest one.
static double decimal_value(gy_wide magnitude, bool negative, int scale)
{
    double power = 1.0;
    for (int i = 0; i < scale; i++)
        power *= 10.0; // exact up to 10^22; a scale here is at most the precision, 15
    double value = (double)(uint64_t)magnitude / power;
    return negative ? -value : value;
}

static size_t spell_decimal(char out[DECIMAL_TEXT_BYTES], gy_wide magnitude, bool negative,
                            int scale)
{
    char digits[DECIMAL_TEXT_BYTES]; // from the last on
    size_t count = 0, length = 0;
    for (; scale < 0 && magnitude != 0; scale++)
        digits[count++] = '0';
    do {
        digits[count++] = (char)('0' + (int)(magnitude % 10));
        magnitude /= 10;
        if (scale > 0 && count == (size_t)scale)
            digits[count++] = '.';
    } while (magnitude != 0 || (scale > 0 && count < (size_t)scale + 2));
    if (negative)
        out[length++] = '-';
    while (count > 0)
        out[length++] = digits[--count];
    return length;
}

static gy_status set_number(void *values, const gy_column *column, const gy_arrow_part *part,
                            const gy_arrow_form *form, size_t row, gy_error *err)
{
    const void *from = part->array->buffers[1];
    size_t at = part->first + row;
    if (form->kind == GY_ARROW_HALF) {
        ((float *)values)[row] = half_value((uint16_t)whole_at(from, at, 2, false));
        return GY_OK;
    }
    if (form->kind == GY_ARROW_DECIMAL) {
        gy_wide magnitude;
        bool negative;
        read_decimal(&magnitude, &negative, from, at, form->width_bytes);
        if (form->type == GY_COLUMN_DOUBLE)
            ((double *)values)[row] = decimal_value(magnitude, negative, form->scale);
        else
            ((int64_t *)values)[row] =
                (int64_t)(negative ? 0 - (uint64_t)magnitude : (uint64_t)magnitude);
        return GY_OK;
    }
    int64_t value = whole_at(from, at, form->width_bytes, form->is_signed);
    if (form->kind == GY_ARROW_SCALED)
        GY_TRY(scale_time(&value, form, value, column, row, err));
    if (form->type == GY_COLUMN_DATE)
        ((int32_t *)values)[row] = (int32_t)value;
    else
        ((int64_t *)values)[row] = value;
    return GY_OK;
}

static gy_status take_numbers(gy_column *column, const gy_arrow_part *part,
                              const gy_arrow_form *form, gy_arena *arena, gy_error *err)
{
    void *values = gy_arena_take(arena, part->rows + 1, gy_column_value_bytes(column));
    if (values == NULL)
        return no_memory(column->name, part->rows, err);
    column->values = values;
    for (size_t row = 0; row < part->rows; row++)
        if (gy_column_has(column, row)) // what stands under a null may be anything
            GY_TRY(set_number(values, column, part, form, row, err));
    return GY_OK;
}

// The column's own layout: by pointer, unless the values start at an odd address.
static gy_status take_as_is(gy_column *column, const void *values, size_t first, size_t rows,
                            size_t width_bytes, size_t align_bytes, gy_arena *arena, gy_error *err)
{
    if (rows == 0) {
        column->values = "";
        return GY_OK;
    }
    const uint8_t *from = (const uint8_t *)values + first * width_bytes;
    column->values = from;
    if ((uintptr_t)from % align_bytes == 0)
        return GY_OK;
    void *copy = gy_arena_take(arena, rows, width_bytes);
    if (copy == NULL)
        return no_memory(column->name, rows, err);
    memcpy(copy, from, rows * width_bytes);
    column->values = copy;
    return GY_OK;
}

static gy_status take_tensor(gy_column *column, const gy_arrow_part *part,
                             const gy_arrow_form *form, gy_arena *arena, gy_error *err)
{
    const struct ArrowArray *items = part->array->children[0];
    size_t size = gy_dtype_size(form->dtype), each = form->width_bytes / size;
    size_t first = (size_t)items->offset + part->first * each, count = part->rows * each;
    const uint8_t *holes = items->null_count == 0 ? NULL : items->buffers[0];
    column->dtype = form->dtype;
    column->rank = form->rank;
    memcpy(column->shape, form->shape, sizeof(column->shape));
    if (column->null_count > 0)
        return gy_fail(err, GY_UNSUPPORTED,
                       "column '%s' lacks a value in some row: tensors have "
                       "one in every row",
                       column->name);
    for (size_t i = 0; holes != NULL && i < count; i++)
        if (!gy_bit_at(holes, first + i))
            return gy_fail(err, GY_UNSUPPORTED, "column '%s', row %zu: a list that lacks a number",
                           column->name, i / each + 1);
    if (form->dtype != GY_BOOL)
        return take_as_is(column, items->buffers[1], first, count, size, size, arena, err);
    uint8_t *bytes = GY_NEW(arena, uint8_t, count + 1); // Arrow's are bits
    if (bytes == NULL)
        return no_memory(column->name, part->rows, err);
    for (size_t i = 0; i < count; i++)
        bytes[i] = gy_bit_at(items->buffers[1], first + i);
    column->values = bytes;
    return GY_OK;
}

// ---- text

static int64_t offset_at(const gy_arrow_part *part, const gy_arrow_form *form, size_t row)
{
    size_t at = part->first + row;
    return whole_at(part->array->buffers[1], at, form->width_bytes, true);
}

static gy_status take_text(gy_column *column, const gy_arrow_part *part, const gy_arrow_form *form,
                           gy_arena *arena, gy_error *err)
{
    int64_t before = part->rows == 0 ? 0 : offset_at(part, form, 0);
    if (before < 0)
        return contradiction(column->name, "a text that starts before its buffer", err);
    for (size_t row = 0; row < part->rows; row++) {
        int64_t end = offset_at(part, form, row + 1);
        if (end < before)
            return contradiction(column->name, "a text that ends before it starts", err);
        before = end;
    }
    column->values = part->array->buffers[2] == NULL ? "" : part->array->buffers[2];
    if (before > 0 && part->array->buffers[2] == NULL)
        return contradiction(column->name, "no text", err);
    const int64_t *offsets = (const int64_t *)part->array->buffers[1];
    if (part->rows > 0 && form->kind == GY_ARROW_LARGE_TEXT && (uintptr_t)offsets % 8 == 0) {
        column->offsets = offsets + part->first;
        return GY_OK;
    }
    int64_t *made = GY_NEW(arena, int64_t, part->rows + 1);
    if (made == NULL)
        return no_memory(column->name, part->rows, err);
    for (size_t row = 0; part->rows > 0 && row <= part->rows; row++)
        made[row] = offset_at(part, form, row);
    column->offsets = made;
    return GY_OK;
}

// The bytes of one view: inline up to 12, else (4 bytes of it, buffer, offset). NULL: out of
// bounds.
static const char *view_text(size_t *length, const struct ArrowArray *array, size_t at)
{
    const uint8_t *view = (const uint8_t *)array->buffers[1] + 16 * at;
    const int64_t *sizes = array->buffers[array->n_buffers - 1];
    int32_t size, buffer, offset;
    memcpy(&size, view, 4);
    if (size < 0)
        return NULL;
    *length = (size_t)size;
    if (size <= VIEW_INLINE_BYTES)
        return (const char *)view + 4;
    memcpy(&buffer, view + 8, 4);
    memcpy(&offset, view + 12, 4);
    if (buffer < 0 || buffer >= array->n_buffers - 3 || offset < 0 || sizes == NULL ||
        array->buffers[2 + buffer] == NULL || (int64_t)offset + size > sizes[buffer])
        return NULL;
    return (const char *)array->buffers[2 + buffer] + offset;
}

// Text that is made row by row: a view, or a spelled number.
static const char *made_text(size_t *length, char room[DECIMAL_TEXT_BYTES],
                             const gy_arrow_part *part, const gy_arrow_form *form, size_t row)
{
    size_t at = part->first + row;
    if (form->kind == GY_ARROW_VIEW)
        return view_text(length, part->array, at);
    gy_wide magnitude;
    bool negative = false;
    if (form->kind == GY_ARROW_WHOLE)
        magnitude = (uint64_t)whole_at(part->array->buffers[1], at, form->width_bytes, false);
    else
        read_decimal(&magnitude, &negative, part->array->buffers[1], at, form->width_bytes);
    *length = spell_decimal(room, magnitude, negative, form->scale);
    return room;
}

static gy_status make_text(gy_column *column, const gy_arrow_part *part, const gy_arrow_form *form,
                           gy_arena *arena, gy_error *err)
{
    char room[DECIMAL_TEXT_BYTES];
    size_t length;
    int64_t *offsets = GY_NEW(arena, int64_t, part->rows + 1);
    if (offsets == NULL)
        return no_memory(column->name, part->rows, err);
    for (size_t row = 0; row < part->rows; row++) {
        length = 0;
        if (gy_column_has(column, row) && made_text(&length, room, part, form, row) == NULL)
            return contradiction(column->name, "a text out of its buffers", err);
        offsets[row + 1] = offsets[row] + (int64_t)length;
    }
    char *bytes = GY_NEW(arena, char, (size_t)offsets[part->rows] + 1);
    if (bytes == NULL)
        return no_memory(column->name, part->rows, err);
    for (size_t row = 0; row < part->rows; row++)
        if (gy_column_has(column, row))
            memcpy(bytes + offsets[row], made_text(&length, room, part, form, row),
                   (size_t)(offsets[row + 1] - offsets[row]));
    column->values = bytes;
    column->offsets = offsets;
    return GY_OK;
}

gy_status gy_arrow_take(gy_column *column, const gy_arrow_part *part, const gy_arrow_form *form,
                        gy_arena *arena, gy_error *err)
{
    column->type = form->type;
    if (form->kind == GY_ARROW_NULL) {
        column->null_count = part->rows;
        return GY_OK;
    }
    GY_TRY(set_validity(column, part, arena, err));
    switch (form->kind) {
    case GY_ARROW_BOOL:
        column->values = part->rows == 0 ? (const uint8_t *)""
                                         : gy_arrow_bits(part->array->buffers[1], part->first,
                                                         part->rows, arena);
        return column->values == NULL ? no_memory(column->name, part->rows, err) : GY_OK;
    case GY_ARROW_AS_IS:
        return take_as_is(column, part->array->buffers[1], part->first, part->rows,
                          form->width_bytes, form->width_bytes, arena, err);
    case GY_ARROW_TENSOR:
        return take_tensor(column, part, form, arena, err);
    case GY_ARROW_TEXT:
    case GY_ARROW_LARGE_TEXT:
        return take_text(column, part, form, arena, err);
    default:
        return form->type == GY_COLUMN_TEXT ? make_text(column, part, form, arena, err)
                                            : take_numbers(column, part, form, arena, err);
    }
}
