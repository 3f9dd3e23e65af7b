// SPDX-License-Identifier: Apache-2.0
//
// A ledger of any bytes: read, searched and verified, or refused.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gyre/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static char folder[] = "/tmp/gyre-fuzz-ledger-XXXXXX";
static char path[128];

static void remove_folder(void)
{
    char hidden[64];
    snprintf(hidden, sizeof(hidden), "%s/.gyre", folder);
    unlink(path);
    rmdir(hidden);
    rmdir(folder);
}

static void make_folder(void)
{
    char hidden[64];
    if (mkdtemp(folder) == NULL)
        abort();
    snprintf(hidden, sizeof(hidden), "%s/.gyre", folder);
    snprintf(path, sizeof(path), "%s/ledger.db", hidden);
    if (mkdir(hidden, 0700) != 0)
        abort();
    atexit(remove_folder);
}

static gy_status look(void *context, const gy_record *record, gy_error *err)
{
    (void)err;
    for (const char *at = record->body; *at != '\0'; at++)
        *(size_t *)context += (unsigned char)*at;
    for (size_t i = 0; i < record->id_count; i++)
        *(size_t *)context += record->ids[i].bytes[31];
    return GY_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    if (path[0] == '\0')
        make_folder();
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || write(file, bytes, size_bytes) != (ssize_t)size_bytes)
        abort();
    close(file);

    gy_ledger *ledger = NULL;
    gy_error err;
    size_t sum = 0;
    gy_id id;
    if (gy_ledger_open(&ledger, folder, &err) == GY_OK) {
        (void)!gy_ledger_find(ledger, &(gy_ledger_query){0}, look, &sum, &err);
        (void)!gy_ledger_resolve(&id, ledger, "0000", &err);
        (void)!gy_ledger_verify(ledger, &err);
        gy_record record = {.kind = "label", .body = "{}"};
        (void)!gy_ledger_append(ledger, &record, 1, &err);
        gy_ledger_close(ledger);
    }
    return 0;
}
