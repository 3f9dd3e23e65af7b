// SPDX-License-Identifier: Apache-2.0
//
// Goal: features, labels and rows of a table are what the header says. Method: tables small enough
// to compute by hand; images whose mean survives averaging; every allocation fails.

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/file.h"
#include "check.h"
#include "gyre/table.h"

static char folder[] = "/tmp/gyre-samples-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    CHECK(gy_file_replace(path_of(name), text, strlen(text), NULL) == GY_OK);
}

static gy_status samples_of(gy_samples *samples, const char *name, gy_arena *arena, gy_error *err)
{
    gy_table table;
    gy_marks marks;
    const gy_table_options options = {.tolerant = true};
    GY_TRY(gy_table_read(&table, path_of(name), &options, arena, err));
    GY_TRY(gy_table_marks(&marks, &table, &options, arena, err));
    return gy_samples_read(samples, &table, &marks, arena, err);
}

static void test_columns_are_standardised_and_one_hot(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_samples samples;
    gy_error err = {0};
    write_file("a.csv", "x,word,same,y,flag,label\n"
                        "1,red,5,1.5,true,10\n3,blue,5,,false,9\nbad line\n5,red,5,2.5,true,\n");
    CHECK(samples_of(&samples, "a.csv", &arena, &err) == GY_OK);
    CHECK(samples.rows == 3 && samples.cols == 1 + 2 + 2 + 1);
    // x: mean 3, deviation sqrt(8/3). red, blue as met. y: mean 2, deviation .5. flag: mean 2/3.
    const float want[3][6] = {{-1.2247449f, 1, 0, -1, 0, 0.70710677f},
                              {0, 0, 1, 0, 1, -1.4142135f},
                              {1.2247449f, 1, 0, 1, 0, 0.70710677f}};
    for (size_t i = 0; i < 18 && err.status == GY_OK; i++)
        CHECK_NEAR((double)samples.features[i], (double)want[i / 6][i % 6], 1e-6);
    CHECK(samples.class_count == 2 && strcmp(samples.classes[0], "9") == 0);
    CHECK(samples.labels[0] == 1 && samples.labels[1] == 0 && samples.labels[2] == -1);
    CHECK(samples.row_of[2] == 3 && strstr(samples.note, "1 of 4 rows cannot be read") != NULL);
    gy_arena_release(&arena);
}

static void test_what_says_nothing_is_left_out(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_samples samples;
    gy_text csv = {0};
    gy_text_add(&csv, "id,name,v,gyre_w,label\n");
    for (int i = 0; i < 50; i++)
        gy_text_add(&csv, "%d,name %d,%d,1,%s\n", 1000 + i, i, i % 7, i % 2 == 0 ? "b" : "a");
    write_file("b.csv", csv.bytes);
    gy_text_release(&csv);
    CHECK(samples_of(&samples, "b.csv", &arena, NULL) == GY_OK);
    CHECK(samples.rows == 50 && samples.cols == 1);
    CHECK(strstr(samples.note, "'id' numbers the rows") != NULL);
    CHECK(strstr(samples.note, "'name' holds text of over 32 values") != NULL);
    CHECK(strcmp(samples.classes[0], "a") == 0 && samples.labels[0] == 1);
    write_file("c.csv", "label\nx\n");
    gy_error err = {0};
    CHECK(samples_of(&samples, "c.csv", &arena, &err) == GY_INVALID);
    gy_arena_release(&arena);
}

static void write_png(const char *name, uint32_t width, uint32_t height, uint32_t channels,
                      uint8_t value)
{
    uint8_t pixels[64 * 64 * 3];
    memset(pixels, value, sizeof(pixels));
    const gy_image image = {pixels, width, height, channels};
    gy_text png = {0};
    CHECK(gy_image_encode_png(&png, &image, NULL) == GY_OK);
    CHECK(gy_file_replace(path_of(name), png.bytes, png.length, NULL) == GY_OK);
    gy_text_release(&png);
}

static void test_text_that_features_leave_out_parts_rows(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_samples samples;
    gy_text csv = {0};
    gy_text_add(&csv, "code,title,v,label\n");
    for (int i = 0; i < 50; i++) // titles come twice; a code names its row
        gy_text_add(&csv, "c%d,the title %d,%d,%s\n", i, i / 2, i % 7, i % 2 == 0 ? "b" : "a");
    for (int i = 0; i < 40; i++)
        gy_text_add(&csv, "d%d,only once %d,1,a\n", i, i);
    write_file("d.csv", csv.bytes);
    gy_text_release(&csv);
    CHECK(samples_of(&samples, "d.csv", &arena, NULL) == GY_OK);
    CHECK(samples.cols == 1 && samples.unseen != NULL);
    CHECK(samples.unseen[0] == samples.unseen[1] && samples.unseen[48] == samples.unseen[49]);
    CHECK(samples.unseen[1] != samples.unseen[2] && samples.unseen[50] != samples.unseen[51]);
    CHECK(samples_of(&samples, "a.csv", &arena, NULL) == GY_OK && samples.unseen == NULL);
    gy_arena_release(&arena);
}

static size_t classes_of(const char *format, int spread, size_t *noted)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_samples samples;
    gy_text csv = {0};
    gy_text_add(&csv, "v,label\n");
    for (int i = 0; i < 400; i++) {
        gy_text_add(&csv, "%d,", i % 11);
        gy_text_add(&csv, format, i % spread);
        gy_text_add(&csv, "\n");
    }
    write_file("e.csv", csv.bytes);
    gy_text_release(&csv);
    CHECK(samples_of(&samples, "e.csv", &arena, NULL) == GY_OK);
    size_t count = samples.class_count;
    *noted = strstr(samples.note, "'label' holds a quantity") != NULL;
    CHECK((samples.labels[0] >= 0) == (count > 0));
    gy_arena_release(&arena);
    return count;
}

static void test_a_quantity_makes_no_classes(void)
{
    size_t noted;
    CHECK(classes_of("%d", 100, &noted) == 100 && noted == 0); // numbered from 0 to 99
    CHECK(classes_of("1%d", 100, &noted) == 0 && noted == 1);  // 10 .. 19, 110 .. 199: gaps
    CHECK(classes_of("0.%d1", 10, &noted) == 0 && noted == 1); // fractions
    CHECK(classes_of("0.%d1", 5, &noted) == 5 && noted == 0);  // few of them
    CHECK(classes_of("name %d", 100, &noted) == 100 && noted == 0);
    CHECK(classes_of("name %d", 200, &noted) == 0 && noted == 1); // two rows each
}

static void test_images_come_in_the_commonest_size(void)
{
    gy_arena arena = GY_ARENA_INIT;
    gy_samples samples;
    gy_error err = {0};
    CHECK(mkdir(path_of("images"), 0777) == 0 && mkdir(path_of("images/cat"), 0777) == 0 &&
          mkdir(path_of("images/dog"), 0777) == 0);
    write_png("images/cat/1.png", 8, 4, 1, 51);
    write_png("images/cat/2.png", 8, 4, 1, 102);
    write_png("images/cat/3.png", 8, 4, 3, 153);
    write_png("images/dog/1.png", 20, 33, 1, 204);
    write_file("images/dog/2.png", "no image");
    write_file("images/dog/readme.txt", "not a sample at all");
    CHECK(samples_of(&samples, "images", &arena, &err) == GY_OK);
    CHECK(samples.rows == 4 && samples.width == 8 && samples.height == 4 && samples.channels == 1);
    CHECK(samples.cols == 32 && samples.class_count == 2 && samples.labels[3] == 1);
    for (size_t i = 0; i < samples.rows * samples.cols; i++)
        CHECK_NEAR((double)samples.features[i], 0.2 * (double)(i / 32 + 1), 1e-6);
    CHECK(strstr(samples.note, "1 image left out: not decodable") != NULL);
    CHECK(strstr(samples.note, "1 of 4 images are averaged to 8 x 4") != NULL);
    gy_arena_release(&arena);
}

static void test_tensors_come_as_images(void)
{
    gy_arena arena = GY_ARENA_INIT;
    uint8_t planes[2 * 3 * 2 * 2];
    for (size_t i = 0; i < sizeof(planes); i++)
        planes[i] = (uint8_t)(i * 10);
    float flat[2] = {1.0f, INFINITY};
    const gy_array arrays[] = {
        {.name = "x",
         .dtype = GY_UINT8,
         .rank = 4,
         .shape = {2, 3, 2, 2},
         .count = 24,
         .data = planes},
        {.name = "label", .dtype = GY_FLOAT32, .rank = 1, .shape = {2}, .count = 2, .data = flat}};
    gy_samples samples;
    CHECK(gy_arrays_write(arrays, 2, path_of("x.npz"), NULL) == GY_OK);
    CHECK(samples_of(&samples, "x.npz", &arena, NULL) == GY_OK);
    CHECK(samples.rows == 2 && samples.width == 2 && samples.channels == 3 && samples.cols == 12);
    // Planes become pixels: pixel 1 of sample 1, channel 2.
    CHECK_NEAR((double)samples.features[12 + 3 + 2], (12 + 8 + 1) * 10 / 255.0, 1e-6);
    gy_id id;
    gy_id_of_bytes(&id, planes + 12, 12);
    CHECK(memcmp(&samples.ids[1], &id, sizeof(id)) == 0);
    gy_arena_release(&arena);
}

static void test_every_allocation_may_fail(void)
{
    static const char *const names[] = {"a.csv", "d.csv", "e.csv", "images", "x.npz"};
    for (size_t n = 0; n < 5; n++) {
        gy_status status = GY_NO_MEMORY;
        for (size_t takes = 0; status == GY_NO_MEMORY; takes++) {
            gy_arena arena = GY_ARENA_INIT;
            arena.takes_left = takes;
            gy_samples samples;
            gy_error err = {0};
            status = samples_of(&samples, names[n], &arena, &err);
            CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
            gy_arena_release(&arena);
        }
        CHECK(status == GY_OK);
    }
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    RUN(test_columns_are_standardised_and_one_hot);
    RUN(test_what_says_nothing_is_left_out);
    RUN(test_text_that_features_leave_out_parts_rows);
    RUN(test_a_quantity_makes_no_classes);
    RUN(test_images_come_in_the_commonest_size);
    RUN(test_tensors_come_as_images);
    RUN(test_every_allocation_may_fail);
    char command[64];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command) != 0 || check_done();
}
