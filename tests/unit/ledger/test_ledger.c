// SPDX-License-Identifier: Apache-2.0
//
// Goal: what was appended is found again, by id, kind, run and version, and by the first digits of
// an id; what is no ledger of ours is refused. Method: few records that can be counted by hand, a
// large batch against a scan of it, then databases of other formats and other programs.

#include "project.h"

#include "ledger/sqlite.h"

static size_t count_by(gy_ledger *ledger, gy_ledger_query query)
{
    found_records by = {0};
    CHECK(gy_ledger_find(ledger, &query, count_records, &by, NULL) == GY_OK);
    return by.count;
}

static void test_records_are_found_by_each_of_their_keys(void)
{
    test_project project = project_new();
    gy_ledger *ledger = open_ledger(&project);
    gy_id ids[3] = {id_of("a"), id_of("b"), id_of("a")}, none = id_of("none");
    gy_record records[] = {
        {.kind = "finding", .ids = ids, .id_count = 1, .body = "{\"n\":1}", .run = "r1"},
        {.kind = "finding", .ids = ids, .id_count = 3, .body = "{\"n\":2}", .version = "v1"},
        {.kind = "label", .ids = ids + 1, .id_count = 1, .body = "{\"n\":3}", .run = "r1"},
        {.kind = "run", .body = "{\"n\":4}", .run = "r2", .commit = "c", .version = "v1"},
    };
    CHECK(gy_ledger_append(ledger, records, 4, NULL) == GY_OK);
    CHECK(records[0].sequence == 1 && records[3].sequence == 4);
    gy_ledger_close(ledger);

    ledger = open_ledger(&project);
    CHECK(count_by(ledger, (gy_ledger_query){0}) == 4);
    CHECK(count_by(ledger, (gy_ledger_query){.kind = "finding"}) == 2);
    CHECK(count_by(ledger, (gy_ledger_query){.id = &ids[0]}) == 2);
    CHECK(count_by(ledger, (gy_ledger_query){.id = &ids[1]}) == 2);
    CHECK(count_by(ledger, (gy_ledger_query){.id = &ids[1], .kind = "label"}) == 1);
    CHECK(count_by(ledger, (gy_ledger_query){.run = "r1"}) == 2);
    CHECK(count_by(ledger, (gy_ledger_query){.version = "v1"}) == 2);
    CHECK(count_by(ledger, (gy_ledger_query){.version = "v1", .run = "r2"}) == 1);
    CHECK(count_by(ledger, (gy_ledger_query){.id = &none}) == 0);
    CHECK(count_by(ledger, (gy_ledger_query){.run = "unheard of"}) == 0);

    found_records newest = {0};
    CHECK(gy_ledger_find(ledger, &(gy_ledger_query){.kind = "finding", .limit = 1}, count_records,
                         &newest, NULL) == GY_OK);
    CHECK(newest.count == 1 && strcmp(newest.body, "{\"n\":2}") == 0);
    gy_ledger_close(ledger);
    project_free(&project);
}

static void test_a_prefix_names_one_id_or_says_why_not(void)
{
    test_project project = project_new();
    gy_ledger *ledger = open_ledger(&project);
    gy_id ids[2], id;
    gy_error err = {0};
    memset(ids, 0xab, sizeof(ids));
    ids[1].bytes[8] = 0xac; // beyond the bytes that the index holds
    gy_record record = {.kind = "label", .ids = ids, .id_count = 2, .body = "{}"};
    CHECK(gy_ledger_append(ledger, &record, 1, NULL) == GY_OK);

    CHECK(gy_ledger_resolve(&id, ledger, "ABABababababababac", &err) == GY_OK);
    CHECK(gy_id_compare(&id, &ids[1]) == 0);
    CHECK(gy_ledger_resolve(&id, ledger, gy_id_text(&ids[0]).text, &err) == GY_OK);
    CHECK(gy_id_compare(&id, &ids[0]) == 0);
    CHECK(gy_ledger_resolve(&id, ledger, "abababab", &err) == GY_INVALID);
    CHECK(strstr(err.message, "several") != NULL);
    CHECK(gy_ledger_resolve(&id, ledger, "abac", &err) == GY_NOT_FOUND);
    CHECK(gy_ledger_resolve(&id, ledger, "aba", &err) == GY_INVALID);
    CHECK(gy_ledger_resolve(&id, ledger, "abaz", &err) == GY_INVALID);
    gy_ledger_close(ledger);
    project_free(&project);
}

static void test_a_large_batch_is_found_id_by_id(void)
{
    enum { COUNT = 20000 };
    test_project project = project_new();
    gy_ledger *ledger = open_ledger(&project);
    gy_id *ids = malloc(COUNT * sizeof(*ids));
    gy_record *records = calloc(COUNT, sizeof(*records));
    for (size_t i = 0; i < COUNT; i++) {
        gy_id_of_bytes(&ids[i], &i, sizeof(i));
        records[i] = (gy_record){.kind = "finding",
                                 .ids = &ids[i],
                                 .id_count = 1,
                                 .body = "{\"kind\":\"label\",\"score\":0.25}"};
    }
    CHECK(gy_ledger_append(ledger, records, COUNT, NULL) == GY_OK);
    for (size_t i = 0; i < COUNT; i += 97)
        CHECK(count_by(ledger, (gy_ledger_query){.id = &ids[i]}) == 1);
    CHECK(count_all(ledger) == COUNT);
    CHECK(gy_ledger_verify(ledger, NULL) == GY_OK);
    gy_ledger_close(ledger);
    free(ids);
    free(records);
    project_free(&project);
}

static void test_records_that_break_a_rule_are_refused(void)
{
    test_project project = project_new();
    gy_ledger *ledger = open_ledger(&project);
    gy_error err = {0};
    gy_record records[] = {{.kind = "run", .body = "{}"}, {.kind = "rumour", .body = "{}"}};
    CHECK(gy_ledger_append(ledger, records, 2, &err) == GY_INVALID);
    CHECK(strcmp(err.message, "record 2: 'rumour' is no kind of record") == 0);
    records[1] = (gy_record){.kind = "run", .body = "[]"};
    CHECK(gy_ledger_append(ledger, records, 2, &err) == GY_INVALID);
    records[1] = (gy_record){.kind = "run", .body = "{}", .id_count = GY_RECORD_IDS_MAX + 1};
    CHECK(gy_ledger_append(ledger, records, 2, &err) == GY_LIMIT);
    char *writer = calloc(GY_RECORD_TEXT_BYTES_MAX + 2, 1);
    memset(writer, 'w', GY_RECORD_TEXT_BYTES_MAX + 1);
    records[1] = (gy_record){.kind = "run", .body = "{}", .writer = writer};
    CHECK(gy_ledger_append(ledger, records, 2, &err) == GY_LIMIT);
    CHECK(count_all(ledger) == 0);
    free(writer);
    gy_ledger_close(ledger);
    project_free(&project);
}

// Do something to the database file behind the ledger's back.
static void tamper(const test_project *project, const char *sql)
{
    char path[128];
    gy_database *database = NULL;
    gy_error err = {0};
    snprintf(path, sizeof(path), "%s/.gyre/ledger.db", project->folder);
    CHECK(gy_database_open(&database, path, NULL) == GY_OK);
    if (gy_database_run(database, sql, &err) != GY_OK)
        printf("# %s\n", err.message);
    CHECK(err.status == GY_OK);
    gy_database_close(database);
}

static void test_other_formats_are_refused_with_the_reason(void)
{
    test_project project = project_new();
    gy_ledger *ledger = NULL;
    gy_error err = {0};
    gy_ledger_close(open_ledger(&project));
    tamper(&project, "PRAGMA user_version = 2");
    CHECK(gy_ledger_open(&ledger, project.folder, &err) == GY_UNSUPPORTED);
    CHECK(strstr(err.message, "has format 2, this gyre reads up to 1") != NULL);
    project_free(&project);

    project = project_new();
    tamper(&project, "CREATE TABLE t(x)");
    CHECK(gy_ledger_open(&ledger, project.folder, &err) == GY_FORMAT);
    CHECK(strstr(err.message, "not a ledger") != NULL);
    project_free(&project);

    CHECK(gy_ledger_open(&ledger, "/tmp", &err) == GY_NOT_FOUND);
    CHECK(strstr(err.message, "gyre init") != NULL);
}

static void test_the_first_format_opens_forever(void)
{
    test_project project = project_new();
    char command[256];
    snprintf(command, sizeof(command), "cp tests/data/formats/ledger-1.db '%s/.gyre/ledger.db'",
             project.folder);
    CHECK(system(command) == 0);
    gy_ledger *ledger = open_ledger(&project);
    CHECK(gy_ledger_verify(ledger, NULL) == GY_OK);
    found_records all = {0}, about = {0};
    gy_id id = id_of("sample");
    CHECK(gy_ledger_find(ledger, &(gy_ledger_query){0}, count_records, &all, NULL) == GY_OK);
    CHECK(strcmp(all.kinds, "version finding label finding run gate finding ") == 0);
    CHECK(gy_ledger_find(ledger, &(gy_ledger_query){.id = &id}, count_records, &about, NULL) ==
          GY_OK);
    CHECK(strcmp(about.kinds, "finding label run ") == 0);
    CHECK(strcmp(about.body, "{\"stage\":\"train\",\"note\":\"\\u00fc\"}") == 0);
    append_one(ledger, "gyre gate", "sample", "{}"); // and it can be gone on with
    CHECK(gy_ledger_verify(ledger, NULL) == GY_OK);
    gy_ledger_close(ledger);
    project_free(&project);
}

int main(void)
{
    RUN(test_records_are_found_by_each_of_their_keys);
    RUN(test_a_prefix_names_one_id_or_says_why_not);
    RUN(test_a_large_batch_is_found_id_by_id);
    RUN(test_records_that_break_a_rule_are_refused);
    RUN(test_other_formats_are_refused_with_the_reason);
    RUN(test_the_first_format_opens_forever);
    return check_done();
}
