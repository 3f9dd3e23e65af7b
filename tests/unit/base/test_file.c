// SPDX-License-Identifier: Apache-2.0
//
// Goal: a file holds its old bytes or its new ones, whatever fails; locks are the kernel's. Method:
// every n-th I/O call failing, a full disk, and kill -9 at each call in a child; locks between
// processes, and of one that was killed.

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "check.h"

static char folder[] = "/tmp/gyre-file-XXXXXX";
static const char old_bytes[] = "old", new_bytes[] = "the new bytes";

static gy_text path_text;
static const char *in_folder(const char *name)
{
    path_text.length = 0;
    gy_text_add(&path_text, "%s/%s", folder, name);
    return path_text.bytes;
}

static bool file_holds(const char *path, const char *wanted)
{
    gy_arena arena = GY_ARENA_INIT;
    char *bytes = NULL;
    size_t size_bytes = 0;
    gy_status status = gy_file_read(&bytes, &size_bytes, path, 1000, &arena, NULL);
    bool same = status == GY_OK && size_bytes == strlen(wanted) && strcmp(bytes, wanted) == 0;
    gy_arena_release(&arena);
    return same;
}

static void test_every_io_call_may_fail(void)
{
    static const char *const forms[][2] = {{"io", ""}, {"nospace", ""}, {"io", "+"}};
    for (size_t form = 0; form < 3; form++) {
        gy_status status = GY_IO;
        size_t calls = 0;
        while (status == GY_IO && calls < 50) {
            const char *path = in_folder("replaced");
            CHECK(gy_file_replace(path, old_bytes, strlen(old_bytes), NULL) == GY_OK);
            char fault[32];
            gy_error err = {0};
            snprintf(fault, sizeof(fault), "%s:%zu%s", forms[form][0], ++calls, forms[form][1]);
            gy_fault_set(fault);
            status = gy_file_replace(path, new_bytes, strlen(new_bytes), &err);
            gy_fault_set(NULL);
            if (status == GY_OK)
                CHECK(file_holds(path, new_bytes));
            else
                CHECK(status == GY_IO && err.message[0] != '\0' &&
                      (file_holds(path, old_bytes) || file_holds(path, new_bytes)));
            CHECK(!gy_file_exists(in_folder(".replaced.gyre-draft")));
        }
        CHECK(status == GY_OK && calls > 4);
    }
}

static void test_a_killed_writer_leaves_old_or_new_bytes(void)
{
    bool killed = true;
    size_t calls = 0;
    while (killed && calls < 50) {
        const char *path = in_folder("replaced");
        CHECK(gy_file_replace(path, old_bytes, strlen(old_bytes), NULL) == GY_OK);
        char fault[32];
        snprintf(fault, sizeof(fault), "kill:%zu", ++calls);
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            gy_fault_set(fault);
            _exit(gy_file_replace(path, new_bytes, strlen(new_bytes), NULL) != GY_OK);
        }
        int how = 0;
        CHECK(waitpid(child, &how, 0) == child);
        killed = WIFSIGNALED(how);
        CHECK(killed ? WTERMSIG(how) == SIGKILL : WEXITSTATUS(how) == 0);
        CHECK(file_holds(path, killed ? old_bytes : new_bytes) || file_holds(path, new_bytes));
        // Nothing is to be repaired by hand: the next call goes through and clears up.
        CHECK(gy_file_replace(path, "next", 4, NULL) == GY_OK && file_holds(path, "next"));
        CHECK(!gy_file_exists(in_folder(".replaced.gyre-draft")));
    }
    CHECK(!killed && calls > 4);
}

static void test_writers_of_one_path_wait_for_each_other(void)
{
    enum { WRITERS = 4, ROUNDS = 50 };
    pid_t children[WRITERS];
    const char *path = in_folder("shared");
    fflush(stdout);
    for (size_t i = 0; i < WRITERS; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            char bytes[5000];
            memset(bytes, (int)('a' + i), sizeof(bytes));
            for (int round = 0; round < ROUNDS; round++)
                if (gy_file_replace(path, bytes, sizeof(bytes), NULL) != GY_OK)
                    _exit(1);
            _exit(0);
        }
    }
    for (size_t i = 0; i < WRITERS; i++) {
        int how = 1;
        CHECK(waitpid(children[i], &how, 0) == children[i] && how == 0);
    }
    gy_arena arena = GY_ARENA_INIT;
    char *bytes = NULL;
    size_t size_bytes = 0;
    CHECK(gy_file_read(&bytes, &size_bytes, path, 5000, &arena, NULL) == GY_OK);
    CHECK(size_bytes == 5000 && strspn(bytes, (char[]){bytes[0], '\0'}) == 5000);
    gy_arena_release(&arena);
}

static void test_permissions_and_links_stay(void)
{
    struct stat found;
    const char *path = in_folder("private");
    CHECK(gy_file_create(path, "a", 1, 0600, NULL) == GY_OK);
    CHECK(gy_file_replace(path, "b", 1, NULL) == GY_OK);
    CHECK(stat(path, &found) == 0 && (found.st_mode & 0777) == 0600);
    CHECK(symlink("private", in_folder("link")) == 0);
    CHECK(gy_file_replace(in_folder("link"), "c", 1, NULL) == GY_OK);
    CHECK(lstat(in_folder("link"), &found) == 0 && S_ISLNK(found.st_mode));
    CHECK(file_holds(in_folder("private"), "c"));
    gy_error err = {0};
    CHECK(gy_file_create(in_folder("private"), "d", 1, 0600, &err) == GY_REFUSED);
    CHECK(file_holds(in_folder("private"), "c"));
    CHECK(gy_file_replace(folder, "d", 1, &err) == GY_IO);
    CHECK(strstr(err.message, "it is a folder") != NULL);
    CHECK(gy_file_replace(in_folder("none/x"), "d", 1, &err) == GY_IO);
}

static void test_reading_says_what_is_wrong(void)
{
    gy_arena arena = GY_ARENA_INIT, none = {.limit_bytes = SIZE_MAX, .takes_left = 0};
    gy_error err = {0};
    char *bytes;
    size_t size_bytes;
    gy_file_map map;
    CHECK(gy_file_replace(in_folder("ten"), "0123456789", 10, NULL) == GY_OK);
    CHECK(gy_file_replace(in_folder("empty"), "", 0, NULL) == GY_OK);
    CHECK(gy_file_read(&bytes, &size_bytes, in_folder("ten"), 9, &arena, &err) == GY_LIMIT);
    CHECK(strstr(err.message, "has 10 bytes, over the limit of 9") != NULL);
    CHECK(gy_file_read(&bytes, &size_bytes, in_folder("ten"), 10, &none, &err) == GY_NO_MEMORY);
    CHECK(gy_file_read(&bytes, &size_bytes, in_folder("none"), 10, &arena, &err) == GY_NOT_FOUND);
    CHECK(gy_file_read(&bytes, &size_bytes, folder, 10, &arena, &err) == GY_IO);
    CHECK(gy_file_read(&bytes, &size_bytes, in_folder("empty"), 0, &arena, NULL) == GY_OK);
    CHECK(size_bytes == 0 && bytes[0] == '\0');
    CHECK(gy_file_map_open(&map, in_folder("empty"), NULL) == GY_OK && map.size_bytes == 0);
    gy_file_map_close(&map);
    CHECK(gy_file_map_open(&map, in_folder("ten"), NULL) == GY_OK && map.size_bytes == 10);
    CHECK(memcmp(map.bytes, "0123456789", 10) == 0);
    gy_file_map_close(&map);
    for (size_t calls = 1; calls <= 2; calls++) {
        char fault[32];
        snprintf(fault, sizeof(fault), "io:%zu", calls);
        gy_fault_set(fault);
        CHECK(gy_file_read(&bytes, &size_bytes, in_folder("ten"), 10, &arena, &err) == GY_IO);
        gy_fault_set(fault);
        CHECK(gy_file_map_open(&map, in_folder("ten"), &err) == GY_IO);
        gy_fault_set(NULL);
    }
    gy_arena_release(&arena);
}

static void test_locks_are_the_kernels(void)
{
    int lock, second;
    gy_error err = {0};
    const char *path = in_folder("lock");
    CHECK(gy_file_lock(&lock, path, false, 0, NULL) == GY_OK);
    CHECK(gy_file_lock(&second, path, false, 20, &err) == GY_REFUSED && second == -1);
    char holder[64];
    snprintf(holder, sizeof(holder), "process %ld has held", (long)getpid());
    CHECK(strstr(err.message, holder) != NULL || strstr(err.message, "another process") != NULL);
    gy_file_unlock(lock);
    CHECK(gy_file_lock(&lock, path, true, 0, NULL) == GY_OK);
    CHECK(gy_file_lock(&second, path, true, 0, NULL) == GY_OK); // readers share
    gy_file_unlock(second);
    gy_file_unlock(lock);

    int ready[2];
    char byte;
    CHECK(pipe(ready) == 0);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (gy_file_lock(&lock, path, false, 0, NULL) != GY_OK || write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
    }
    CHECK(read(ready[0], &byte, 1) == 1);
    CHECK(gy_file_lock(&second, path, true, 0, &err) == GY_REFUSED);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    CHECK(gy_file_lock(&lock, path, false, 0, NULL) == GY_OK); // the dead hold none
    gy_file_unlock(lock);
    gy_file_unlock(-1);
    close(ready[0]);
    close(ready[1]);
    gy_fault_set("io:1");
    CHECK(gy_file_lock(&lock, path, false, 0, &err) == GY_IO && lock == -1);
    gy_fault_set(NULL);
}

static void test_folders(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_error err = {0};
    char *found;
    CHECK(gy_file_make_folders(in_folder("a/b/c"), NULL) == GY_OK);
    CHECK(gy_file_make_folders(in_folder("a/b/c/"), NULL) == GY_OK);
    CHECK(gy_file_exists(in_folder("a/b/c")));
    char *below = gy_arena_copy(&arena, in_folder("a/b"), strlen(in_folder("a/b")));
    CHECK(gy_file_find_upward(&found, in_folder("a/b/c"), "c", &arena, NULL) == GY_OK);
    CHECK(strcmp(found, below) == 0);
    CHECK(gy_file_find_upward(&found, below, "no such name", &arena, &err) == GY_NOT_FOUND);
    CHECK(gy_file_find_upward(&found, in_folder("none"), "c", &arena, &err) == GY_NOT_FOUND);
    CHECK(gy_file_find_upward(&found, below, "tmp", &arena, NULL) == GY_OK);
    CHECK(strcmp(found, "/") == 0);
    gy_text longer = {0};
    gy_text_add(&longer, "%5000d", 1);
    CHECK(gy_file_make_folders(longer.bytes, &err) == GY_LIMIT);
    CHECK(gy_file_replace(longer.bytes, "", 0, &err) == GY_LIMIT);
    CHECK(gy_file_sync_folder(longer.bytes, &err) == GY_OK); // it stands in "."
    gy_text_release(&longer);
    gy_arena_release(&arena);
}

static void test_the_id_of_a_file(void)
{
    gy_id id;
    gy_error err = {0};
    CHECK(gy_file_replace(in_folder("abc"), "abc", 3, NULL) == GY_OK);
    CHECK(gy_id_of_file(&id, in_folder("abc"), NULL) == GY_OK);
    CHECK(strcmp(gy_id_text(&id).text,
                 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") == 0);
    CHECK(gy_id_of_file(&id, in_folder("none"), &err) == GY_NOT_FOUND);
    gy_fault_set("io:2");
    CHECK(gy_id_of_file(&id, in_folder("abc"), &err) == GY_IO);
    gy_fault_set(NULL);
}

static void test_nothing_else_was_written(void)
{
    static const char *const made[] = {"replaced", "shared", "private", "link",
                                       "ten",      "empty",  "lock",    "abc"};
    static const char *const folders[] = {"a/b/c", "a/b", "a"};
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
        CHECK(unlink(in_folder(made[i])) == 0);
    for (size_t i = 0; i < 3; i++)
        CHECK(rmdir(in_folder(folders[i])) == 0);
    CHECK(rmdir(folder) == 0);
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    RUN(test_every_io_call_may_fail);
    RUN(test_a_killed_writer_leaves_old_or_new_bytes);
    RUN(test_writers_of_one_path_wait_for_each_other);
    RUN(test_permissions_and_links_stay);
    RUN(test_reading_says_what_is_wrong);
    RUN(test_locks_are_the_kernels);
    RUN(test_folders);
    RUN(test_the_id_of_a_file);
    RUN(test_nothing_else_was_written);
    gy_text_release(&path_text);
    return check_done();
}
