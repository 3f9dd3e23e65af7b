// SPDX-License-Identifier: Apache-2.0
//
// A profile: one scan, and of each column counts, moments and sketches of bounded size. A second
// one of the columns of text that turn out to hold numbers, bools or dates with spelled gaps.

#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "gyre/quality.h"
#include "quality/kinds.h"
#include "quality/profile_image.h"
#include "quality/sketch.h"
#include "table/build.h"
#include "table/reading.h"
#include "table/write.h"

typedef struct column_state {
    size_t kinds[GY_CELL_TEXT + 1];
    uint64_t infinite;
    // Of numbers and times. Sums are of value - shift: the mean would drown small deviations.
    uint64_t count;
    double shift, sum, squares, least, most;
    uint64_t texts, bytes_shortest, bytes_longest, bytes_sum;
    gy_quantile quantile;
    gy_distinct distinct;
    gy_common common;
    bool spelled; // text: a cell's bytes; else the value's 64 bits stand in common
    gy_column_type type;
    gy_reading reading;
    gy_reading_plan plan;
    gy_gaps gaps;
} column_state;

typedef struct profiling {
    const gy_profile_options *options;
    gy_profile *profile;
    column_state *states;
    gy_marks marks;
    gy_image_profile *images;
    size_t image_column;
    double *numbers; // of one chunk of one column
    gy_arena *scratch;
    gy_arena *arena;
} profiling;

// ---- numbers

static void add_moments(column_state *state, const double *values, size_t count)
{
    if (count > 0 && state->count == 0)
        state->shift = values[0];
    double shift = state->shift, sum = 0.0, squares = 0.0, least = state->least, most = state->most;
    for (size_t i = 0; i < count; i++) {
        double value = values[i] - shift;
        sum += value;
        squares = fma(value, value, squares);
        least = values[i] < least ? values[i] : least;
        most = values[i] > most ? values[i] : most;
    }
    state->sum += sum;
    state->squares += squares;
    state->least = least;
    state->most = most;
    state->count += count;
}

static gy_status add_numbers(profiling *all, column_state *state, size_t count, gy_error *err)
{
    add_moments(state, all->numbers, count);
    return gy_quantile_add(&state->quantile, all->numbers, count, err);
}

static void add_bits(column_state *state, uint64_t bits)
{
    uint64_t hash = gy_distinct_mix(bits);
    gy_distinct_add(&state->distinct, hash);
    gy_common_add(&state->common, hash, &bits, sizeof(bits));
}

static void add_double(profiling *all, column_state *state, double value, size_t *count)
{
    uint64_t bits;
    if (isnan(value)) {
        state->kinds[GY_CELL_NULL]++;
        return;
    }
    value = value == 0.0 ? 0.0 : value; // one zero
    memcpy(&bits, &value, sizeof(bits));
    state->kinds[GY_CELL_NUMBER]++;
    add_bits(state, bits);
    if (isinf(value))
        state->infinite++;
    else
        all->numbers[(*count)++] = value;
}

// ---- one column of a chunk

static gy_status add_typed(profiling *all, column_state *state, const gy_column *column,
                           size_t rows, gy_cell_kind kind, gy_error *err)
{
    const int64_t *longs = column->values;
    const int32_t *days = column->values;
    size_t count = 0, missing = 0;
    for (size_t row = 0; row < rows; row++) {
        if (!gy_column_has(column, row)) {
            missing++;
            continue;
        }
        int64_t value =
            kind == GY_CELL_DATE ? (int64_t)days[row] * INT64_C(86400000000) : longs[row];
        add_bits(state, (uint64_t)value);
        all->numbers[count++] = (double)value;
    }
    state->kinds[kind] += rows - missing;
    state->kinds[GY_CELL_NULL] += missing;
    return add_numbers(all, state, count, err);
}

static gy_status add_floats(profiling *all, column_state *state, const gy_column *column,
                            size_t rows, gy_error *err)
{
    const double *doubles = column->values;
    const float *floats = column->values;
    size_t count = 0;
    for (size_t row = 0; row < rows; row++) {
        if (!gy_column_has(column, row))
            state->kinds[GY_CELL_NULL]++;
        else
            add_double(all, state,
                       column->type == GY_COLUMN_DOUBLE ? doubles[row] : (double)floats[row],
                       &count);
    }
    return add_numbers(all, state, count, err);
}

static void add_bools(column_state *state, const gy_column *column, size_t rows)
{
    for (size_t row = 0; row < rows; row++) {
        if (!gy_column_has(column, row)) {
            state->kinds[GY_CELL_NULL]++;
            continue;
        }
        state->kinds[GY_CELL_BOOL]++;
        add_bits(state, ((const uint8_t *)column->values)[row / 8] >> row % 8 & 1);
    }
}

static gy_status add_texts(profiling *all, column_state *state, const gy_column *column,
                           size_t rows, gy_error *err)
{
    size_t count = 0;
    state->spelled = true;
    for (size_t row = 0; row < rows; row++) {
        gy_cell cell;
        size_t length;
        double value;
        gy_cell_of(&cell, column, row);
        gy_reading_note(&state->plan, &cell);
        if (cell.kind == GY_CELL_NUMBER && isnan(cell.as.number))
            cell.kind = GY_CELL_NULL;
        state->kinds[cell.kind]++;
        if (cell.kind == GY_CELL_NULL)
            continue;
        const char *text = gy_column_text(column, row, &length);
        uint64_t hash = gy_distinct_hash(text, length);
        gy_distinct_add(&state->distinct, hash);
        gy_common_add(&state->common, hash, text, length);
        state->bytes_sum += length;
        state->bytes_shortest = length < state->bytes_shortest ? length : state->bytes_shortest;
        state->bytes_longest = length > state->bytes_longest ? length : state->bytes_longest;
        state->texts++;
        if (cell.kind == GY_CELL_NUMBER && isinf(cell.as.number))
            state->infinite++;
        else if (cell.kind == GY_CELL_NUMBER)
            all->numbers[count++] = cell.as.number;
        else if (cell.kind == GY_CELL_BIG && gy_decimal_parse(&value, cell.text, cell.length))
            all->numbers[count++] = value;
        else if (cell.kind == GY_CELL_INTEGER || cell.kind == GY_CELL_TIME)
            all->numbers[count++] = (double)cell.as.integer;
        else if (cell.kind == GY_CELL_DATE)
            all->numbers[count++] = (double)cell.as.integer * 86400e6;
    }
    return add_numbers(all, state, count, err);
}

static gy_status add_column(profiling *all, column_state *state, const gy_column *chunk,
                            size_t rows, gy_error *err)
{
    gy_column view, *column = &view;
    GY_TRY(gy_reading_apply(&view, &state->gaps, chunk, &state->reading, rows, all->scratch, err));
    state->type = column->type;
    switch (column->type) {
    case GY_COLUMN_INT64:
        return add_typed(all, state, column, rows, GY_CELL_INTEGER, err);
    case GY_COLUMN_DATE:
        return add_typed(all, state, column, rows, GY_CELL_DATE, err);
    case GY_COLUMN_TIME:
        return add_typed(all, state, column, rows, GY_CELL_TIME, err);
    case GY_COLUMN_FLOAT:
    case GY_COLUMN_DOUBLE:
        return add_floats(all, state, column, rows, err);
    case GY_COLUMN_BOOL:
        add_bools(state, column, rows);
        return GY_OK;
    case GY_COLUMN_TEXT:
        return add_texts(all, state, column, rows, err);
    case GY_COLUMN_NULL:
    case GY_COLUMN_TENSOR:
        break;
    }
    state->kinds[GY_CELL_NULL] += rows;
    return GY_OK;
}

// ---- the result

void gy_profile_spell(char out[40], const gy_profile_column *column, double value)
{
    gy_cell cell = {.kind = GY_CELL_NUMBER, .as.number = value};
    if (!isfinite(value)) {
        strcpy(out, "");
        return;
    }
    if (strcmp(column->type, "date") == 0 || strcmp(column->type, "timestamp") == 0) {
        cell.kind = GY_CELL_TIME;
        cell.as.integer = (int64_t)value;
    }
    gy_cell_spell(out, &cell);
    if (strcmp(column->type, "date") == 0)
        out[10] = '\0';
}

static gy_status spell_common(profiling *all, gy_profile_column *column, column_state *state,
                              gy_column_type type, gy_error *err)
{
    size_t count = column->personal ? 0 : gy_common_sort(&state->common, GY_PROFILE_COMMON);
    for (size_t i = 0; i < count; i++) {
        const gy_common_value *value = &state->common.slots[i];
        char small[GY_CELL_BYTES_MAX];
        const char *text = value->text;
        size_t length = value->length;
        if (!state->spelled) {
            gy_cell cell = {.kind = GY_CELL_INTEGER};
            memcpy(&cell.as.integer, value->text, sizeof(cell.as.integer));
            if (type == GY_COLUMN_BOOL) {
                cell.kind = GY_CELL_BOOL;
                cell.as.boolean = value->text[0] != 0;
            } else if (type == GY_COLUMN_DOUBLE || type == GY_COLUMN_FLOAT) {
                cell.kind = GY_CELL_NUMBER;
            } else if (type == GY_COLUMN_DATE || type == GY_COLUMN_TIME) {
                cell.kind = GY_CELL_TIME;
            }
            length = type == GY_COLUMN_FLOAT ? gy_decimal_spell_float(small, (float)cell.as.number)
                                             : gy_cell_spell(small, &cell);
            length = type == GY_COLUMN_DATE ? 10 : length;
            text = small;
        }
        column->common[i].text = gy_arena_copy(all->arena, text, length);
        column->common[i].count = value->count;
        if (column->common[i].text == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for values");
    }
    column->common_count = count;
    return GY_OK;
}

// A float32 as the double that spells the same: 0.1, not 0.10000000149011612.
static void widen_floats(gy_profile_column *column)
{
    double *places[GY_PROFILE_QUANTILES + 2] = {&column->least, &column->most};
    for (size_t i = 0; i < GY_PROFILE_QUANTILES; i++)
        places[i + 2] = &column->quantiles[i];
    for (size_t i = 0; i < GY_PROFILE_QUANTILES + 2; i++) {
        char text[GY_DECIMAL_BYTES];
        size_t length = gy_decimal_spell_float(text, (float)*places[i]);
        double value;
        if (gy_decimal_parse(&value, text, length))
            *places[i] = value;
    }
}

static gy_status end_gaps(profiling *all, gy_profile_column *column, const gy_gaps *gaps,
                          gy_error *err)
{
    for (size_t i = 0; i < gaps->count; i++) {
        column->gaps[i].text =
            gy_arena_copy(all->arena, gaps->items[i].text, gaps->items[i].length);
        column->gaps[i].count = gaps->items[i].count;
        if (column->gaps[i].text == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory for values");
    }
    column->gap_count = gaps->count;
    return GY_OK;
}

static gy_status end_column(profiling *all, gy_profile_column *column, column_state *state,
                            gy_error *err)
{
    gy_column_type type = state->type;
    static const double shares[GY_PROFILE_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};
    column->type = type == GY_COLUMN_TENSOR ? "array" : gy_kinds_type(state->kinds, &column->odd);
    column->missing = state->kinds[GY_CELL_NULL];
    column->infinite = state->infinite;
    uint64_t values = 0;
    for (int kind = GY_CELL_NULL + 1; kind <= GY_CELL_TEXT; kind++)
        values += state->kinds[kind];
    column->distinct_exact = state->common.missed == 0 && !state->common.off;
    column->distinct = column->distinct_exact
                           ? state->common.used
                           : (uint64_t)llround(gy_distinct_count(&state->distinct));
    if (column->distinct > values)
        column->distinct = values;
    column->shortest = state->texts == 0 ? 0 : state->bytes_shortest;
    column->longest = state->bytes_longest;
    column->mean_length = state->texts == 0 ? 0.0 : (double)state->bytes_sum / (double)state->texts;
    double n = (double)state->count, mean = n > 0.0 ? state->sum / n : NAN;
    bool numbers = column->type[0] != 's' && column->type[0] != 'b' && state->count > 0;
    double variance = n > 1.0 ? (state->squares - state->sum * mean) / (n - 1.0) : NAN;
    column->least = numbers && !column->personal ? state->least : NAN;
    column->most = numbers && !column->personal ? state->most : NAN;
    column->mean = numbers ? state->shift + mean : NAN;
    column->deviation = numbers ? sqrt(variance > 0.0 ? variance : 0.0) : NAN;
    column->quantile_error = gy_quantile_error(&state->quantile);
    GY_TRY(gy_quantile_at(column->quantiles, &state->quantile, shares, GY_PROFILE_QUANTILES,
                          all->arena, err));
    for (size_t i = 0; i < GY_PROFILE_QUANTILES && !numbers; i++)
        column->quantiles[i] = NAN;
    if (type == GY_COLUMN_FLOAT)
        widen_floats(column);
    column->decimal = state->reading.decimal;
    column->gap_words = gy_reading_differs(&state->reading) ? 0 : state->plan.gap_words;
    GY_TRY(end_gaps(all, column, &state->gaps, err));
    return spell_common(all, column, state, type, err);
}

// ---- the scan

static void start_column(column_state *state, const gy_reading *reading, gy_arena *arena)
{
    *state = (column_state){.quantile.arena = arena,
                            .least = INFINITY,
                            .most = -INFINITY,
                            .bytes_shortest = UINT64_MAX,
                            .reading = *reading};
}

static gy_status start(profiling *all, const gy_table *chunk, gy_error *err)
{
    enum { CHUNK_ROWS_MAX = 65536 };
    size_t count = chunk->column_count;
    const gy_table_options options = {.contract = all->options->contract};
    GY_TRY(gy_table_marks(&all->marks, chunk, &options, all->arena, err));
    all->profile->columns = GY_NEW(all->arena, gy_profile_column, count + 1);
    all->states = GY_NEW(all->arena, column_state, count + 1);
    all->numbers = GY_NEW(all->arena, double, CHUNK_ROWS_MAX);
    all->profile->column_count = count;
    all->image_column = SIZE_MAX;
    if (all->profile->columns == NULL || all->states == NULL || all->numbers == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to profile %zu columns", count);
    for (size_t c = 0; c < count; c++) {
        gy_profile_column *column = &all->profile->columns[c];
        const char *name = chunk->columns[c].name;
        gy_reading reading;
        column->name = gy_arena_copy(all->arena, name, strlen(name));
        if (column->name == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory to profile %zu columns", count);
        for (size_t i = 0; i < all->marks.pii_count; i++)
            column->personal = column->personal || strcmp(all->marks.pii[i], name) == 0;
        gy_reading_said(&reading, &all->marks, name);
        start_column(&all->states[c], &reading, all->arena);
        all->states[c].type = chunk->columns[c].type;
        if (all->marks.file_column != NULL && strcmp(all->marks.file_column, name) == 0)
            all->image_column = c;
    }
    return all->image_column == SIZE_MAX
               ? GY_OK
               : gy_image_profile_start(&all->images, all->options->threads, all->arena, err);
}

static gy_status add_chunk(profiling *all, const gy_table *chunk, gy_error *err)
{
    gy_arena_rewind(all->scratch, (gy_arena_mark){NULL, 0});
    for (size_t c = 0; c < chunk->column_count; c++)
        GY_TRY(add_column(all, &all->states[c], &chunk->columns[c], chunk->rows, err));
    if (all->image_column != SIZE_MAX)
        GY_TRY(gy_image_profile_add(all->images, chunk, &chunk->columns[all->image_column], err));
    all->profile->rows += chunk->rows;
    all->profile->unreadable += chunk->fault_count;
    if (all->options->progress != NULL)
        all->options->progress(all->options->progress_context, all->profile->rows);
    return GY_OK;
}

static gy_status scan(profiling *all, const char *path, gy_error *err)
{
    gy_table_scan *rows;
    gy_table chunk;
    bool started = false;
    GY_TRY(gy_table_scan_open(&rows, path, NULL, 0, err));
    gy_status status;
    while ((status = gy_table_scan_next(rows, &chunk, err)) == GY_OK) {
        if (!started)
            status = start(all, &chunk, err);
        started = true;
        if (status == GY_OK && chunk.rows > 0)
            status = add_chunk(all, &chunk, err);
        if (status != GY_OK || chunk.rows == 0)
            break;
    }
    gy_table_scan_close(rows);
    return status;
}

// The columns that read otherwise than a cell alone does, once more, as they do read.
static gy_status scan_again(profiling *all, const char *path, gy_error *err)
{
    size_t count = 0;
    const char **names = GY_NEW(all->arena, const char *, all->profile->column_count + 1);
    column_state **states = GY_NEW(all->arena, column_state *, all->profile->column_count + 1);
    if (names == NULL || states == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to profile %zu columns",
                       all->profile->column_count);
    for (size_t c = 0; c < all->profile->column_count; c++) {
        gy_reading reading;
        gy_reading_decide(&reading, &all->states[c].plan, GY_RARE_OF);
        if (gy_reading_differs(&all->states[c].reading) || !gy_reading_differs(&reading))
            continue;
        names[count] = all->profile->columns[c].name;
        states[count] = &all->states[c];
        start_column(states[count++], &reading, all->arena);
    }
    gy_table_scan *rows;
    gy_table chunk;
    if (count == 0)
        return GY_OK;
    GY_TRY(gy_table_scan_open(&rows, path, names, count, err));
    gy_status status;
    while ((status = gy_table_scan_next(rows, &chunk, err)) == GY_OK && chunk.rows > 0) {
        gy_arena_rewind(all->scratch, (gy_arena_mark){NULL, 0});
        for (size_t c = 0; c < count && status == GY_OK; c++)
            status = add_column(all, states[c], &chunk.columns[c], chunk.rows, err);
        if (status != GY_OK)
            break;
    }
    gy_table_scan_close(rows);
    return status;
}

static gy_status profile_columns(profiling *all, const char *path, gy_error *err)
{
    GY_TRY(scan(all, path, err));
    GY_TRY(scan_again(all, path, err));
    for (size_t c = 0; c < all->profile->column_count; c++) {
        gy_profile_column *column = &all->profile->columns[c];
        GY_TRY(end_column(all, column, &all->states[c], err));
        // Records that cannot be read are told once, not as missing in every column.
        column->missing -=
            all->profile->unreadable < column->missing ? all->profile->unreadable : column->missing;
    }
    return GY_OK;
}

gy_status gy_profile_table(gy_profile *profile, const char *path, const gy_profile_options *options,
                           gy_arena *arena, gy_error *err)
{
    const gy_profile_options defaults = {0};
    *profile = (gy_profile){0};
    profiling all = {
        .options = options == NULL ? &defaults : options, .profile = profile, .arena = arena};
    all.scratch = gy_arena_new(0);
    gy_status status = all.scratch == NULL
                           ? gy_fail(err, GY_NO_MEMORY, "no memory to profile '%s'", path)
                           : profile_columns(&all, path, err);
    if (all.images != NULL) {
        gy_status ended = gy_image_profile_end(&profile->images, all.images, arena, err);
        status = status == GY_OK ? ended : status;
    }
    gy_arena_free(all.scratch);
    return status;
}
