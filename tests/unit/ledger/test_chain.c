// SPDX-License-Identifier: Apache-2.0
//
// Goal: the chain is the documented one, and notices every change. Method: one link computed from
// docs/formats/ledger.md by other code than the ledger's; then each column of a record changed in
// the database, rows taken out, and erased records, after which the chain must hold.

#include "project.h"

#include <fcntl.h>
#include <unistd.h>

#include "ledger/sqlite.h"

static gy_database *database_of(const test_project *project)
{
    char path[128];
    gy_database *database = NULL;
    snprintf(path, sizeof(path), "%s/.gyre/ledger.db", project->folder);
    CHECK(gy_database_open(&database, path, NULL) == GY_OK);
    return database;
}

static void change(const test_project *project, const char *sql)
{
    gy_database *database = database_of(project);
    gy_error err = {0};
    if (gy_database_run(database, sql, &err) != GY_OK)
        printf("# %s: %s\n", sql, err.message);
    CHECK(err.status == GY_OK);
    gy_database_close(database);
}

static void put_number(gy_text *out, uint64_t number)
{
    for (int i = 0; i < 8; i++)
        gy_text_append(out, (char[]){(char)(number >> 8 * i)}, 1);
}

static void put_text(gy_text *out, const char *text)
{
    put_number(out, text == NULL ? UINT64_MAX : strlen(text));
    gy_text_append(out, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
}

static void copy_bytes(void *bytes, gy_database *database, const char *sql, size_t expected)
{
    gy_statement *statement = NULL;
    bool row = false;
    size_t size_bytes = 0;
    CHECK(gy_statement_new(&statement, database, sql, NULL) == GY_OK);
    CHECK(gy_statement_step(&row, statement, NULL) == GY_OK && row);
    const void *found = gy_statement_bytes(&size_bytes, statement, 0);
    CHECK(size_bytes == expected);
    if (size_bytes == expected)
        memcpy(bytes, found, expected);
    gy_statement_free(statement);
}

static void test_a_link_is_what_the_format_page_says(void)
{
    test_project project = project_new();
    gy_ledger *ledger = open_ledger(&project);
    gy_id id = id_of("a"), digest, expected, link;
    gy_record record = {.kind = "finding",
                        .ids = &id,
                        .id_count = 1,
                        .body = "{\"n\":1}",
                        .run = "r1",
                        .writer = "someone",
                        .time_us = 1700000000000000};
    CHECK(gy_ledger_append(ledger, &record, 1, NULL) == GY_OK);
    gy_ledger_close(ledger);

    uint8_t salt[16], origin[16];
    gy_database *database = database_of(&project);
    copy_bytes(salt, database, "SELECT salt FROM record", sizeof(salt));
    copy_bytes(origin, database, "SELECT origin FROM chain", sizeof(origin));
    copy_bytes(&link, database, "SELECT link FROM record", sizeof(link));
    gy_database_close(database);

    gy_text payload = {0}, all = {0};
    gy_text_append(&payload, salt, sizeof(salt));
    put_number(&payload, 1);
    gy_text_append(&payload, id.bytes, 32);
    gy_text_append(&payload, "{\"n\":1}", 7);
    gy_id_of_bytes(&digest, payload.bytes, payload.length);

    gy_text_append(&all, "gyre link 1\n", 12);
    gy_text_append(&all, (char[32]){0}, 32);
    gy_text_append(&all, origin, sizeof(origin));
    put_number(&all, 1);
    put_number(&all, 1700000000000000);
    gy_text_append(&all, digest.bytes, 32);
    put_text(&all, "someone");
    put_text(&all, "finding");
    put_text(&all, "r1");
    put_text(&all, NULL);
    put_text(&all, NULL);
    gy_id_of_bytes(&expected, all.bytes, all.length);
    CHECK(gy_id_compare(&expected, &link) == 0);
    gy_text_release(&payload);
    gy_text_release(&all);
    project_free(&project);
}

static void test_every_change_breaks_the_chain(void)
{
    static const char *const changes[] = {
        "UPDATE record SET body = '{\"n\":9}' WHERE sequence = 2",
        "UPDATE record SET ids = zeroblob(32) WHERE sequence = 2",
        "UPDATE record SET kind = 'label' WHERE sequence = 2",
        "UPDATE record SET time_us = time_us + 1 WHERE sequence = 2",
        "UPDATE record SET salt = zeroblob(16) WHERE sequence = 2",
        "UPDATE record SET link = zeroblob(32) WHERE sequence = 2",
        "UPDATE record SET run = NULL WHERE sequence = 2",
        "UPDATE word SET text = 'r9'",
        "UPDATE chain SET writer = 'x' WHERE writer = 'w'",
        "UPDATE chain SET origin = zeroblob(16)",
        "UPDATE record SET ids = NULL, body = NULL, salt = NULL, digest = zeroblob(32) "
        "WHERE sequence = 2",
        "DELETE FROM record WHERE sequence = 1",
        "DELETE FROM record WHERE sequence = 2",
        "DELETE FROM chain",
        "UPDATE record SET place = 10 - place",
        "INSERT INTO record SELECT 9, chain, 4, kind, time_us, run, version, git_commit, ids, "
        "body, salt, digest, link FROM record WHERE sequence = 2",
    };
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        test_project project = project_new();
        gy_ledger *ledger = open_ledger(&project);
        gy_id id = id_of("a");
        gy_error err = {0};
        for (int n = 0; n < 3; n++) {
            gy_record record = {.kind = "finding",
                                .ids = &id,
                                .id_count = 1,
                                .body = "{\"n\":1}",
                                .run = "r1",
                                .writer = "w"};
            CHECK(gy_ledger_append(ledger, &record, 1, NULL) == GY_OK);
        }
        CHECK(gy_ledger_verify(ledger, &err) == GY_OK);
        gy_ledger_close(ledger);
        change(&project, changes[i]);
        ledger = open_ledger(&project);
        gy_status status = gy_ledger_verify(ledger, &err);
        if (status != GY_REFUSED)
            printf("# '%s' gives %d\n", changes[i], (int)status);
        CHECK(status == GY_REFUSED && err.message[0] != '\0');
        gy_ledger_close(ledger);
        project_free(&project);
    }
}

static bool file_holds(const test_project *project, const char *name, const char *text)
{
    char path[128];
    static char bytes[1 << 20];
    snprintf(path, sizeof(path), "%s/.gyre/%s", project->folder, name);
    int file = open(path, O_RDONLY);
    ssize_t got = file < 0 ? 0 : read(file, bytes, sizeof(bytes));
    if (file >= 0)
        close(file);
    return got > 0 && memmem(bytes, (size_t)got, text, strlen(text)) != NULL;
}

static void test_an_erased_record_is_gone_and_the_chain_holds(void)
{
    test_project project = project_new();
    gy_ledger *ledger = open_ledger(&project);
    gy_id id = id_of("person");
    uint64_t erased = 0;
    append_one(ledger, "w", "other", "{\"n\":1}");
    append_one(ledger, "w", "person", "{\"secret\":\"canary-7391\"}");
    append_one(ledger, "w", "person", "{\"secret\":\"canary-7391 again\"}");
    append_one(ledger, "w", "other", "{\"n\":4}");
    CHECK(file_holds(&project, "ledger.db", "canary") ||
          file_holds(&project, "ledger.db-wal", "canary"));

    CHECK(gy_ledger_erase(&erased, ledger, &id, NULL) == GY_OK);
    CHECK(erased == 2);
    CHECK(gy_ledger_verify(ledger, NULL) == GY_OK);
    CHECK(!file_holds(&project, "ledger.db", "canary"));
    CHECK(!file_holds(&project, "ledger.db-wal", "canary"));
    found_records by = {0};
    CHECK(gy_ledger_find(ledger, &(gy_ledger_query){.id = &id}, count_records, &by, NULL) == GY_OK);
    CHECK(by.count == 0 && count_all(ledger) == 4);
    append_one(ledger, "w", "other", "{\"n\":5}");
    CHECK(gy_ledger_verify(ledger, NULL) == GY_OK);
    gy_ledger_close(ledger);
    project_free(&project);
}

int main(void)
{
    RUN(test_a_link_is_what_the_format_page_says);
    RUN(test_every_change_breaks_the_chain);
    RUN(test_an_erased_record_is_gone_and_the_chain_holds);
    return check_done();
}
