// SPDX-License-Identifier: Apache-2.0
//
// The id of a row: SHA-256 of its canonical form (docs/formats/id.md). Every cell is read alone, so
// that no other cell, no column order and no file format can change it.

#include "table/row_id.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/hash.h"
#include "table/cell.h"
#include "table/pii_key.h"

static const char form_start[8] = {'g', 'y', 'r', 'e', 'r', 'o', 'w', 1};

// ---- which columns

static bool is_listed(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool is_identity(const char *name, const gy_marks *marks)
{
    return strncmp(name, "gyre_", 5) != 0 &&
           (marks->label_column == NULL || strcmp(name, marks->label_column) != 0) &&
           !is_listed(name, marks->exclude, marks->exclude_count);
}

static void add_u32(gy_text *out, size_t value)
{
    const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                              (uint8_t)(value >> 24)};
    gy_text_append(out, bytes, 4);
}

// Few columns, once a table: insertion keeps the order of the names' bytes.
static void insert_column(gy_identity *identity, const gy_table *table, size_t column)
{
    size_t at = identity->count++;
    const char *name = table->columns[column].name;
    for (; at > 0 && strcmp(table->columns[identity->columns[at - 1]].name, name) > 0; at--)
        identity->columns[at] = identity->columns[at - 1];
    identity->columns[at] = column;
}

gy_status gy_identity_init(gy_identity *identity, const gy_table *table, const gy_marks *marks,
                           gy_arena *arena, gy_error *err)
{
    *identity = (gy_identity){.columns = GY_NEW(arena, size_t, table->column_count + 1),
                              .headers = GY_NEW(arena, gy_text, table->column_count + 1),
                              .keyed = GY_NEW(arena, bool, table->column_count + 1)};
    if (identity->columns == NULL || identity->headers == NULL || identity->keyed == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", table->column_count);
    for (size_t c = 0; c < table->column_count; c++)
        if (is_identity(table->columns[c].name, marks))
            insert_column(identity, table, c);
    if (identity->count == 0)
        return gy_fail(err, GY_INVALID,
                       "no column of '%s' enters ids: all are labels, excluded or gyre_...",
                       table->path);
    bool any_keyed = false;
    for (size_t i = 0; i < identity->count; i++) {
        const char *name = table->columns[identity->columns[i]].name;
        identity->keyed[i] = is_listed(name, marks->pii, marks->pii_count);
        any_keyed = any_keyed || identity->keyed[i];
        add_u32(&identity->headers[i], strlen(name));
        gy_text_append(&identity->headers[i], name, strlen(name));
        if (identity->headers[i].status != GY_OK) {
            gy_identity_release(identity);
            return gy_fail(err, GY_NO_MEMORY, "no memory for column '%s'", name);
        }
    }
    identity->single_tensor = identity->count == 1 && !any_keyed &&
                              table->columns[identity->columns[0]].type == GY_COLUMN_TENSOR;
    gy_status status = any_keyed ? gy_pii_key(&identity->key, table->folder, arena, err) : GY_OK;
    if (status != GY_OK)
        gy_identity_release(identity);
    return status;
}

void gy_identity_release(gy_identity *identity)
{
    for (size_t i = 0; i < identity->count; i++)
        gy_text_release(&identity->headers[i]);
}

// ---- the form

typedef struct value {
    char tag; // b: bool, n: number, t: date or time, s: text, a: array, k: keyed
    const void *bytes;
    size_t length;
    char small[128];
} value;

static void set_decimal(value *out, gy_decimal number)
{
    char *at = out->small + sizeof(out->small), *end = at;
    int exponent = abs(number.exponent);
    uint64_t digits = number.digits;
    if (digits != 0) {
        do
            *--at = (char)('0' + exponent % 10);
        while ((exponent /= 10) > 0);
        if (number.exponent < 0)
            *--at = '-';
        *--at = 'e';
    }
    do
        *--at = (char)('0' + digits % 10);
    while ((digits /= 10) > 0);
    if (number.negative)
        *--at = '-';
    out->tag = 'n';
    out->bytes = at;
    out->length = (size_t)(end - at);
}

static void set_number(value *out, double number, bool is_float)
{
    if (isfinite(number)) {
        set_decimal(out,
                    is_float ? gy_decimal_of_float((float)number) : gy_decimal_of_double(number));
        return;
    }
    out->tag = 'n';
    out->bytes = isnan(number) ? "nan" : number < 0 ? "-inf" : "inf";
    out->length = strlen(out->bytes);
}

// An integer of any size, by its digits: trailing zeros go into the exponent.
static void set_big(value *out, gy_text *spare, const char *text, size_t length)
{
    size_t zeros = 0;
    while (text[length - 1 - zeros] == '0')
        zeros++;
    spare->length = 0;
    gy_text_append(spare, text, length - zeros);
    gy_text_add(spare, "e%zu", zeros);
    out->tag = 'n';
    out->bytes = spare->bytes;
    out->length = spare->length;
}

static void set_tensor(value *out, const gy_column *column, size_t row)
{
    size_t size = gy_dtype_size(column->dtype);
    int length = snprintf(out->small, 64, "%s", gy_dtype_name(column->dtype));
    size_t used = (size_t)length;
    for (size_t d = 0; d < column->rank && used < 64; d++) {
        size *= column->shape[d];
        used += (size_t)snprintf(out->small + used, 64 - used, "%c%zu", d == 0 ? '.' : 'x',
                                 column->shape[d]);
    }
    used = used < 63 ? used + 1 : 64; // its NUL too
    gy_id digest;
    gy_id_of_bytes(&digest, (const uint8_t *)column->values + row * size, size);
    memcpy(out->small + used, digest.bytes, sizeof(digest.bytes));
    out->tag = 'a';
    out->bytes = out->small;
    out->length = used + sizeof(digest.bytes);
}

// False: no value.
static bool value_of(value *out, gy_text *spare, const gy_column *column, size_t row)
{
    if (column->type == GY_COLUMN_TENSOR) {
        set_tensor(out, column, row);
        return true;
    }
    gy_cell cell;
    gy_cell_of(&cell, column, row);
    switch (cell.kind) {
    case GY_CELL_NULL:
        return false;
    case GY_CELL_INTEGER:
        set_decimal(out, gy_decimal_of_integer(cell.as.integer));
        return true;
    case GY_CELL_NUMBER:
        set_number(out, cell.as.number, column->type == GY_COLUMN_FLOAT);
        return true;
    case GY_CELL_BIG:
        set_big(out, spare, cell.text, cell.length);
        return true;
    case GY_CELL_TEXT:
        out->tag = 's';
        out->bytes = cell.text;
        out->length = cell.length;
        return true;
    case GY_CELL_TIME:
        if (cell.as.integer % INT64_C(86400000000) == 0) { // midnight is the day
            cell.kind = GY_CELL_DATE;
            cell.as.integer /= INT64_C(86400000000);
        }
        break;
    case GY_CELL_BOOL:
    case GY_CELL_DATE:
        break;
    }
    out->tag = cell.kind == GY_CELL_BOOL ? 'b' : 't';
    out->length = gy_cell_spell(out->small, &cell);
    out->bytes = out->small;
    return true;
}

static void make_keyed(value *out, gy_text *spare, const uint8_t *key)
{
    gy_id digest;
    gy_text tagged = {0};
    gy_text_append(&tagged, &out->tag, 1);
    gy_text_append(&tagged, out->bytes, out->length);
    if (tagged.status == GY_OK)
        gy_hash_keyed(&digest, key, GY_IDENTITY_KEY_BYTES, tagged.bytes, tagged.length);
    else
        spare->status = GY_NO_MEMORY;
    gy_text_release(&tagged);
    memcpy(out->small, digest.bytes, sizeof(digest.bytes));
    out->tag = 'k';
    out->bytes = out->small;
    out->length = sizeof(digest.bytes);
}

void gy_identity_form(gy_text *form, const gy_identity *identity, const gy_table *table, size_t row)
{
    gy_text spare = {0};
    form->length = 0;
    gy_text_append(form, form_start, sizeof(form_start));
    for (size_t i = 0; i < identity->count; i++) {
        value found;
        if (!value_of(&found, &spare, &table->columns[identity->columns[i]], row))
            continue;
        if (identity->keyed[i])
            make_keyed(&found, &spare, identity->key);
        gy_text_append(form, identity->headers[i].bytes, identity->headers[i].length);
        gy_text_append(form, &found.tag, 1);
        add_u32(form, found.length);
        gy_text_append(form, found.bytes, found.length);
    }
    if (spare.status != GY_OK)
        form->status = spare.status;
    gy_text_release(&spare);
}

gy_status gy_identity_id(gy_id *id, gy_text *form, const gy_identity *identity,
                         const gy_table *table, size_t row, gy_error *err)
{
    if (identity->single_tensor) {
        const gy_column *column = &table->columns[identity->columns[0]];
        size_t size = gy_dtype_size(column->dtype);
        for (size_t d = 0; d < column->rank; d++)
            size *= column->shape[d];
        gy_id_of_bytes(id, (const uint8_t *)column->values + row * size, size);
        return GY_OK;
    }
    gy_identity_form(form, identity, table, row);
    if (form->status != GY_OK)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the id of row %zu",
                       table->first_row + row);
    gy_id_of_bytes(id, form->bytes, form->length);
    return GY_OK;
}
