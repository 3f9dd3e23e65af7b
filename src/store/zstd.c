// SPDX-License-Identifier: Apache-2.0
//
// The one door to libzstd (RFC 8878). Level 1: on tables it saves as much as level 3 in half the
// time. Against a prefix, the table that finds matches is sized for both: with that of the level,
// most of an older version of some MiB would be forgotten before it is used.

#include "store/zstd.h"

#include <pthread.h>
#include <zstd.h>

#include "base/fault.h"
#include "base/library.h"

enum { LEVEL = 1, PREFIX_WINDOW_LOG_MAX = 24, PREFIX_TABLE_LOG_MAX = 21 };

static ZSTD_CCtx *(*create_packer)(void);
static size_t (*free_packer)(ZSTD_CCtx *);
static ZSTD_DCtx *(*create_unpacker)(void);
static size_t (*free_unpacker)(ZSTD_DCtx *);
static size_t (*set_packer)(ZSTD_CCtx *, ZSTD_cParameter, int);
static size_t (*reset_packer)(ZSTD_CCtx *, ZSTD_ResetDirective);
static size_t (*prefix_packer)(ZSTD_CCtx *, const void *, size_t);
static size_t (*prefix_unpacker)(ZSTD_DCtx *, const void *, size_t);
static size_t (*pack)(ZSTD_CCtx *, void *, size_t, const void *, size_t);
static size_t (*unpack)(ZSTD_DCtx *, void *, size_t, const void *, size_t);
static unsigned (*is_error)(size_t);
static const char *(*error_name)(size_t);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static gy_status opened;
static gy_error opened_error;

static void open_library(void)
{
    const gy_library_symbol symbols[] = {
        {"ZSTD_createCCtx", (void **)&create_packer},
        {"ZSTD_freeCCtx", (void **)&free_packer},
        {"ZSTD_createDCtx", (void **)&create_unpacker},
        {"ZSTD_freeDCtx", (void **)&free_unpacker},
        {"ZSTD_CCtx_setParameter", (void **)&set_packer},
        {"ZSTD_CCtx_reset", (void **)&reset_packer},
        {"ZSTD_CCtx_refPrefix", (void **)&prefix_packer},
        {"ZSTD_DCtx_refPrefix", (void **)&prefix_unpacker},
        {"ZSTD_compress2", (void **)&pack},
        {"ZSTD_decompressDCtx", (void **)&unpack},
        {"ZSTD_isError", (void **)&is_error},
        {"ZSTD_getErrorName", (void **)&error_name},
    };
    opened = gy_library_open("libzstd.so.1", "apt install libzstd1", symbols,
                             sizeof(symbols) / sizeof(symbols[0]), &opened_error);
}

gy_status gy_zstd_open(gy_error *err)
{
    pthread_once(&once, open_library);
    if (opened != GY_OK && err != NULL)
        *err = opened_error;
    return opened;
}

void gy_zstd_release(gy_zstd *zstd)
{
    if (zstd->packer != NULL)
        free_packer(zstd->packer);
    if (zstd->unpacker != NULL)
        free_unpacker(zstd->unpacker);
    *zstd = (gy_zstd){0};
}

// The smallest power of two that holds size_bytes, as its exponent, at most most.
static int log_of(size_t size_bytes, int most)
{
    int log = 10;
    while (log < most && (size_t)1 << log < size_bytes)
        log++;
    return log;
}

// Set up for a prefix: a window over both, a table with room for every other place of them.
static void set_prefix_parameters(ZSTD_CCtx *packer, size_t both_bytes)
{
    set_packer(packer, ZSTD_c_windowLog, log_of(both_bytes, PREFIX_WINDOW_LOG_MAX));
    set_packer(packer, ZSTD_c_hashLog, log_of(both_bytes / 2, PREFIX_TABLE_LOG_MAX));
}

gy_status gy_zstd_pack(size_t *packed_bytes, void *packed, size_t capacity, const void *bytes,
                       size_t size_bytes, const void *prefix, size_t prefix_bytes, gy_zstd *zstd,
                       gy_error *err)
{
    GY_TRY(gy_zstd_open(err));
    if (zstd->packer == NULL && !gy_fault_memory())
        zstd->packer = create_packer();
    if (zstd->packer == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to compress");
    ZSTD_CCtx *packer = zstd->packer;
    reset_packer(packer, ZSTD_reset_session_and_parameters);
    set_packer(packer, ZSTD_c_contentSizeFlag, 0); // the pack's index knows it
    set_packer(packer, ZSTD_c_compressionLevel, LEVEL);
    if (prefix_bytes > 0)
        set_prefix_parameters(packer, size_bytes + prefix_bytes);
    if (prefix_bytes > 0)
        prefix_packer(packer, prefix, prefix_bytes);
    size_t result = pack(packer, packed, capacity, bytes, size_bytes);
    *packed_bytes = is_error(result) ? 0 : result;
    return GY_OK;
}

gy_status gy_zstd_unpack(void *bytes, size_t size_bytes, const void *packed, size_t packed_bytes,
                         const void *prefix, size_t prefix_bytes, gy_zstd *zstd, gy_error *err)
{
    GY_TRY(gy_zstd_open(err));
    if (zstd->unpacker == NULL && !gy_fault_memory())
        zstd->unpacker = create_unpacker();
    if (zstd->unpacker == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to decompress");
    if (prefix_bytes > 0)
        prefix_unpacker(zstd->unpacker, prefix, prefix_bytes);
    size_t result = unpack(zstd->unpacker, bytes, size_bytes, packed, packed_bytes);
    if (is_error(result))
        return gy_fail(err, GY_FORMAT, "damaged: %s", error_name(result));
    if (result != size_bytes)
        return gy_fail(err, GY_FORMAT, "damaged: %zu bytes, %zu expected", result, size_bytes);
    return GY_OK;
}
