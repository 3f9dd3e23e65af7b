// SPDX-License-Identifier: Apache-2.0
//
// Goal: whatever fails, a ledger holds all of a batch or none of it, and can be used again. Method:
// every allocation and every system call of SQLite fails in turn; then a database with one byte
// flipped, at many places, and cut at many lengths, must be read or refused, never crash.

#include "project.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fault.h"

enum { BATCH = 5 };

static gy_status write_batch(const test_project *project, gy_error *err)
{
    gy_ledger *ledger = NULL;
    GY_TRY(gy_ledger_open(&ledger, project->folder, err));
    gy_id ids[BATCH];
    gy_record records[BATCH];
    for (size_t i = 0; i < BATCH; i++) {
        gy_id_of_bytes(&ids[i], &i, sizeof(i));
        records[i] = (gy_record){.kind = "finding",
                                 .ids = &ids[i],
                                 .id_count = 1,
                                 .body = "{\"n\":1}",
                                 .run = "r",
                                 .version = "v"};
    }
    gy_status status = gy_ledger_append(ledger, records, BATCH, err);
    found_records all = {0};
    if (status == GY_OK)
        status = gy_ledger_find(ledger, &(gy_ledger_query){.id = &ids[0], .kind = "finding"},
                                count_records, &all, err);
    if (status == GY_OK)
        CHECK(all.count > 0);
    gy_ledger_close(ledger);
    return status;
}

// Fail call n, for every n until a whole run does not reach it; the ledger must hold whole batches
// alone.
static void fail_each(const char *kind, gy_status expected)
{
    test_project project = project_new();
    size_t before = 0, n = 1;
    for (bool reached = true; reached; n++) {
        char text[64];
        gy_error err = {0};
        snprintf(text, sizeof(text), "%s:%zu", kind, n);
        gy_fault_set(text);
        gy_status status = write_batch(&project, &err);
        reached = n <= (expected == GY_NO_MEMORY ? gy_fault_memory_count() : gy_fault_io_count());
        gy_fault_set(NULL);
        CHECK(status == GY_OK || err.message[0] != '\0');
        // SQLite cannot tell a read that fails from a corrupt page.
        CHECK(status == GY_OK || status == expected || (status == GY_FORMAT && expected == GY_IO));
        gy_ledger *ledger = open_ledger(&project);
        size_t after = count_all(ledger);
        CHECK(after % BATCH == 0);
        CHECK(after >= before + (status == GY_OK ? BATCH : 0) && after <= before + BATCH);
        CHECK(gy_ledger_verify(ledger, NULL) == GY_OK);
        gy_ledger_close(ledger);
        before = after;
    }
    CHECK(n > 5);
    project_free(&project);
}

static void test_every_allocation_may_fail(void)
{
    fail_each("memory", GY_NO_MEMORY);
}

static void test_every_io_call_may_fail(void)
{
    fail_each("io", GY_IO);
}

static void test_the_disk_may_be_full(void)
{
    fail_each("nospace", GY_IO);
}

static void use_damaged(const test_project *project)
{
    gy_ledger *ledger = NULL;
    gy_error err = {0};
    gy_status status = gy_ledger_open(&ledger, project->folder, &err);
    if (status == GY_OK) {
        found_records all = {0};
        gy_id id = id_of("a");
        gy_status read = gy_ledger_find(ledger, &(gy_ledger_query){0}, count_records, &all, &err);
        CHECK(read == GY_OK || err.message[0] != '\0');
        read = gy_ledger_find(ledger, &(gy_ledger_query){.id = &id}, count_records, &all, &err);
        CHECK(read == GY_OK || err.message[0] != '\0');
        read = gy_ledger_verify(ledger, &err);
        CHECK(read == GY_OK || err.message[0] != '\0');
        read = gy_ledger_resolve(&id, ledger, "ca97", &err);
        CHECK(read == GY_OK || err.message[0] != '\0');
        gy_ledger_close(ledger);
    } else {
        CHECK(err.message[0] != '\0');
    }
}

static void test_a_damaged_file_is_told_not_crashed_on(void)
{
    test_project project = project_new();
    gy_ledger *ledger = open_ledger(&project);
    for (int i = 0; i < 60; i++)
        append_one(ledger, i % 2 == 0 ? "w" : "x", i % 3 == 0 ? "a" : "b", "{\"n\":1}");
    gy_ledger_close(ledger);

    static char whole[1 << 20], broken[1 << 20];
    char path[128], log[160];
    snprintf(path, sizeof(path), "%s/.gyre/ledger.db", project.folder);
    snprintf(log, sizeof(log), "%s-wal", path);
    int file = open(path, O_RDONLY);
    ssize_t size = read(file, whole, sizeof(whole));
    close(file);
    CHECK(size > 4096 && size < (ssize_t)sizeof(whole));
    for (ssize_t at = 0; at < size; at += at < 200 ? 1 : 61) {
        memcpy(broken, whole, (size_t)size);
        broken[at] = (char)(broken[at] ^ (at % 2 == 0 ? 0xff : 0x10));
        ssize_t length = at % 5 == 4 ? at : size; // now and then cut it there instead
        file = open(path, O_WRONLY | O_TRUNC);
        CHECK(write(file, broken, (size_t)length) == length);
        close(file);
        unlink(log);
        use_damaged(&project);
    }
    project_free(&project);
}

int main(void)
{
    setenv("GYRE_FAULT", "", 1); // before the first ledger: SQLite's calls go through the switch
    RUN(test_every_allocation_may_fail);
    RUN(test_every_io_call_may_fail);
    RUN(test_the_disk_may_be_full);
    RUN(test_a_damaged_file_is_told_not_crashed_on);
    return check_done();
}
