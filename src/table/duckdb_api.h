// SPDX-License-Identifier: Apache-2.0
//
// What we use of DuckDB's C API, declared after its documentation (stable since 1.2). Only the
// door, duckdb.c, includes this.
#ifndef GYRE_TABLE_DUCKDB_API_H
#define GYRE_TABLE_DUCKDB_API_H

#include <stdbool.h>
#include <stdint.h>

typedef struct duckdb_result {
    uint64_t column_count, row_count, rows_changed; // of no use: chunks tell it
    void *columns;
    char *error_message;
    void *internal_data;
} duckdb_result;

// 16 bytes: texts of up to 12 stand in them.
typedef union duckdb_string {
    struct {
        uint32_t length;
        char text[12];
    } near;
    struct {
        uint32_t length;
        char prefix[4];
        const char *text;
    } far;
} duckdb_string;

typedef enum duckdb_kind {
    DUCKDB_BOOLEAN = 1,
    DUCKDB_TINYINT = 2,
    DUCKDB_SMALLINT = 3,
    DUCKDB_INTEGER = 4,
    DUCKDB_BIGINT = 5,
    DUCKDB_UTINYINT = 6,
    DUCKDB_USMALLINT = 7,
    DUCKDB_UINTEGER = 8,
    DUCKDB_UBIGINT = 9,
    DUCKDB_FLOAT = 10,
    DUCKDB_DOUBLE = 11,
    DUCKDB_TIMESTAMP = 12,
    DUCKDB_DATE = 13,
    DUCKDB_HUGEINT = 16,
    DUCKDB_VARCHAR = 17,
    DUCKDB_DECIMAL = 19,
    DUCKDB_TIMESTAMP_S = 20,
    DUCKDB_TIMESTAMP_MS = 21,
    DUCKDB_TIMESTAMP_NS = 22,
    DUCKDB_LIST = 24,
    DUCKDB_STRUCT = 25,
    DUCKDB_MAP = 26,
    DUCKDB_UNION = 28,
    DUCKDB_TIMESTAMP_TZ = 31,
    DUCKDB_UHUGEINT = 32,
    DUCKDB_ARRAY = 33
} duckdb_kind;

// DUCKDB_FUNCTION(result type, name, arguments): all that the door opens.
#define DUCKDB_FUNCTIONS(DUCKDB_FUNCTION)                                                       \
    DUCKDB_FUNCTION(int, create_config, (void **config))                                        \
    DUCKDB_FUNCTION(int, set_config, (void *config, const char *name, const char *value))       \
    DUCKDB_FUNCTION(void, destroy_config, (void **config))                                      \
    DUCKDB_FUNCTION(int, open_ext, (const char *path, void **db, void *config, char **error))   \
    DUCKDB_FUNCTION(void, close, (void **db))                                                   \
    DUCKDB_FUNCTION(int, connect, (void *db, void **connection))                                \
    DUCKDB_FUNCTION(void, disconnect, (void **connection))                                      \
    DUCKDB_FUNCTION(int, query, (void *connection, const char *sql, duckdb_result *result))     \
    DUCKDB_FUNCTION(void, destroy_result, (duckdb_result * result))                             \
    DUCKDB_FUNCTION(const char *, result_error, (duckdb_result * result))                       \
    DUCKDB_FUNCTION(int, prepare, (void *connection, const char *sql, void **statement))        \
    DUCKDB_FUNCTION(const char *, prepare_error, (void *statement))                             \
    DUCKDB_FUNCTION(void, destroy_prepare, (void **statement))                                  \
    DUCKDB_FUNCTION(int, pending_prepared_streaming, (void *statement, void **pending))         \
    DUCKDB_FUNCTION(const char *, pending_error, (void *pending))                               \
    DUCKDB_FUNCTION(int, execute_pending, (void *pending, duckdb_result *result))               \
    DUCKDB_FUNCTION(void, destroy_pending, (void **pending))                                    \
    DUCKDB_FUNCTION(uint64_t, column_count, (duckdb_result * result))                           \
    DUCKDB_FUNCTION(const char *, column_name, (duckdb_result * result, uint64_t column))       \
    DUCKDB_FUNCTION(int, column_type, (duckdb_result * result, uint64_t column))                \
    DUCKDB_FUNCTION(void *, column_logical_type, (duckdb_result * result, uint64_t column))     \
    DUCKDB_FUNCTION(uint8_t, decimal_width, (void *type))                                       \
    DUCKDB_FUNCTION(uint8_t, decimal_scale, (void *type))                                       \
    DUCKDB_FUNCTION(void *, fetch_chunk, (duckdb_result result))                                \
    DUCKDB_FUNCTION(uint64_t, data_chunk_get_size, (void *chunk))                               \
    DUCKDB_FUNCTION(void *, data_chunk_get_vector, (void *chunk, uint64_t column))              \
    DUCKDB_FUNCTION(void, destroy_data_chunk, (void **chunk))                                   \
    DUCKDB_FUNCTION(void *, vector_get_data, (void *vector))                                    \
    DUCKDB_FUNCTION(uint64_t *, vector_get_validity, (void *vector))                            \
    DUCKDB_FUNCTION(void, vector_ensure_validity_writable, (void *vector))                      \
    DUCKDB_FUNCTION(void, vector_assign_string_element_len,                                     \
                    (void *vector, uint64_t row, const char *text, uint64_t length))            \
    DUCKDB_FUNCTION(void *, create_logical_type, (int kind))                                    \
    DUCKDB_FUNCTION(void, destroy_logical_type, (void **type))                                  \
    DUCKDB_FUNCTION(void *, create_data_chunk, (void **types, uint64_t count))                  \
    DUCKDB_FUNCTION(void, data_chunk_reset, (void *chunk))                                      \
    DUCKDB_FUNCTION(void, data_chunk_set_size, (void *chunk, uint64_t size))                    \
    DUCKDB_FUNCTION(uint64_t, vector_size, (void))                                              \
    DUCKDB_FUNCTION(int, appender_create,                                                       \
                    (void *connection, const char *schema, const char *table, void **appender)) \
    DUCKDB_FUNCTION(const char *, appender_error, (void *appender))                             \
    DUCKDB_FUNCTION(int, append_data_chunk, (void *appender, void *chunk))                      \
    DUCKDB_FUNCTION(int, appender_destroy, (void **appender))                                   \
    DUCKDB_FUNCTION(void, free, (void *memory))

#endif
