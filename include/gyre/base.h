// SPDX-License-Identifier: Apache-2.0
//
// What every room shares: statuses and errors, memory, growing text, ids.
#ifndef GYRE_BASE_H
#define GYRE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define GY_API __attribute__((visibility("default")))
#define GY_CHECKED __attribute__((warn_unused_result))
#define GY_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define GY_API
#define GY_CHECKED
#define GY_PRINTF(text, first)
#endif

#ifdef __cplusplus
extern "C" {
#endif

// STATUS(name, exit code, text): the one list behind the enum, the texts and the exit codes.
#define GY_STATUS_LIST(STATUS)                                   \
    STATUS(OK, 0, "success")                                     \
    STATUS(REFUSED, 1, "a rule, a gate or a comparison says no") \
    STATUS(INVALID, 2, "invalid argument")                       \
    STATUS(NOT_FOUND, 3, "not found")                            \
    STATUS(FORMAT, 4, "malformed input")                         \
    STATUS(UNSUPPORTED, 5, "not supported")                      \
    STATUS(LIMIT, 6, "over a stated limit")                      \
    STATUS(IO, 7, "input/output error")                          \
    STATUS(NO_MEMORY, 8, "out of memory")

typedef enum gy_status {
#define STATUS(name, exit_code, text) GY_##name,
    GY_STATUS_LIST(STATUS)
#undef STATUS
} gy_status;

/**
 * What went wrong, for a person. The caller owns it, on its stack; NULL means "no details, please".
 * It holds no heap memory, so it can report that there is none left.
 */
typedef struct gy_error {
    gy_status status;
    char message[500]; // NUL-terminated; the middle is left out if longer
} gy_error;

/** Fill err (may be NULL) and return status: `return gy_fail(err, GY_FORMAT, "...", ...);` */
GY_API gy_status gy_fail(gy_error *err, gy_status status, const char *format, ...) GY_PRINTF(3, 4);

/** The status in words, for a person: "malformed input". Static storage. */
GY_API const char *gy_status_text(gy_status status);

/** The exit status of a program that ends with this status. */
GY_API int gy_status_exit_code(gy_status status);

// Hand a failure up unchanged. Where something must be undone first: `goto done`.
#define GY_TRY(expression)                      \
    do {                                        \
        gy_status gy_try_status = (expression); \
        if (gy_try_status != GY_OK)             \
            return gy_try_status;               \
    } while (0)

/** The library's version, "MAJOR.MINOR.PATCH". Static storage. */
GY_API const char *gy_version(void);

// ---- ids

/** The name of a sample everywhere: SHA-256 of its canonical content. */
typedef struct gy_id {
    uint8_t bytes[32];
} gy_id;

/** An id as 64 lower-case hex digits, by value: nothing to free. */
typedef struct gy_id_hex {
    char text[65];
} gy_id_hex;

GY_API gy_id_hex gy_id_text(const gy_id *id);

/** Read 64 hex digits (either case). @return GY_OK; GY_INVALID: not an id, id untouched. */
GY_API gy_status gy_id_parse(gy_id *id, const char *text, gy_error *err) GY_CHECKED;

/** Order of ids: as their bytes. Negative, zero or positive, like memcmp. */
GY_API int gy_id_compare(const gy_id *a, const gy_id *b);

/** The id of bytes: their SHA-256. */
GY_API void gy_id_of_bytes(gy_id *id, const void *bytes, size_t size_bytes);

/** The id of a file: SHA-256 of its bytes. @return GY_OK, GY_NOT_FOUND, GY_IO. */
GY_API gy_status gy_id_of_file(gy_id *id, const char *path, gy_error *err) GY_CHECKED;

// ---- memory

/**
 * Memory that is freed all at once. Results of a call live in the caller's arena. Not thread-safe:
 * one arena a thread.
 */
typedef struct gy_arena gy_arena;

/**
 * A new, empty arena.
 * @param limit_bytes at most so much is taken; 0: no limit of its own.
 * @return NULL: no memory.
 */
GY_API gy_arena *gy_arena_new(size_t limit_bytes) GY_CHECKED;

/** Free the arena and all that was taken from it. NULL is fine. */
GY_API void gy_arena_free(gy_arena *arena);

/** count objects of type, zeroed and aligned, that live as long as the arena; NULL: none left. */
#define GY_NEW(arena, type, count) ((type *)gy_arena_take(arena, count, sizeof(type)))
GY_API void *gy_arena_take(gy_arena *arena, size_t count, size_t size_bytes) GY_CHECKED;

/** A copy of length bytes plus a NUL in the arena; NULL: none left. */
GY_API char *gy_arena_copy(gy_arena *arena, const char *bytes, size_t length) GY_CHECKED;

/** printf into the arena; NULL: none left. */
GY_API char *gy_arena_format(gy_arena *arena, const char *format, ...) GY_PRINTF(2, 3) GY_CHECKED;

/** A place in an arena to go back to. Good until the arena is rewound to an earlier one. */
typedef struct gy_arena_mark {
    void *block;
    size_t used_bytes;
} gy_arena_mark;

GY_API gy_arena_mark gy_arena_here(const gy_arena *arena);

/** Give back all that was taken since mark. */
GY_API void gy_arena_rewind(gy_arena *arena, gy_arena_mark mark);

// ---- text

/**
 * Text that grows. Start with `gy_text out = {0};`, end with gy_text_release. A failure sticks:
 * later calls do nothing, and `status` tells it once at the end.
 */
typedef struct gy_text {
    char *bytes; // NUL-terminated once anything was added
    size_t length, capacity;
    gy_status status; // GY_OK or GY_NO_MEMORY
} gy_text;

GY_API void gy_text_add(gy_text *text, const char *format, ...) GY_PRINTF(2, 3);
GY_API void gy_text_append(gy_text *text, const void *bytes, size_t length);
GY_API void gy_text_release(gy_text *text);

/** Append a JSON string, quoted and escaped. Bytes that are not UTF-8 become U+FFFD. */
GY_API void gy_text_json_string(gy_text *text, const char *bytes, size_t length);

/**
 * Append "key":"text" to a JSON object, or "key":null for NULL; with a comma before it unless the
 * object begins there.
 */
GY_API void gy_text_json_member(gy_text *text, const char *key, const char *value);

/** Append a JSON number: the shortest decimal that reads back the same; NaN and inf as null. */
GY_API void gy_text_json_number(gy_text *text, double value);

// ---- temporary folders

/** A folder of one's own for a while. Zeroed: none. */
typedef struct gy_scratch {
    const char *path; // in the arena; NULL: none
    int lock;
} gy_scratch;

/**
 * Make a folder below TMPDIR, or /tmp. Those that killed processes of this user left are removed.
 * @return GY_OK; GY_IO; GY_NO_MEMORY.
 */
GY_API gy_status gy_scratch_open(gy_scratch *scratch, gy_arena *arena, gy_error *err) GY_CHECKED;

/** Remove the folder with all in it. */
GY_API void gy_scratch_close(gy_scratch *scratch);

#ifdef __cplusplus
}
#endif

#endif
