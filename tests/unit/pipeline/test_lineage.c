// SPDX-License-Identifier: Apache-2.0
//
// Goal: show and why answer from what is recorded, and say what they do not know. Method: a project
// with a folder and a table that names its files, runs, a training that names its samples, and a
// deed outside of runs; then every allocation failing.

#include "project.h"

#include "base/fault.h"
#include "gyre/store.h"

static test_project garment_project(void)
{
    test_project project = project_new();
    char path[128];
    gy_error err = {0};
    gy_store *store = NULL;
    snprintf(path, sizeof(path), "%s/images", project.folder);
    CHECK(mkdir(path, 0700) == 0);
    write_file(&project, "images/1", "one");
    write_file(&project, "images/2", "two");
    write_file(&project, "labels.csv", "path,label\nimages/1,coat\nimages/2,7\n");
    write_file(&project, "gyre.yaml",
               "stages:\n  train: {cmd: cat labels.csv > model.onnx, deps: [labels.csv, images], "
               "outs: [model.onnx]}\n");
    gy_arena *arena = gy_arena_new(0);
    char images[128], labels[128];
    gy_added added[2];
    snprintf(images, sizeof(images), "%s/images", project.folder);
    snprintf(labels, sizeof(labels), "%s/labels.csv", project.folder);
    const char *const paths[] = {images, labels};
    CHECK(gy_store_open(&store, project.folder, &err) == GY_OK);
    CHECK(gy_store_add(added, store, paths, 2, &(gy_add_options){.no_git = true}, arena, &err) ==
          GY_OK);
    gy_store_close(store);
    gy_arena_free(arena);
    CHECK(err.status == GY_OK);
    CHECK(strcmp(run_all(&project).started, "train ") == 0);
    return project;
}

static gy_id id_of(const char *text)
{
    gy_id id;
    gy_id_of_bytes(&id, text, strlen(text));
    return id;
}

static const char table[] = "path,label\nimages/1,coat\nimages/2,7\n";

static gy_status ask(const test_project *project, gy_error *err)
{
    gy_lineage *lineage = NULL;
    gy_sample_version *versions;
    gy_sample_model *models;
    gy_origin *origin;
    size_t count, model_count;
    gy_id sample = id_of("two"), model = id_of(table), found;
    GY_TRY(gy_lineage_open(&lineage, project->folder, err));
    gy_status status = gy_lineage_versions(&versions, &count, lineage, &sample, err);
    if (status == GY_OK) {
        CHECK(count == 2);
        for (size_t i = 0; i < count; i++) {
            bool is_table = strcmp(versions[i].dataset, "labels.csv") == 0;
            CHECK(is_table ? versions[i].row == 2 && strcmp(versions[i].label, "7") == 0
                           : strcmp(versions[i].path, "2") == 0);
            CHECK(versions[i].is_current && versions[i].commit == NULL);
        }
        status = gy_lineage_models(&models, &model_count, lineage, &sample, err);
    }
    if (status == GY_OK)
        CHECK(model_count == 1 && gy_id_compare(&models[0].model, &model) == 0);
    if (status == GY_OK)
        status = gy_lineage_resolve(&found, NULL, lineage, "3fc4ccfe", err);
    if (status == GY_OK)
        CHECK(gy_id_compare(&found, &sample) == 0);
    if (status == GY_OK)
        status = gy_lineage_origin(&origin, lineage, &model, "model.onnx", err);
    if (status == GY_OK)
        CHECK(strcmp(origin->stage, "train") == 0 && origin->input_count == 2 &&
              origin->inputs[0].is_dataset && origin->inputs[1].is_dataset);
    gy_lineage_close(lineage);
    return status;
}

static void test_a_sample_is_found_in_versions_and_models(void)
{
    test_project project = garment_project();
    gy_error err = {0};
    for (int round = 0; round < 2; round++) // worked out, then from the cache
        if (ask(&project, &err) != GY_OK)
            printf("# %s\n", err.message);
    CHECK(err.status == GY_OK);
    project_free(&project);
}

static void test_a_training_that_names_its_samples_is_exact(void)
{
    test_project project = garment_project();
    gy_ledger *ledger = NULL;
    gy_lineage *lineage = NULL;
    gy_sample_model *models;
    size_t count;
    gy_id trained[] = {id_of(table), id_of("one")}, compressed[] = {id_of("int8"), id_of(table)};
    gy_record records[] = {
        {.kind = "lineage", .ids = trained, .id_count = 2, .body = "{\"what\":\"trained\"}"},
        {.kind = "lineage", .ids = compressed, .id_count = 2, .body = "{\"what\":\"compressed\"}"},
    };
    CHECK(gy_ledger_open(&ledger, project.folder, NULL) == GY_OK);
    CHECK(gy_ledger_append(ledger, records, 2, NULL) == GY_OK);
    gy_ledger_close(ledger);
    CHECK(gy_lineage_open(&lineage, project.folder, NULL) == GY_OK);
    gy_id one = id_of("one"), two = id_of("two"), int8 = id_of("int8");
    CHECK(gy_lineage_models(&models, &count, lineage, &one, NULL) == GY_OK);
    CHECK(count == 1 && models[0].is_exact && !models[0].is_left_out && models[0].run != NULL);
    CHECK(gy_lineage_models(&models, &count, lineage, &two, NULL) == GY_OK);
    CHECK(count == 1 && !models[0].is_exact && models[0].is_left_out);

    gy_origin *origin;
    CHECK(gy_lineage_origin(&origin, lineage, &int8, NULL, NULL) == GY_OK);
    CHECK(origin->how != NULL && strcmp(origin->how, "compressed") == 0);
    CHECK(origin->input_count == 1);
    gy_lineage_close(lineage);
    project_free(&project);
}

static void test_every_allocation_may_fail(void)
{
    test_project project = garment_project();
    size_t n = 1, failed = 0;
    for (bool reached = true; reached; n++) {
        char text[32];
        gy_error err = {0};
        snprintf(text, sizeof(text), "memory:%zu", n);
        gy_fault_set(text);
        gy_status status = ask(&project, &err);
        reached = n <= gy_fault_memory_count();
        gy_fault_set(NULL);
        failed += status != GY_OK;
        if (status != GY_OK && status != GY_NO_MEMORY)
            printf("# %s: %s\n", text, err.message);
        CHECK(status == GY_OK || (status == GY_NO_MEMORY && err.message[0] != '\0'));
    }
    CHECK(failed > 20);
    project_free(&project);
}

int main(void)
{
    setenv("GYRE_FAULT", "", 1);
    RUN(test_a_sample_is_found_in_versions_and_models);
    RUN(test_a_training_that_names_its_samples_is_exact);
    RUN(test_every_allocation_may_fail);
    return check_done();
}
