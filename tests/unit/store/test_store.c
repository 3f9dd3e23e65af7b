// SPDX-License-Identifier: Apache-2.0
//
// Goal: what the library stores, it gives back, old versions too; and every allocation of an add
// may fail. Method: a project in a temporary folder, versions of random tables and files, read back
// through each call of gyre/store.h.

#define _GNU_SOURCE
#include "gyre/store.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/random.h"
#include "check.h"

enum { ROWS = 60000, VERSIONS = 24 };
static char folder[] = "/tmp/gyre-store-XXXXXX";

static void write_file(const char *path, const void *bytes, size_t size_bytes)
{
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(bytes, 1, size_bytes, file) == size_bytes);
    if (file != NULL)
        CHECK(fclose(file) == 0);
}

// A table; each version changes some rows of the one before, one by one, and grows at its front.
static void make_table(gy_text *out, int version)
{
    gy_random random;
    gy_random_init(&random, 9, 0);
    gy_text_add(out, "id,x,y\n");
    for (int i = 0; i < version; i++)
        gy_text_add(out, "-%d,0,0\n", i);
    for (uint32_t i = 0; i < ROWS; i++) {
        uint32_t x = gy_random_next(&random), y = gy_random_next(&random);
        gy_text_add(out, "%u,%u,%u%s\n", i, x, y, (int)(x % 1000) < version ? "7" : "");
    }
}

static gy_status add(const char *const *paths, size_t count, gy_added *added, gy_error *err)
{
    gy_store *store;
    gy_arena arena = GY_ARENA_INIT;
    const gy_add_options options = {.no_git = true};
    gy_status status = gy_store_open(&store, folder, err);
    if (status == GY_OK) {
        status = gy_store_add(added, store, paths, count, &options, &arena, err);
        gy_store_close(store);
    }
    gy_arena_release(&arena);
    return status;
}

static void check_reads_back(const gy_pointer *pointer, const gy_text *expected)
{
    gy_store *store;
    gy_arena arena = GY_ARENA_INIT;
    char *bytes = NULL;
    size_t size_bytes = 0;
    CHECK(gy_store_open(&store, folder, NULL) == GY_OK);
    CHECK(gy_store_has(store, &pointer->root));
    CHECK(gy_store_read(&bytes, &size_bytes, store, &pointer->root, &arena, NULL) == GY_OK);
    CHECK(size_bytes == expected->length && memcmp(bytes, expected->bytes, size_bytes) == 0);
    gy_store_close(store);
    gy_arena_release(&arena);
}

// More versions than a chain of deltas may be deep.
static void test_every_version_of_a_table_reads_back(void)
{
    static gy_text texts[VERSIONS];
    gy_pointer pointers[VERSIONS];
    const char *paths[] = {"t.csv"};
    for (int i = 0; i < VERSIONS; i++) {
        gy_added added;
        gy_error err = {0};
        make_table(&texts[i], i);
        write_file("t.csv", texts[i].bytes, texts[i].length);
        CHECK(add(paths, 1, &added, &err) == GY_OK);
        CHECK(err.message[0] == '\0' && added.changed);
        CHECK(added.pointer.samples == (uint64_t)(ROWS + i) && !added.pointer.is_folder);
        CHECK(i == 0 || added.bytes_added < texts[i].length / 20);
        pointers[i] = added.pointer;
    }
    for (int i = 0; i < VERSIONS; i++) {
        check_reads_back(&pointers[i], &texts[i]);
        gy_text_release(&texts[i]);
    }
}

static void test_a_folder_lists_and_reads_back(void)
{
    const char *paths[] = {"images"};
    gy_added added;
    gy_entry *entries = NULL;
    gy_store *store;
    gy_arena arena = GY_ARENA_INIT;
    size_t count = 0;
    CHECK(gy_io_make_folder("images") == 0 && gy_io_make_folder("images/sub") == 0);
    write_file("images/b", "second", 6);
    write_file("images/a", "first", 5);
    write_file("images/sub/empty", "", 0);
    write_file("images/sub.x", "third", 5);
    CHECK(add(paths, 1, &added, NULL) == GY_OK);
    CHECK(gy_store_open(&store, "images/sub", NULL) == GY_OK);
    CHECK(gy_store_list(&entries, &count, store, &added.pointer, &arena, NULL) == GY_OK);
    static const char *const expected[] = {"a", "b", "sub.x", "sub/empty"};
    CHECK(count == 4);
    for (size_t i = 0; i < count; i++) {
        gy_id id;
        char path[64];
        snprintf(path, sizeof(path), "images/%s", entries[i].path);
        CHECK(strcmp(entries[i].path, expected[i]) == 0);
        CHECK(gy_id_of_file(&id, path, NULL) == GY_OK && gy_id_compare(&id, &entries[i].id) == 0);
        CHECK(gy_store_write_to(store, &entries[i].id, "copy", NULL) == GY_OK);
        CHECK(gy_id_of_file(&id, "copy", NULL) == GY_OK && gy_id_compare(&id, &entries[i].id) == 0);
    }
    gy_id unknown = {{1}};
    char *bytes;
    gy_error err = {0};
    CHECK(!gy_store_has(store, &unknown));
    CHECK(gy_store_read(&bytes, &count, store, &unknown, &arena, &err) == GY_NOT_FOUND);
    CHECK(strstr(err.message, gy_id_text(&unknown).text) != NULL);
    gy_store_close(store);
    gy_arena_release(&arena);
}

static void test_every_allocation_of_an_add_may_fail(void)
{
    const char *paths[] = {"images", "t.csv"};
    gy_status status = GY_NO_MEMORY;
    size_t failures = 0;
    for (size_t i = 1; status != GY_OK || failures + 30 > i; i++) {
        char fault[32];
        gy_added added[2];
        gy_error err = {0};
        write_file("images/a", &i, sizeof(i)); // something new each time
        snprintf(fault, sizeof(fault), "memory:%zu", i);
        gy_fault_set(fault);
        status = add(paths, 2, added, &err);
        gy_fault_set(NULL);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        failures += status != GY_OK;
    }
    CHECK(failures > 40);
    CHECK(add(paths, 2, (gy_added[2]){{0}}, NULL) == GY_OK);
}

static void test_one_change_is_one_change(void)
{
    const char *paths[] = {"images"};
    gy_store *store;
    gy_arena arena = GY_ARENA_INIT;
    gy_added before, after;
    gy_change *changes = NULL;
    size_t count = 0;
    CHECK(add(paths, 1, &before, NULL) == GY_OK);
    write_file("images/b", "edited", 6);
    CHECK(add(paths, 1, &after, NULL) == GY_OK);
    CHECK(gy_store_open(&store, folder, NULL) == GY_OK);
    CHECK(gy_store_compare(&changes, &count, store, &before.pointer, &after.pointer, &arena,
                           NULL) == GY_OK);
    CHECK(count == 1 && changes[0].kind == GY_CHANGE_MODIFIED && strcmp(changes[0].path, "b") == 0);
    CHECK(gy_store_compare(&changes, &count, store, NULL, &after.pointer, &arena, NULL) == GY_OK);
    CHECK(count == 4 && changes[0].kind == GY_CHANGE_ADDED);
    gy_store_close(store);
    gy_arena_release(&arena);
}

static gy_status ignore(const char *path, gy_error *err)
{
    gy_store *store;
    gy_arena arena = GY_ARENA_INIT;
    gy_status status = gy_store_open(&store, folder, err);
    if (status == GY_OK) {
        status = gy_store_ignore(store, path, &arena, err);
        gy_store_close(store);
    }
    gy_arena_release(&arena);
    return status;
}

static void check_ignored(const char *expected)
{
    gy_arena arena = GY_ARENA_INIT;
    char *text = NULL;
    size_t length;
    CHECK(gy_file_read(&text, &length, "keys/.gitignore", 1000, &arena, NULL) == GY_OK);
    CHECK(text != NULL && strcmp(text, expected) == 0);
    gy_arena_release(&arena);
}

static void test_a_path_is_ignored_once(void)
{
    gy_status status = GY_NO_MEMORY;
    gy_error err = {0};
    CHECK(gy_io_make_folder("keys") == 0);
    write_file("keys/.gitignore", "old", 3);
    for (size_t i = 1; status == GY_NO_MEMORY; i++) {
        char fault[32];
        snprintf(fault, sizeof(fault), "memory:%zu", i);
        gy_fault_set(fault);
        status = ignore("keys/secret*", &err);
        gy_fault_set(NULL);
        check_ignored(status == GY_OK ? "old\n/secret\\*\n" : "old");
    }
    CHECK(status == GY_OK);
    CHECK(ignore("keys/secret*", NULL) == GY_OK);
    check_ignored("old\n/secret\\*\n");
    CHECK(ignore("/tmp/elsewhere", &err) == GY_INVALID);
    CHECK(ignore("missing/secret", &err) == GY_NOT_FOUND);
}

// A lock that names one output, of these bytes; and git has it.
static void commit_output(const char *bytes)
{
    gy_id id;
    gy_text lock = {0};
    gy_id_of_bytes(&id, bytes, strlen(bytes));
    gy_text_add(&lock,
                "format: 2\nstages:\n  \"train\":\n    cmd: \"train\"\n    outs:\n"
                "    - path: \"model\"\n      id: \"%s\"\n      bytes: %zu\n      stored: \"%s\"\n",
                gy_id_text(&id).text, strlen(bytes), gy_id_text(&id).text);
    write_file("sub/gyre.lock", lock.bytes, lock.length);
    gy_text_release(&lock);
    CHECK(system("git add sub/gyre.lock && git -c user.name=a -c user.email=b commit -qm lock "
                 "--allow-empty") == 0);
}

static gy_status ask_outputs(gy_error *err)
{
    gy_store *store;
    gy_arena arena = GY_ARENA_INIT;
    gy_dataset *named = NULL;
    gy_version_info *versions = NULL;
    gy_pointer before = {0};
    const char *const path = "sub/model";
    size_t count = 0;
    GY_TRY(gy_store_open(&store, folder, err));
    gy_status status = gy_store_contents(&named, &count, store, &path, 1, &arena, err);
    if (status == GY_OK) {
        CHECK(count == 1 && named->is_output && strcmp(named->lock, "sub/gyre.lock") == 0);
        status = gy_store_version(&before, store, named, "HEAD~2", &arena, err);
    }
    gy_id one, two;
    gy_id_of_bytes(&one, "one", 3);
    gy_id_of_bytes(&two, "two", 3);
    if (status == GY_OK) {
        CHECK(gy_id_compare(&before.root, &one) == 0);
        CHECK(gy_id_compare(&named->pointer.root, &two) == 0);
        status = gy_store_history(&versions, &count, store, &path, 1, 0, &arena, err);
    }
    if (status == GY_OK) // the commit between left it as it was
        CHECK(count == 2 && versions[0].is_output && versions[1].is_output &&
              gy_id_compare(&versions[0].pointer.root, &two) == 0 &&
              gy_id_compare(&versions[1].pointer.root, &one) == 0);
    gy_store_close(store);
    gy_arena_release(&arena);
    return status;
}

static void test_an_output_has_its_versions(void)
{
    gy_error err = {0};
    size_t failures = 0;
    CHECK(gy_io_make_folder("sub") == 0 && system("git init -q .") == 0);
    commit_output("one");
    commit_output("one");
    commit_output("two");
    gy_status status = ask_outputs(&err);
    CHECK(status == GY_OK);
    bool is_reached = true;
    for (size_t i = 1; is_reached; i++) {
        char fault[32];
        snprintf(fault, sizeof(fault), "memory:%zu", i);
        gy_fault_set(fault);
        status = ask_outputs(&err);
        is_reached = i <= gy_fault_memory_count();
        gy_fault_set(NULL);
        if (status != GY_OK && status != GY_NO_MEMORY)
            printf("# %s: %s\n", fault, err.message);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
        failures += status != GY_OK;
    }
    CHECK(failures > 20);
}

int main(void)
{
    bool fresh = false;
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return 1;
    CHECK(gy_store_init(&fresh, ".", NULL) == GY_OK && fresh);
    RUN(test_every_version_of_a_table_reads_back);
    RUN(test_a_folder_lists_and_reads_back);
    RUN(test_every_allocation_of_an_add_may_fail);
    RUN(test_one_change_is_one_change);
    RUN(test_a_path_is_ignored_once);
    RUN(test_an_output_has_its_versions);
    if (chdir("/") != 0 || gy_folder_remove_all(-1, folder, NULL) != GY_OK)
        return 1;
    return check_done();
}
