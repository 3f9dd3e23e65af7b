// SPDX-License-Identifier: Apache-2.0
//
// Goal: a bundle is believed only whole, signed by the trusted key, and neither too old nor
// expired. Method: every bit of index, manifest, signature and every file flipped; counters and
// dates on both sides of their bounds; every allocation and I/O call failing; the bundle of
// version 1.

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/folder.h"
#include "check.h"
#include "model/bundle.h"

static char folder[64], bundle[96], key[96], other[96], public[96], paths[3][96];
enum { NOW = 1800000000 };

static void put(const char *path, const char *text)
{
    CHECK(gy_file_replace(path, text, strlen(text), NULL) == GY_OK);
}

static gy_status write_bundle(gy_bundle_facts *facts, const char *signer, gy_arena *arena,
                              gy_error *err)
{
    gy_bundle_file files[] = {{.path = paths[0], .name = "model.onnx", .role = "model"},
                              {.path = paths[1], .name = "m4/model.c", .role = "code"},
                              {.path = paths[2], .name = "metrics.json", .role = "metrics"}};
    return gy_bundle_write(bundle, facts, files, 3, signer, arena, err);
}

static gy_status open_bundle(uint64_t counter_min, int64_t now_s)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_bundle opened;
    gy_error err = {0};
    gy_status status = gy_bundle_open(&opened, bundle, public, counter_min, now_s, &arena, &err);
    CHECK(status == GY_OK || err.message[0] != '\0');
    gy_arena_release(&arena);
    return status;
}

static void remove_bundle(void)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(gy_folder_remove_all(file, "bundle", NULL) == GY_OK);
    close(file);
}

static void write_fresh(uint64_t counter, int64_t expires_s)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_bundle_facts facts = {.counter = counter, .expires_s = expires_s, .data = "d1", .run = "r1"};
    remove_bundle();
    CHECK(write_bundle(&facts, key, &arena, NULL) == GY_OK);
    gy_arena_release(&arena);
}

static void test_what_is_written_is_read_back(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_bundle opened;
    write_fresh(7, NOW);
    CHECK(gy_bundle_open(&opened, bundle, public, 7, NOW, &arena, NULL) == GY_OK);
    CHECK(opened.facts.counter == 7 && opened.facts.expires_s == NOW && opened.file_count == 3);
    CHECK(strcmp(opened.facts.data, "d1") == 0 && opened.facts.commit == NULL);
    CHECK(strcmp(opened.files[1].name, "m4/model.c") == 0);
    CHECK(gy_id_compare(&opened.facts.model, &opened.files[0].id) == 0);
    gy_id of_file;
    CHECK(gy_id_of_file(&of_file, paths[0], NULL) == GY_OK);
    CHECK(gy_id_compare(&of_file, &opened.facts.model) == 0);
    gy_arena_release(&arena);
}

// Flip every bit of a file and look at the bundle each time.
static size_t flip_all(const char *path)
{
    gy_arena arena = GY_ARENA_INIT;
    char *bytes;
    size_t size, believed = 0;
    CHECK(gy_file_read(&bytes, &size, path, 1 << 20, &arena, NULL) == GY_OK);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    CHECK(file >= 0 && size > 0);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        char flipped = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        CHECK(pwrite(file, &flipped, 1, (off_t)(bit / 8)) == 1);
        believed += open_bundle(0, NOW) == GY_OK;
        CHECK(pwrite(file, &bytes[bit / 8], 1, (off_t)(bit / 8)) == 1);
    }
    close(file);
    gy_arena_release(&arena);
    return believed;
}

static void test_every_flipped_bit_is_refused(void)
{
    char path[400];
    size_t files = 0;
    write_fresh(1, 0);
    (void)snprintf(path, sizeof(path), "%s/index.json", bundle);
    CHECK(flip_all(path) == 0);
    (void)snprintf(path, sizeof(path), "%s/oci-layout", bundle);
    CHECK(flip_all(path) == 0);
    char blobs[128];
    (void)snprintf(blobs, sizeof(blobs), "%s/blobs/sha256", bundle);
    DIR *list = opendir(blobs);
    CHECK(list != NULL);
    for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", blobs, entry->d_name);
        CHECK(flip_all(path) == 0);
        files++;
    }
    (void)closedir(list);
    CHECK(files == 3 + 4); // config, empty, manifest, signature
    CHECK(open_bundle(0, NOW) == GY_OK);
}

static void test_another_key_an_old_counter_and_a_past_date_are_refused(void)
{
    gy_arena arena = GY_ARENA_INIT;
    write_fresh(5, NOW);
    CHECK(open_bundle(5, NOW) == GY_OK && open_bundle(4, NOW) == GY_OK);
    CHECK(open_bundle(6, NOW) == GY_REFUSED);
    CHECK(open_bundle(5, NOW + 1) == GY_REFUSED);
    CHECK(open_bundle(5, 0) == GY_OK); // whoever has no clock goes by the counter
    remove_bundle();
    gy_bundle_facts facts = {.counter = 5};
    CHECK(write_bundle(&facts, other, &arena, NULL) == GY_OK);
    CHECK(open_bundle(0, NOW) == GY_REFUSED);
    gy_arena_release(&arena);
}

static void test_the_counter_only_grows(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_bundle_facts facts = {0};
    remove_bundle();
    CHECK(write_bundle(&facts, key, &arena, NULL) == GY_OK && facts.counter == 1);
    facts = (gy_bundle_facts){0};
    CHECK(write_bundle(&facts, key, &arena, NULL) == GY_OK && facts.counter == 2);
    facts = (gy_bundle_facts){.counter = 2};
    CHECK(write_bundle(&facts, key, &arena, NULL) == GY_REFUSED);
    CHECK(open_bundle(2, NOW) == GY_OK);
    // Nothing of the first one is left: 3 files, config, empty, manifest, signature.
    char blobs[128];
    gy_folder_name *names;
    size_t count;
    (void)snprintf(blobs, sizeof(blobs), "%s/blobs/sha256", bundle);
    int file = open(blobs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(gy_folder_list(&names, &count, file, blobs, &arena, NULL) == GY_OK && count == 7);
    close(file);
    gy_arena_release(&arena);
}

static void test_a_folder_of_other_things_is_left_alone(void)
{
    gy_arena arena = GY_ARENA_INIT;
    char path[128];
    gy_bundle_facts facts = {0};
    remove_bundle();
    CHECK(gy_io_make_folder(bundle) == 0);
    (void)snprintf(path, sizeof(path), "%s/thesis.txt", bundle);
    put(path, "years of work");
    CHECK(write_bundle(&facts, key, &arena, NULL) == GY_REFUSED);
    CHECK(gy_file_exists(path));
    gy_arena_release(&arena);
}

static void fail_at(const char *kind, bool is_there)
{
    gy_status status = GY_IO;
    size_t n = 1;
    for (; status != GY_OK && n < 500; n++) {
        gy_arena *arena = gy_arena_new(0);
        gy_bundle_facts facts = {0};
        gy_error err = {0};
        char fault[32];
        if (is_there)
            write_fresh(3, 0);
        else
            remove_bundle();
        (void)snprintf(fault, sizeof(fault), "%s:%zu", kind, n);
        gy_fault_set(fault);
        status = write_bundle(&facts, key, arena, &err);
        gy_fault_set(NULL);
        CHECK(status == GY_OK || err.message[0] != '\0');
        // The old one or the new one, or nothing where nothing was.
        if (is_there || status == GY_OK)
            CHECK(open_bundle(3 * is_there, NOW) == GY_OK);
        // And it can be written again with no manual step.
        facts = (gy_bundle_facts){0};
        CHECK(write_bundle(&facts, key, arena, NULL) == GY_OK && open_bundle(0, NOW) == GY_OK);
        gy_arena_free(arena);
    }
    CHECK(status == GY_OK && n > 3);
}

static void test_every_allocation_and_every_call_may_fail(void)
{
    fail_at("memory", false);
    fail_at("memory", true);
    fail_at("io", false);
    fail_at("io", true);
}

static void test_times_are_read_and_written(void)
{
    static const struct {
        const char *text;
        int64_t time_s;
    } times[] = {{"1970-01-01T00:00:00Z", 0},
                 {"2000-02-29T23:59:59Z", 951868799},
                 {"2038-01-19T03:14:08Z", 2147483648},
                 {"9999-12-31T23:59:59Z", 253402300799}};
    int64_t time_s;
    for (size_t i = 0; i < 4; i++) {
        CHECK(gy_bundle_time_read(&time_s, times[i].text, NULL) == GY_OK);
        CHECK(time_s == times[i].time_s);
        CHECK(strcmp(gy_bundle_time_text(time_s).text, times[i].text) == 0);
    }
    CHECK(gy_bundle_time_read(&time_s, "2000-02-29", NULL) == GY_OK && time_s == 951782400);
    static const char *const bad[] = {"",
                                      "2001-02-29",
                                      "2001-13-01",
                                      "2001-1-1",
                                      "2001-01-01T00:00",
                                      "2001-01-01T25:00:00Z",
                                      "2001-01-01T00:00:00Zx",
                                      "tomorrow"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(gy_bundle_time_read(&time_s, bad[i], NULL) == GY_INVALID);
}

static void test_the_bundle_of_version_1_still_opens(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_bundle opened;
    gy_error err = {0};
    CHECK(gy_bundle_open(&opened, "tests/data/formats/bundle-1", "tests/data/formats/bundle-1.pub",
                         3, NOW, &arena, &err) == GY_OK);
    CHECK(opened.facts.counter == 3 && opened.file_count == 2);
    gy_arena_release(&arena);
}

int main(void)
{
    (void)snprintf(folder, sizeof(folder), "/tmp/gyre-bundle-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    (void)snprintf(bundle, sizeof(bundle), "%s/bundle", folder);
    (void)snprintf(key, sizeof(key), "%s/key", folder);
    (void)snprintf(public, sizeof(public), "%s/key.pub", folder);
    (void)snprintf(other, sizeof(other), "%s/other", folder);
    CHECK(gy_bundle_new_key(key, NULL) == GY_OK && gy_bundle_new_key(other, NULL) == GY_OK);
    CHECK(gy_bundle_new_key(key, NULL) == GY_REFUSED);
    for (size_t i = 0; i < 3; i++) {
        static const char *const texts[] = {"weights", "int model;", "{\"accuracy\":1}"};
        (void)snprintf(paths[i], sizeof(paths[i]), "%s/file%zu", folder, i);
        put(paths[i], texts[i]);
    }
    RUN(test_what_is_written_is_read_back);
    RUN(test_every_flipped_bit_is_refused);
    RUN(test_another_key_an_old_counter_and_a_past_date_are_refused);
    RUN(test_the_counter_only_grows);
    RUN(test_a_folder_of_other_things_is_left_alone);
    RUN(test_every_allocation_and_every_call_may_fail);
    RUN(test_times_are_read_and_written);
    RUN(test_the_bundle_of_version_1_still_opens);
    int root = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(gy_folder_remove_all(root, strrchr(folder, '/') + 1, NULL) == GY_OK);
    close(root);
    return check_done();
}
