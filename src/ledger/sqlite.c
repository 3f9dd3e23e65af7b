// SPDX-License-Identifier: Apache-2.0
//
// The door to SQLite. It turns result codes into statuses and, under test, hands SQLite's system
// calls to the fault switch, so that a failing disk reaches the code that a real one would reach.

#define _POSIX_C_SOURCE 200809L
#include "ledger/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/library.h"

// FUNCTION(name): every function of SQLite that is used here.
#define SQLITE_FUNCTIONS(FUNCTION)  \
    FUNCTION(open_v2)               \
    FUNCTION(close_v2)              \
    FUNCTION(exec)                  \
    FUNCTION(errmsg)                \
    FUNCTION(extended_errcode)      \
    FUNCTION(system_errno)          \
    FUNCTION(busy_timeout)          \
    FUNCTION(extended_result_codes) \
    FUNCTION(db_filename)           \
    FUNCTION(filename_wal)          \
    FUNCTION(db_handle)             \
    FUNCTION(get_autocommit)        \
    FUNCTION(last_insert_rowid)     \
    FUNCTION(prepare_v2)            \
    FUNCTION(finalize)              \
    FUNCTION(bind_int64)            \
    FUNCTION(bind_blob64)           \
    FUNCTION(bind_text64)           \
    FUNCTION(bind_null)             \
    FUNCTION(step)                  \
    FUNCTION(reset)                 \
    FUNCTION(column_int64)          \
    FUNCTION(column_type)           \
    FUNCTION(column_blob)           \
    FUNCTION(column_bytes)          \
    FUNCTION(column_text)           \
    FUNCTION(vfs_find)              \
    FUNCTION(vfs_register)          \
    FUNCTION(file_control)          \
    FUNCTION(db_config)

// Pointers are typed by the header's own declarations: a changed signature does not compile.
static struct {
#define FUNCTION(name) __typeof__(&sqlite3_##name) name;
    SQLITE_FUNCTIONS(FUNCTION)
#undef FUNCTION
} sqlite;

static gy_error open_error;
static pthread_once_t open_once = PTHREAD_ONCE_INIT;

static ssize_t faulty_read_at(int file, void *bytes, size_t size_bytes, off_t at)
{
    if (gy_fault_io()) {
        // SQLite takes some reasons of a failing read (EIO, ENXIO) for a damaged file.
        errno = errno == EIO ? ENODEV : errno;
        return -1;
    }
    return pread(file, bytes, size_bytes, at);
}

static ssize_t faulty_write_at(int file, const void *bytes, size_t size_bytes, off_t at)
{
    return gy_fault_io() ? -1 : pwrite(file, bytes, size_bytes, at);
}

static int faulty_open(const char *path, int flags, int mode)
{
    return gy_fault_io() ? -1 : open(path, flags, mode);
}

static int faulty_truncate(int file, off_t size_bytes)
{
    return gy_fault_io() ? -1 : ftruncate(file, size_bytes);
}

static int faulty_unlink(const char *path)
{
    return gy_fault_io() ? -1 : unlink(path);
}

static sqlite3_vfs *system_files, our_files;

// Only where faults are asked for: another user of the same library in this process (Python's
// sqlite3) keeps the system's calls.
static void install_faults(void)
{
    sqlite3_vfs *system = system_files;
    if (getenv("GYRE_FAULT") == NULL || system->iVersion < 3)
        return;
    system->xSetSystemCall(system, "open", (sqlite3_syscall_ptr)faulty_open);
    system->xSetSystemCall(system, "pread", (sqlite3_syscall_ptr)faulty_read_at);
    system->xSetSystemCall(system, "pread64", (sqlite3_syscall_ptr)faulty_read_at);
    system->xSetSystemCall(system, "pwrite", (sqlite3_syscall_ptr)faulty_write_at);
    system->xSetSystemCall(system, "pwrite64", (sqlite3_syscall_ptr)faulty_write_at);
    system->xSetSystemCall(system, "ftruncate", (sqlite3_syscall_ptr)faulty_truncate);
    system->xSetSystemCall(system, "unlink", (sqlite3_syscall_ptr)faulty_unlink);
}

// SQLite syncs the folder of every log that it opens, in case it is a new one. Ours stays, empty,
// when the database is closed: its name is on the disk already.
static int open_file(sqlite3_vfs *files, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)files;
    if ((flags & SQLITE_OPEN_WAL) != 0 && name != NULL && access(name, F_OK) == 0)
        flags &= ~SQLITE_OPEN_CREATE;
    return system_files->xOpen(system_files, name, file, flags, out);
}

static void register_files(void)
{
    system_files = sqlite.vfs_find(NULL);
    if (system_files == NULL)
        return;
    our_files = *system_files;
    our_files.zName = "gyre";
    our_files.xOpen = open_file;
    sqlite.vfs_register(&our_files, 0);
    install_faults();
}

static void open_library(void)
{
    static const gy_library_symbol symbols[] = {
#define FUNCTION(name) {"sqlite3_" #name, (void **)(void *)&sqlite.name},
        SQLITE_FUNCTIONS(FUNCTION)
#undef FUNCTION
    };
    if (gy_library_open("libsqlite3.so.0", "apt install libsqlite3-0", symbols,
                        sizeof(symbols) / sizeof(symbols[0]), &open_error) == GY_OK)
        register_files();
}

static sqlite3 *handle_of(const gy_database *database)
{
    return (sqlite3 *)(uintptr_t)database;
}

static sqlite3_stmt *statement_of(gy_statement *statement)
{
    return (sqlite3_stmt *)statement;
}

static gy_status fail(sqlite3 *handle, int code, gy_error *err)
{
    const char *path = sqlite.db_filename(handle, "main");
    const char *message = sqlite.errmsg(handle);
    int reason = sqlite.system_errno(handle);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return gy_fail(err, GY_REFUSED, "another process has written to '%s' for over %d s", path,
                       GY_DATABASE_WAIT_MS_MAX / 1000);
    case SQLITE_NOMEM:
        return gy_fail(err, GY_NO_MEMORY, "no memory for '%s'", path);
    case SQLITE_CANTOPEN:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_PERM:
    case SQLITE_READONLY:
        return gy_fail(err, GY_IO, "cannot use '%s': %s%s%s", path, message,
                       reason == 0 ? "" : ": ", reason == 0 ? "" : strerror(reason));
    default: // SQLite takes a failing read (EIO) for corruption, too
        return gy_fail(err, GY_FORMAT,
                       "'%s' is damaged, no ledger, or on a failing disk (%s): put a copy in its "
                       "place, or set it aside to begin a new one",
                       path, message);
    }
}

gy_status gy_database_open(gy_database **database, const char *path, gy_error *err)
{
    pthread_once(&open_once, open_library);
    if (open_error.status != GY_OK)
        return gy_fail(err, open_error.status, "%s", open_error.message);

    sqlite3 *handle = NULL;
    int code = sqlite.open_v2(path, &handle,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                              system_files == NULL ? NULL : our_files.zName);
    if (handle == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for '%s'", path);
    if (code != SQLITE_OK) {
        int reason = sqlite.system_errno(handle);
        gy_status status = gy_fail(err, GY_IO, "cannot open '%s': %s", path,
                                   reason == 0 ? sqlite.errmsg(handle) : strerror(reason));
        sqlite.close_v2(handle);
        return status;
    }
    sqlite.extended_result_codes(handle, 1);
    sqlite.busy_timeout(handle, GY_DATABASE_WAIT_MS_MAX);
    int keep = 1;
    sqlite.file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    *database = (gy_database *)handle;
    return GY_OK;
}

void gy_database_close(gy_database *database)
{
    if (database != NULL)
        sqlite.close_v2(handle_of(database));
}

gy_status gy_database_run(gy_database *database, const char *sql, gy_error *err)
{
    int code = sqlite.exec(handle_of(database), sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? GY_OK : fail(handle_of(database), code, err);
}

gy_status gy_database_number(int64_t *number, gy_database *database, const char *sql, gy_error *err)
{
    gy_statement *statement;
    GY_TRY(gy_statement_new(&statement, database, sql, err));
    bool row = false;
    gy_status status = gy_statement_step(&row, statement, err);
    *number = status == GY_OK && row ? gy_statement_number(statement, 0) : 0;
    gy_statement_free(statement);
    return status;
}

static const char *log_path(sqlite3 *handle)
{
    return sqlite.filename_wal(sqlite.db_filename(handle, "main"));
}

gy_status gy_database_begin(gy_database *database, gy_error *err)
{
    static const char begin[] = "PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0; "
                                "BEGIN IMMEDIATE";
    static const char begin_synced[] = "ROLLBACK; PRAGMA synchronous = FULL; "
                                       "PRAGMA wal_autocheckpoint = 1000; BEGIN IMMEDIATE";
    struct stat log;
    sqlite3 *handle = handle_of(database);
    GY_TRY(gy_database_run(database, begin, err));
    bool is_empty = stat(log_path(handle), &log) != 0 || log.st_size == 0;
    sqlite.db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !is_empty, NULL);
    return is_empty ? GY_OK : gy_database_run(database, begin_synced, err);
}

// Take the log into the database and empty it. @return whether it is done: no other is in the way.
static bool take_log(gy_database *database)
{
    gy_statement *statement = NULL;
    bool row = false;
    sqlite.busy_timeout(handle_of(database), 0);
    bool done =
        gy_statement_new(&statement, database, "PRAGMA wal_checkpoint(TRUNCATE)", NULL) == GY_OK &&
        gy_statement_step(&row, statement, NULL) == GY_OK && row &&
        gy_statement_number(statement, 1) == gy_statement_number(statement, 2);
    gy_statement_free(statement);
    sqlite.busy_timeout(handle_of(database), GY_DATABASE_WAIT_MS_MAX);
    return done;
}

gy_status gy_database_commit(gy_database *database, gy_error *err)
{
    int64_t level = 0;
    const char *path = log_path(handle_of(database));
    GY_TRY(gy_database_run(database, "COMMIT", err));
    GY_TRY(gy_database_number(&level, database, "PRAGMA synchronous", err));
    GY_TRY(gy_database_run(database, "PRAGMA synchronous = FULL", err));
    if (level != 0 || take_log(database))
        return GY_OK;
    int file = gy_io_open(path, O_WRONLY, 0);
    gy_status status = GY_OK;
    if (file < 0 || gy_io_sync(file) != 0)
        status = gy_fail(err, GY_IO, "cannot sync '%s': %s", path, strerror(errno));
    if (file >= 0)
        close(file);
    return status;
}

void gy_database_undo(gy_database *database)
{
    if (!sqlite.get_autocommit(handle_of(database)))
        sqlite.exec(handle_of(database), "ROLLBACK", NULL, NULL, NULL);
}

int64_t gy_database_last_rowid(const gy_database *database)
{
    return sqlite.last_insert_rowid(handle_of(database));
}

gy_status gy_statement_new(gy_statement **statement, gy_database *database, const char *sql,
                           gy_error *err)
{
    sqlite3_stmt *compiled = NULL;
    int code = sqlite.prepare_v2(handle_of(database), sql, -1, &compiled, NULL);
    *statement = (gy_statement *)compiled;
    return code == SQLITE_OK ? GY_OK : fail(handle_of(database), code, err);
}

void gy_statement_free(gy_statement *statement)
{
    if (statement != NULL)
        sqlite.finalize(statement_of(statement));
}

void gy_statement_set_number(gy_statement *statement, int at, int64_t number)
{
    sqlite.bind_int64(statement_of(statement), at, number);
}

void gy_statement_set_bytes(gy_statement *statement, int at, const void *bytes, size_t size_bytes)
{
    sqlite.bind_blob64(statement_of(statement), at, bytes, size_bytes, SQLITE_STATIC);
}

void gy_statement_set_text(gy_statement *statement, int at, const char *text, size_t length)
{
    sqlite.bind_text64(statement_of(statement), at, text, length, SQLITE_STATIC, SQLITE_UTF8);
}

void gy_statement_set_null(gy_statement *statement, int at)
{
    sqlite.bind_null(statement_of(statement), at);
}

gy_status gy_statement_step(bool *row, gy_statement *statement, gy_error *err)
{
    int code = sqlite.step(statement_of(statement));
    *row = code == SQLITE_ROW;
    if (code == SQLITE_ROW)
        return GY_OK;
    gy_status status = GY_OK;
    if (code != SQLITE_DONE)
        status = fail(sqlite.db_handle(statement_of(statement)), code, err);
    sqlite.reset(statement_of(statement));
    return status;
}

gy_status gy_statement_run(gy_statement *statement, gy_error *err)
{
    bool row;
    gy_status status = gy_statement_step(&row, statement, err);
    if (status == GY_OK && row)
        sqlite.reset(statement_of(statement));
    return status;
}

void gy_statement_reset(gy_statement *statement)
{
    sqlite.reset(statement_of(statement));
}

int64_t gy_statement_number(gy_statement *statement, int at)
{
    return sqlite.column_int64(statement_of(statement), at);
}

const void *gy_statement_bytes(size_t *size_bytes, gy_statement *statement, int at)
{
    const void *bytes = sqlite.column_blob(statement_of(statement), at);
    *size_bytes = bytes == NULL ? 0 : (size_t)sqlite.column_bytes(statement_of(statement), at);
    return bytes;
}

const char *gy_statement_text(gy_statement *statement, int at)
{
    return (const char *)sqlite.column_text(statement_of(statement), at);
}
