// SPDX-License-Identifier: Apache-2.0
//
// A column of image paths that nothing marks: judging its text instead of the pictures would be a
// wrong answer without a sign.

#define _DEFAULT_SOURCE
#include <string.h>
#include <strings.h>

#include "table/samples.h"

enum { ROWS_LOOKED_AT = 200 };

static bool is_image_name(const char *text, size_t length)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg"};
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t tail = strlen(endings[i]);
        if (length > tail && strncasecmp(text + length - tail, endings[i], tail) == 0)
            return true;
    }
    return false;
}

static bool holds_image_names(const gy_column *column, size_t rows)
{
    size_t present = 0, images = 0;
    if (column->type != GY_COLUMN_TEXT)
        return false;
    for (size_t row = 0; row < rows && row < ROWS_LOOKED_AT; row++) {
        size_t length;
        if (!gy_column_has(column, row))
            continue;
        const char *text = gy_column_text(column, row, &length);
        present++;
        images += is_image_name(text, length);
    }
    return present > 0 && 10 * images >= 9 * present;
}

gy_status gy_samples_refuse_unmarked_images(const gy_table *table, gy_error *err)
{
    const char *slash = strrchr(table->path, '/'), *dot = strrchr(table->path, '.');
    size_t length = dot != NULL && (slash == NULL || dot > slash) ? (size_t)(dot - table->path)
                                                                  : strlen(table->path);
    for (size_t i = 0; i < table->column_count; i++)
        if (holds_image_names(&table->columns[i], table->rows))
            return gy_fail(
                err, GY_INVALID,
                "column '%s' of '%s' holds image paths, but nothing says so: name it "
                "'path', or mark it in a contract (gyre schema %s -o %.*s.contract.yaml)",
                table->columns[i].name, table->path, table->path, (int)length, table->path);
    return GY_OK;
}
