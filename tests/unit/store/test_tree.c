// SPDX-License-Identifier: Apache-2.0
//
// Goal: a tree reads back as it was written, and a hostile one cannot name anything outside its
// folder. Method: round trips through the reader; every cut; every byte turned, for what no reader
// may do: crash, or give an unsound or unsorted name.

#include "store/tree.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static void add_file(gy_text *out, const char *name, size_t name_length, uint8_t flags,
                     uint64_t size)
{
    uint8_t id[32] = {7};
    uint8_t head[2] = {(uint8_t)name_length, 0};
    gy_text_append(out, head, 1);
    gy_text_append(out, name, name_length);
    head[0] = flags;
    head[1] = (uint8_t)size;
    gy_text_append(out, head, 2);
    gy_text_append(out, id, sizeof(id));
}

static void start(gy_text *out, uint8_t files, uint8_t folders)
{
    uint8_t counts[2] = {files, folders};
    gy_text_append(out, "gyretree\1\0\0\0", 12);
    gy_text_append(out, counts, 2);
}

// Read all; the number of entries, or -1.
static int read_all(const gy_text *tree, size_t length)
{
    gy_tree_reader reader;
    gy_tree_entry entry, last = {0};
    bool more = true;
    int count = 0;
    uint8_t *copy = malloc(length + 1);
    CHECK(copy != NULL);
    memcpy(copy, tree->bytes, length);
    gy_status status = gy_tree_open(&reader, copy, length, NULL);
    while (status == GY_OK) {
        status = gy_tree_next(&more, &entry, &reader, NULL);
        if (status != GY_OK || !more)
            break;
        CHECK(entry.name_length > 0 && memchr(entry.name, '/', entry.name_length) == NULL);
        CHECK(entry.name_length != 2 || memcmp(entry.name, "..", 2) != 0);
        if (last.name != NULL && last.is_folder == entry.is_folder)
            CHECK(last.name_length != entry.name_length ||
                  memcmp(last.name, entry.name, entry.name_length) < 0);
        last = entry;
        count++;
    }
    free(copy);
    return status == GY_OK ? count : -1;
}

static void test_names_that_leave_their_folder_are_refused(void)
{
    static const struct {
        const char *name;
        size_t length;
        int count;
    } cases[] = {{"a", 1, 1},      {"", 0, -1},   {".", 1, -1},    {"..", 2, -1},
                 {"a/b", 3, -1},   {"/", 1, -1},  {"a\0b", 3, -1}, {".git", 4, -1},
                 {".gyre", 5, -1}, {"...", 3, 1}, {".gitx", 5, 1}, {"\xff\xfe", 2, 1}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gy_text tree = {0};
        start(&tree, 1, 0);
        add_file(&tree, cases[i].name, cases[i].length, 0, 1);
        CHECK(read_all(&tree, tree.length) == cases[i].count);
        gy_text_release(&tree);
    }
}

static void test_entries_out_of_order_are_refused(void)
{
    static const char *const orders[][2] = {{"b", "a"}, {"a", "a"}, {"ab", "a"}};
    for (size_t i = 0; i < 3; i++) {
        gy_text tree = {0};
        start(&tree, 2, 0);
        add_file(&tree, orders[i][0], strlen(orders[i][0]), 0, 1);
        add_file(&tree, orders[i][1], strlen(orders[i][1]), 0, 1);
        CHECK(read_all(&tree, tree.length) == -1);
        gy_text_release(&tree);
    }
}

// A listing of two folders, one in the other.
static void make_listing(gy_listing *listing, gy_arena *arena)
{
    *listing = (gy_listing){.arena = arena, .is_folder = true};
    gy_list_folder root = {.name = "", .file_count = 2, .folder_first = 1, .folder_count = 1};
    gy_list_folder below = {.name = "sub", .file_first = 2, .file_count = 1, .depth = 1};
    CHECK(gy_listing_add_folder(listing, &root, NULL) == GY_OK);
    CHECK(gy_listing_add_folder(listing, &below, NULL) == GY_OK);
    static const char *const names[] = {"a", "b", "c"};
    for (uint32_t i = 0; i < 3; i++) {
        gy_list_file file = {.name = names[i], .folder = i / 2, .has_id = true};
        file.mark.size_bytes = 1000 * i;
        file.executable = i == 1;
        gy_id_of_bytes(&file.id, names[i], 1);
        CHECK(gy_listing_add_file(listing, &file, NULL) == GY_OK);
    }
}

static void test_root_covers_every_file(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_listing listing;
    gy_pointer first, now;
    make_listing(&listing, &arena);
    CHECK(gy_tree_write(&first, &listing, NULL, NULL) == GY_OK);
    CHECK(first.samples == 3 && first.bytes == 3000 && first.is_folder);
    for (int change = 0; change < 4; change++) {
        make_listing(&listing, &arena);
        gy_list_file *file = &listing.files[change == 3 ? 0 : change];
        if (change == 3)
            file->executable = !file->executable;
        else
            file->id.bytes[31] ^= 1;
        CHECK(gy_tree_write(&now, &listing, NULL, NULL) == GY_OK);
        CHECK(gy_id_compare(&now.root, &first.root) != 0);
    }
    CHECK(strcmp(gy_listing_path(&listing, &listing.files[2], &arena), "sub/c") == 0);
    gy_arena_release(&arena);
}

static void test_cuts_and_turned_bits(void)
{
    gy_text tree = {0};
    start(&tree, 3, 0);
    add_file(&tree, "a", 1, 1, 7);
    add_file(&tree, "bb", 2, 0, 0);
    add_file(&tree, "ccc", 3, 0, 100);
    CHECK(read_all(&tree, tree.length) == 3);
    for (size_t length = 0; length < tree.length; length++)
        CHECK(read_all(&tree, length) == -1);
    for (size_t i = 0; i < 8 * tree.length; i++) {
        tree.bytes[i / 8] ^= (char)(1 << i % 8);
        (void)read_all(&tree, tree.length); // its checks, and no crash
        tree.bytes[i / 8] ^= (char)(1 << i % 8);
    }
    gy_text_release(&tree);
}

static void test_another_format_is_told(void)
{
    static const gy_status expected[] = {GY_FORMAT, GY_OK, GY_UNSUPPORTED};
    for (uint8_t format = 0; format < 3; format++) {
        gy_text tree = {0};
        gy_tree_reader reader;
        gy_error err = {0};
        start(&tree, 0, 0);
        tree.bytes[8] = (char)format;
        CHECK(gy_tree_open(&reader, (const uint8_t *)tree.bytes, tree.length, &err) ==
              expected[format]);
        CHECK(format == 1 || strstr(err.message, format == 0 ? "format 0" : "format 2") != NULL);
        gy_text_release(&tree);
    }
}

int main(void)
{
    RUN(test_names_that_leave_their_folder_are_refused);
    RUN(test_entries_out_of_order_are_refused);
    RUN(test_root_covers_every_file);
    RUN(test_cuts_and_turned_bits);
    RUN(test_another_format_is_told);
    return check_done();
}
