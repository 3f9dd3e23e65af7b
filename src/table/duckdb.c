// SPDX-License-Identifier: Apache-2.0
//
// The door to DuckDB: opened on first use, asked for columns in our types, told to fetch nothing.

#include "table/duckdb.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/library.h"
#include "base/thread.h"
#include "table/duckdb_api.h"

#define DUCKDB_FUNCTION(type, name, arguments) static type(*duck_##name) arguments;
DUCKDB_FUNCTIONS(DUCKDB_FUNCTION)
#undef DUCKDB_FUNCTION

static pthread_once_t opened = PTHREAD_ONCE_INIT;
static gy_error failure;

static const char how_to_get[] = "npm pack @duckdb/node-bindings-linux-x64@1.5.6-r.1 and put its "
                                 "libduckdb.so beside libgyre.so or into GYRE_DUCKDB";

static void open_library(void)
{
    const gy_library_symbol symbols[] = {
#define DUCKDB_FUNCTION(type, name, arguments) {"duckdb_" #name, (void **)&duck_##name},
        DUCKDB_FUNCTIONS(DUCKDB_FUNCTION)
#undef DUCKDB_FUNCTION
    };
    char path[4096] = "libduckdb.so";
    const char *folder = getenv("GYRE_DUCKDB");
    if (folder != NULL && strlen(folder) + 16 < sizeof(path))
        snprintf(path, sizeof(path), "%s/libduckdb.so", folder);
    failure.status =
        gy_library_open(path, how_to_get, symbols, sizeof(symbols) / sizeof(*symbols), &failure);
}

// DuckDB's messages are several lines with hints for SQL: the first says what is wrong.
static gy_status refuse(const char *what, const char *said, gy_error *err)
{
    said = said == NULL ? "no reason given" : said;
    gy_status status = strstr(said, "Out of Memory Error") != NULL       ? GY_LIMIT
                       : strncmp(said, "IO Error: Cannot open", 21) == 0 ? GY_IO
                                                                         : GY_FORMAT;
    return gy_fail(err, status, "cannot %s: %.*s", what, (int)strcspn(said, "\n"), said);
}

static gy_status configure(void *config, size_t memory_bytes, size_t threads, gy_error *err)
{
    char memory[32], count[32];
    snprintf(memory, sizeof(memory), "%zuKiB", memory_bytes / 1024);
    snprintf(count, sizeof(count), "%zu", threads == 0 ? gy_thread_count() : threads);
    const char *const settings[][2] = {
        {"threads", count},
        {"memory_limit", memory},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"allow_community_extensions", "false"},
        {"temp_directory", ""},
        {"preserve_insertion_order", "true"},
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
        if (duck_set_config(config, settings[i][0], settings[i][1]) != 0)
            return gy_fail(err, GY_UNSUPPORTED,
                           "this libduckdb.so does not know the setting '%s' "
                           "(to get one that does: %s)",
                           settings[i][0], how_to_get);
    return GY_OK;
}

gy_status gy_duckdb_open(gy_duckdb *duckdb, size_t memory_bytes, size_t threads, gy_error *err)
{
    *duckdb = (gy_duckdb){0};
    pthread_once(&opened, open_library);
    if (failure.status != GY_OK)
        return gy_fail(err, failure.status, "%s", failure.message);
    void *config = NULL;
    char *said = NULL;
    if (duck_create_config(&config) != 0)
        return gy_fail(err, GY_NO_MEMORY, "no memory to open DuckDB");
    gy_status status = configure(config, memory_bytes, threads, err);
    if (status == GY_OK && duck_open_ext(NULL, &duckdb->database, config, &said) != 0)
        status = refuse("open DuckDB", said, err);
    duck_free(said);
    duck_destroy_config(&config);
    if (status == GY_OK && duck_connect(duckdb->database, &duckdb->connection) != 0)
        status = gy_fail(err, GY_NO_MEMORY, "no memory to open DuckDB");
    if (status != GY_OK)
        gy_duckdb_close(duckdb);
    return status;
}

void gy_duckdb_close(gy_duckdb *duckdb)
{
    if (duckdb->connection != NULL)
        duck_disconnect(&duckdb->connection);
    if (duckdb->database != NULL)
        duck_close(&duckdb->database);
    gy_text_release(&duckdb->select);
}

gy_status gy_duckdb_run(gy_duckdb *duckdb, const char *sql, const char *what, gy_error *err)
{
    duckdb_result result;
    gy_status status = GY_OK;
    if (duck_query(duckdb->connection, sql, &result) != 0)
        status = refuse(what, duck_result_error(&result), err);
    duck_destroy_result(&result);
    return status;
}

gy_status gy_duckdb_confine(gy_duckdb *duckdb, const char *path, gy_error *err)
{
    gy_text sql = {0};
    gy_text_add(&sql, "SET allowed_paths = [");
    gy_duckdb_quote(&sql, path, '\'');
    gy_text_add(&sql, "]; SET enable_external_access = false; SET lock_configuration = true");
    gy_status status = sql.status != GY_OK
                           ? gy_fail(err, GY_NO_MEMORY, "no memory for a statement")
                           : gy_duckdb_run(duckdb, sql.bytes, "confine DuckDB", err);
    gy_text_release(&sql);
    return status;
}

void gy_duckdb_quote(gy_text *sql, const char *text, char quote)
{
    gy_text_append(sql, &quote, 1);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == quote)
            gy_text_append(sql, &quote, 1);
        gy_text_append(sql, at, 1);
    }
    gy_text_append(sql, &quote, 1);
}

// ---- reading

typedef struct gy_duckdb_rows {
    duckdb_result result;
    gy_duckdb_chunk last; // of gy_duckdb_scan_next
    bool open;
} gy_duckdb_rows;

typedef struct mapping {
    gy_column_type type;
    const char *before, *after; // around the column in SQL
    bool narrow;
} mapping;

static mapping map_decimal(duckdb_result *result, uint64_t column)
{
    void *type = duck_column_logical_type(result, column);
    unsigned width = duck_decimal_width(type), scale = duck_decimal_scale(type);
    duck_destroy_logical_type(&type);
    if (scale == 0 && width <= 18)
        return (mapping){GY_COLUMN_INT64, "CAST(", " AS BIGINT)", false};
    // Up to 15 digits the nearest double has them; beyond, DuckDB's cast may round twice.
    if (width <= 15)
        return (mapping){GY_COLUMN_DOUBLE, "CAST(", " AS DOUBLE)", false};
    return (mapping){GY_COLUMN_TEXT, "CAST(", " AS VARCHAR)", true};
}

static mapping map_type(duckdb_result *result, uint64_t column)
{
    switch (duck_column_type(result, column)) {
    case DUCKDB_BOOLEAN:
        return (mapping){GY_COLUMN_BOOL, "", "", false};
    case DUCKDB_BIGINT:
        return (mapping){GY_COLUMN_INT64, "", "", false};
    case DUCKDB_TINYINT:
    case DUCKDB_SMALLINT:
    case DUCKDB_INTEGER:
    case DUCKDB_UTINYINT:
    case DUCKDB_USMALLINT:
    case DUCKDB_UINTEGER:
        return (mapping){GY_COLUMN_INT64, "CAST(", " AS BIGINT)", false};
    case DUCKDB_FLOAT:
        return (mapping){GY_COLUMN_FLOAT, "", "", false};
    case DUCKDB_DOUBLE:
        return (mapping){GY_COLUMN_DOUBLE, "", "", false};
    case DUCKDB_DECIMAL:
        return map_decimal(result, column);
    case DUCKDB_DATE:
        return (mapping){GY_COLUMN_DATE, "", "", false};
    case DUCKDB_TIMESTAMP:
    case DUCKDB_TIMESTAMP_TZ: // both: microseconds since 1970 in UTC
        return (mapping){GY_COLUMN_TIME, "", "", false};
    case DUCKDB_TIMESTAMP_S:
    case DUCKDB_TIMESTAMP_MS:
        return (mapping){GY_COLUMN_TIME, "CAST(", " AS TIMESTAMP)", false};
    case DUCKDB_TIMESTAMP_NS: // a cast would round the times before 1970 up, all others down
        return (mapping){
            GY_COLUMN_TIME, "make_timestamp(CAST((CAST(epoch_ns(",
            ") AS HUGEINT) + 9223372036854776000) // 1000 - 9223372036854776 AS BIGINT))", false};
    case DUCKDB_VARCHAR:
        return (mapping){GY_COLUMN_TEXT, "", "", false};
    case DUCKDB_UBIGINT:
    case DUCKDB_HUGEINT:
    case DUCKDB_UHUGEINT:
        return (mapping){GY_COLUMN_TEXT, "CAST(", " AS VARCHAR)", true};
    case DUCKDB_LIST:
    case DUCKDB_STRUCT:
    case DUCKDB_MAP:
    case DUCKDB_UNION:
    case DUCKDB_ARRAY:
        return (mapping){GY_COLUMN_TEXT, "CAST(to_json(", ") AS VARCHAR)", false};
    default:
        return (mapping){GY_COLUMN_TEXT, "CAST(", " AS VARCHAR)", false};
    }
}

static gy_status start(gy_duckdb *duckdb, const char *sql, duckdb_result *result, const char *what,
                       gy_error *err)
{
    void *statement = NULL, *pending = NULL;
    gy_status status = GY_OK;
    *result = (duckdb_result){0};
    if (duck_prepare(duckdb->connection, sql, &statement) != 0)
        status = refuse(what, duck_prepare_error(statement), err);
    else if (duck_pending_prepared_streaming(statement, &pending) != 0)
        status = refuse(what, duck_pending_error(pending), err);
    else if (duck_execute_pending(pending, result) != 0)
        status = refuse(what, duck_result_error(result), err);
    if (pending != NULL)
        duck_destroy_pending(&pending);
    duck_destroy_prepare(&statement);
    if (status != GY_OK)
        duck_destroy_result(result);
    return status;
}

static void list_columns(gy_text *sql, const char *const *columns, size_t column_count)
{
    for (size_t i = 0; i < column_count; i++) {
        gy_text_add(sql, i == 0 ? "" : ", ");
        gy_duckdb_quote(sql, columns[i], '"');
    }
    if (columns == NULL)
        gy_text_add(sql, "*");
}

// Ask for the types of the columns, and write the query that gives them in ours.
static gy_status plan_columns(gy_duckdb_scan *scan, gy_duckdb *duckdb, const char *from,
                              const char *const *columns, size_t column_count, gy_error *err)
{
    gy_text *sql = &duckdb->select;
    sql->length = 0;
    gy_text_add(sql, "SELECT ");
    list_columns(sql, columns, column_count);
    gy_text_add(sql, " FROM %s LIMIT 0", from);
    if (sql->status != GY_OK)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a statement");
    duckdb_result result;
    GY_TRY(start(duckdb, sql->bytes, &result, scan->what, err));
    scan->column_count = (size_t)duck_column_count(&result);
    scan->columns = GY_NEW(scan->arena, gy_column, scan->column_count + 1);
    scan->narrow = GY_NEW(scan->arena, bool, scan->column_count + 1);
    sql->length = 0;
    gy_text_add(sql, "SELECT ");
    bool memory = scan->columns != NULL && scan->narrow != NULL;
    for (size_t i = 0; i < scan->column_count && memory; i++) {
        const char *name = duck_column_name(&result, i);
        mapping found = map_type(&result, i);
        scan->columns[i].name = gy_arena_copy(scan->arena, name, strlen(name));
        scan->columns[i].type = found.type;
        scan->narrow[i] = found.narrow;
        memory = scan->columns[i].name != NULL;
        gy_text_add(sql, "%s%s", i == 0 ? "" : ", ", found.before);
        gy_duckdb_quote(sql, name, '"');
        gy_text_add(sql, "%s", found.after);
    }
    gy_text_add(sql, " FROM %s", from);
    duck_destroy_result(&result);
    if (!memory || sql->status != GY_OK)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", scan->column_count);
    return GY_OK;
}

gy_status gy_duckdb_scan_open(gy_duckdb_scan *scan, gy_duckdb *duckdb, const char *from,
                              const char *const *columns, size_t column_count, const char *what,
                              gy_error *err)
{
    *scan = (gy_duckdb_scan){.what = what, .arena = gy_arena_new(0)};
    if (scan->arena == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to %s", what);
    gy_status status = plan_columns(scan, duckdb, from, columns, column_count, err);
    if (status == GY_OK) {
        scan->rows = GY_NEW(scan->arena, gy_duckdb_rows, 1);
        status = scan->rows == NULL
                     ? gy_fail(err, GY_NO_MEMORY, "no memory to %s", what)
                     : start(duckdb, duckdb->select.bytes, &scan->rows->result, what, err);
        if (status == GY_OK)
            scan->rows->open = true;
    }
    if (status != GY_OK)
        gy_duckdb_scan_close(scan);
    return status;
}

void gy_duckdb_scan_close(gy_duckdb_scan *scan)
{
    if (scan->rows != NULL)
        gy_duckdb_chunk_drop(&scan->rows->last);
    if (scan->rows != NULL && scan->rows->open)
        duck_destroy_result(&scan->rows->result);
    gy_arena_free(scan->arena);
    *scan = (gy_duckdb_scan){0};
}

static const char *string_text(const duckdb_string *string)
{
    return string->near.length <= sizeof(string->near.text) ? string->near.text : string->far.text;
}

static bool is_valid(const uint64_t *validity, size_t row)
{
    return validity == NULL || (validity[row / 64] >> row % 64 & 1) != 0;
}

// DuckDB's strings, one struct a row, as offsets and bytes.
static bool set_text(gy_column *column, const duckdb_string *strings, const uint64_t *validity,
                     size_t rows, gy_arena *arena)
{
    int64_t *offsets = GY_NEW(arena, int64_t, rows + 1);
    size_t total = 0;
    for (size_t row = 0; row < rows; row++)
        total += is_valid(validity, row) ? strings[row].near.length : 0;
    char *bytes = GY_NEW(arena, char, total + 1);
    if (offsets == NULL || bytes == NULL)
        return false;
    for (size_t row = 0; row < rows; row++) {
        size_t length = is_valid(validity, row) ? strings[row].near.length : 0;
        if (length > 0)
            memcpy(bytes + offsets[row], string_text(&strings[row]), length);
        offsets[row + 1] = offsets[row] + (int64_t)length;
    }
    column->offsets = offsets;
    column->values = bytes;
    return true;
}

static bool set_bits(gy_column *column, const bool *values, const uint64_t *validity, size_t rows,
                     gy_arena *arena)
{
    uint8_t *bits = GY_NEW(arena, uint8_t, rows / 8 + 1);
    if (bits == NULL)
        return false;
    for (size_t row = 0; row < rows; row++) // a value under NULL may be anything
        bits[row / 8] |= (uint8_t)((is_valid(validity, row) && values[row]) << row % 8);
    column->values = bits;
    return true;
}

static gy_status set_columns(gy_duckdb_chunk *into, const gy_duckdb_scan *scan, gy_arena *arena,
                             gy_error *err)
{
    size_t rows = into->row_count;
    for (size_t i = 0; i < scan->column_count; i++) {
        gy_column *column = &into->columns[i];
        void *vector = duck_data_chunk_get_vector(into->chunk, i);
        const void *data = duck_vector_get_data(vector);
        const uint64_t *validity = duck_vector_get_validity(vector);
        size_t valid = 0;
        bool good = true;
        for (size_t row = 0; validity != NULL && row < rows; row++)
            valid += is_valid(validity, row);
        column->null_count = validity == NULL ? 0 : rows - valid;
        column->validity = column->null_count == 0 ? NULL : (const uint8_t *)validity;
        column->values = data;
        if (column->type == GY_COLUMN_TEXT)
            good = set_text(column, data, validity, rows, arena);
        else if (column->type == GY_COLUMN_BOOL)
            good = set_bits(column, data, validity, rows, arena);
        if (!good)
            return gy_fail(err, GY_NO_MEMORY, "no memory to %s", scan->what);
    }
    return GY_OK;
}

void gy_duckdb_chunk_drop(gy_duckdb_chunk *chunk)
{
    if (chunk->chunk != NULL)
        duck_destroy_data_chunk(&chunk->chunk);
    chunk->row_count = 0;
}

gy_status gy_duckdb_scan_take(gy_duckdb_chunk *into, gy_duckdb_scan *scan, gy_arena *arena,
                              gy_error *err)
{
    gy_duckdb_rows *rows = scan->rows;
    gy_duckdb_chunk_drop(into);
    while ((into->chunk = duck_fetch_chunk(rows->result)) != NULL) {
        into->row_count = (size_t)duck_data_chunk_get_size(into->chunk);
        if (into->row_count > 0)
            return set_columns(into, scan, arena, err);
        gy_duckdb_chunk_drop(into);
    }
    // A failure while streaming looks like the end, but for its message.
    const char *said = duck_result_error(&rows->result);
    return said == NULL || said[0] == '\0' ? GY_OK : refuse(scan->what, said, err);
}

gy_status gy_duckdb_scan_next(gy_duckdb_scan *scan, gy_arena *arena, gy_error *err)
{
    scan->rows->last.columns = scan->columns;
    gy_status status = gy_duckdb_scan_take(&scan->rows->last, scan, arena, err);
    scan->row_count = scan->rows->last.row_count;
    return status;
}

// ---- storing

static int kind_of(gy_column_type type)
{
    switch (type) {
    case GY_COLUMN_BOOL:
        return DUCKDB_BOOLEAN;
    case GY_COLUMN_INT64:
        return DUCKDB_BIGINT;
    case GY_COLUMN_FLOAT:
        return DUCKDB_FLOAT;
    case GY_COLUMN_DOUBLE:
        return DUCKDB_DOUBLE;
    case GY_COLUMN_DATE:
        return DUCKDB_DATE;
    case GY_COLUMN_TIME:
        return DUCKDB_TIMESTAMP;
    case GY_COLUMN_TEXT:
    case GY_COLUMN_NULL:
    case GY_COLUMN_TENSOR:
        break;
    }
    return DUCKDB_VARCHAR;
}

static const char *sql_type(gy_column_type type)
{
    switch (kind_of(type)) {
    case DUCKDB_BOOLEAN:
        return "BOOLEAN";
    case DUCKDB_BIGINT:
        return "BIGINT";
    case DUCKDB_FLOAT:
        return "FLOAT";
    case DUCKDB_DOUBLE:
        return "DOUBLE";
    case DUCKDB_DATE:
        return "DATE";
    case DUCKDB_TIMESTAMP:
        return "TIMESTAMP";
    default:
        return "VARCHAR";
    }
}

static gy_status create_rows(gy_duckdb *duckdb, const gy_table *table, gy_error *err)
{
    gy_text sql = {0};
    gy_text_add(&sql, "CREATE TABLE rows (");
    for (size_t i = 0; i < table->column_count; i++) {
        gy_text_add(&sql, i == 0 ? "" : ", ");
        gy_duckdb_quote(&sql, table->columns[i].name, '"');
        gy_text_add(&sql, " %s", sql_type(table->columns[i].type));
    }
    gy_text_add(&sql, ")");
    gy_status status = sql.status != GY_OK ? gy_fail(err, GY_NO_MEMORY, "no memory for a statement")
                                           : gy_duckdb_run(duckdb, sql.bytes, "make a table", err);
    gy_text_release(&sql);
    return status;
}

static void fill_vector(void *vector, const gy_column *column, size_t first, size_t rows)
{
    void *data = duck_vector_get_data(vector);
    duck_vector_ensure_validity_writable(vector);
    uint64_t *validity = duck_vector_get_validity(vector);
    memset(validity, 0, (rows + 63) / 64 * sizeof(*validity));
    for (size_t i = 0; i < rows; i++) {
        size_t row = first + i, length;
        if (!gy_column_has(column, row))
            continue;
        validity[i / 64] |= UINT64_C(1) << i % 64;
        switch (kind_of(column->type)) {
        case DUCKDB_BOOLEAN:
            ((bool *)data)[i] = ((const uint8_t *)column->values)[row / 8] >> row % 8 & 1;
            break;
        case DUCKDB_FLOAT:
        case DUCKDB_DATE:
            ((uint32_t *)data)[i] = ((const uint32_t *)column->values)[row];
            break;
        case DUCKDB_VARCHAR: {
            const char *text = gy_column_text(column, row, &length);
            duck_vector_assign_string_element_len(vector, i, text, length);
            break;
        }
        default:
            ((uint64_t *)data)[i] = ((const uint64_t *)column->values)[row];
        }
    }
}

static gy_status append_rows(void *appender, void *chunk, const gy_table *table, gy_error *err)
{
    size_t most = (size_t)duck_vector_size();
    for (size_t first = 0; first < table->rows; first += most) {
        size_t rows = table->rows - first < most ? table->rows - first : most;
        duck_data_chunk_reset(chunk);
        for (size_t i = 0; i < table->column_count; i++)
            fill_vector(duck_data_chunk_get_vector(chunk, i), &table->columns[i], first, rows);
        duck_data_chunk_set_size(chunk, rows);
        if (duck_append_data_chunk(appender, chunk) != 0)
            return refuse("store rows", duck_appender_error(appender), err);
    }
    return GY_OK;
}

gy_status gy_duckdb_store(gy_duckdb *duckdb, const gy_table *table, gy_error *err)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].type == GY_COLUMN_TENSOR)
            return gy_fail(err, GY_UNSUPPORTED, "column '%s' holds tensors (.npz can hold them)",
                           table->columns[i].name);
    GY_TRY(create_rows(duckdb, table, err));
    gy_arena *scratch = gy_arena_new(0);
    void **types = scratch == NULL ? NULL : GY_NEW(scratch, void *, table->column_count + 1);
    if (types == NULL) {
        gy_arena_free(scratch);
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu columns", table->column_count);
    }
    for (size_t i = 0; i < table->column_count; i++)
        types[i] = duck_create_logical_type(kind_of(table->columns[i].type));
    void *chunk = duck_create_data_chunk(types, table->column_count), *appender = NULL;
    gy_status status = GY_OK;
    if (duck_appender_create(duckdb->connection, NULL, "rows", &appender) != 0)
        status = refuse("store rows", duck_appender_error(appender), err);
    if (status == GY_OK)
        status = append_rows(appender, chunk, table, err);
    if (duck_appender_destroy(&appender) != 0 && status == GY_OK)
        status = gy_fail(err, GY_LIMIT, "cannot store %zu rows in DuckDB's memory", table->rows);
    duck_destroy_data_chunk(&chunk);
    for (size_t i = 0; i < table->column_count; i++)
        duck_destroy_logical_type(&types[i]);
    gy_arena_free(scratch);
    return status;
}
