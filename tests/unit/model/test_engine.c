// SPDX-License-Identifier: Apache-2.0
//
// Goal: a compiled program whose description is of another version, or of none, is told, not run.
// Method: programs of a few lines, built here, that describe themselves with each number.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "gyre/model.h"
#include "rt/abi.h"

static char folder[] = "/tmp/gyre-engine-XXXXXX";

// Build a program that exports a description of this version and size.
static void build(char path[64], unsigned version, const char *size_bytes)
{
    char command[500];
    snprintf(path, 64, "%s/model-%u.so", folder, version);
    snprintf(command, sizeof(command),
             "printf '#include \"rt/abi.h\"\\nstatic const gy_abi_model it = {.version = %u, "
             ".size_bytes = %s};\\nconst gy_abi_model *gyre_model(void);\\n"
             "const gy_abi_model *gyre_model(void) { return &it; }\\n' >%s/it.c && "
             "cc -shared -fPIC -Isrc -o %s %s/it.c",
             version, size_bytes, folder, path, folder);
    CHECK(system(command) == 0);
}

static void test_another_version_is_told(void)
{
    static const struct {
        unsigned version;
        const char *size_bytes, *says;
    } cases[] = {{0, "sizeof(gy_abi_model)", "version 0"},
                 {GY_ABI_VERSION + 1, "sizeof(gy_abi_model)", "version 2"},
                 {GY_ABI_VERSION, "8", "compile the model again"}};
    for (size_t i = 0; i < 3; i++) {
        char path[64];
        gy_engine *engine;
        gy_error err = {0};
        build(path, cases[i].version, cases[i].size_bytes);
        CHECK(gy_engine_open(&engine, path, &err) == GY_FORMAT);
        CHECK(strstr(err.message, cases[i].says) != NULL);
        unlink(path);
    }
}

static void test_a_library_that_is_no_model_is_told(void)
{
    char path[64];
    gy_engine *engine;
    gy_error err = {0};
    snprintf(path, sizeof(path), "%s/none.so", folder);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs("no library", file) >= 0 && fclose(file) == 0);
    CHECK(gy_engine_open(&engine, path, &err) == GY_FORMAT && err.message[0] != '\0');
    unlink(path);
}

int main(void)
{
    char source[64];
    CHECK(mkdtemp(folder) != NULL);
    RUN(test_another_version_is_told);
    RUN(test_a_library_that_is_no_model_is_told);
    snprintf(source, sizeof(source), "%s/it.c", folder);
    unlink(source);
    rmdir(folder);
    return check_done();
}
