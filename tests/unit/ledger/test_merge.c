// SPDX-License-Identifier: Apache-2.0
//
// Goal: merging is a union. Method: as a set, A with B equals B with A, merging twice adds nothing,
// a copied project is another writer, and a chain that was changed in one place is refused.

#include "project.h"

#include "ledger/sqlite.h"

static void copy_ledger(const test_project *from, const test_project *to)
{
    char command[256];
    snprintf(command, sizeof(command), "cp '%s'/.gyre/ledger.db* '%s'/.gyre/", from->folder,
             to->folder);
    CHECK(system(command) == 0);
}

static uint64_t merge_into(const test_project *into, const test_project *from)
{
    uint64_t added = UINT64_MAX;
    gy_error err = {0};
    gy_ledger *ledger = open_ledger(into);
    if (gy_ledger_merge(&added, ledger, from->folder, &err) != GY_OK)
        printf("# %s\n", err.message);
    CHECK(err.status == GY_OK);
    CHECK(gy_ledger_verify(ledger, NULL) == GY_OK);
    gy_ledger_close(ledger);
    return added;
}

static void fill(const test_project *project, const char *writer, size_t count)
{
    gy_ledger *ledger = open_ledger(project);
    for (size_t i = 0; i < count; i++)
        append_one(ledger, writer, "a", "{\"n\":1}");
    gy_ledger_close(ledger);
}

static size_t count_in(const test_project *project)
{
    gy_ledger *ledger = open_ledger(project);
    size_t count = count_all(ledger);
    gy_ledger_close(ledger);
    return count;
}

static void test_a_merge_is_a_union_in_any_order(void)
{
    test_project a = project_new(), b = project_new(), c = project_new();
    fill(&a, "ann", 3);
    fill(&b, "ann", 2); // the same name on another machine is another chain
    fill(&b, "ben", 4);
    CHECK(merge_into(&c, &b) == 6);
    CHECK(merge_into(&c, &a) == 3);
    CHECK(merge_into(&a, &b) == 6);
    CHECK(merge_into(&a, &b) == 0);
    CHECK(merge_into(&a, &c) == 0);
    CHECK(merge_into(&b, &a) == 3);
    fill(&b, "ben", 1);
    CHECK(merge_into(&a, &b) == 1); // the tail alone
    CHECK(count_in(&a) == 10 && count_in(&b) == 10 && count_in(&c) == 9);

    gy_arena *arena = gy_arena_new(0);
    gy_ledger_head *heads;
    size_t count;
    gy_ledger *ledger = open_ledger(&a);
    CHECK(gy_ledger_heads(&heads, &count, ledger, arena, NULL) == GY_OK);
    CHECK(count == 3 && heads[0].records + heads[1].records + heads[2].records == 10);
    gy_ledger_close(ledger);
    gy_arena_free(arena);
    project_free(&a);
    project_free(&b);
    project_free(&c);
}

static void test_a_copied_project_goes_on_as_another_writer(void)
{
    test_project a = project_new(), copy = project_new();
    fill(&a, "ann", 2);
    copy_ledger(&a, &copy);
    fill(&a, "ann", 1);
    fill(&copy, "ann", 1);
    CHECK(merge_into(&a, &copy) == 1);
    CHECK(merge_into(&copy, &a) == 1);
    CHECK(count_in(&a) == 4 && count_in(&copy) == 4);
    project_free(&a);
    project_free(&copy);
}

static void test_a_chain_changed_in_one_place_is_refused_and_nothing_is_taken(void)
{
    test_project a = project_new(), b = project_new();
    fill(&a, "ann", 2);
    CHECK(merge_into(&b, &a) == 2);
    // Cut the end of a's chain off and go on differently: both chains are valid by themselves.
    char path[128];
    gy_database *database = NULL;
    gy_error err = {0};
    snprintf(path, sizeof(path), "%s/.gyre/ledger.db", a.folder);
    CHECK(gy_database_open(&database, path, NULL) == GY_OK);
    CHECK(gy_database_run(database, "DELETE FROM record WHERE place = 2; DELETE FROM about",
                          NULL) == GY_OK);
    gy_database_close(database);
    fill(&a, "ann", 3);
    gy_ledger *ledger = open_ledger(&b);
    CHECK(gy_ledger_merge(NULL, ledger, a.folder, &err) == GY_REFUSED);
    CHECK(strstr(err.message, "differ from record 2 of writer 'ann'") != NULL);
    CHECK(count_all(ledger) == 2);
    gy_ledger_close(ledger);
    project_free(&a);
    project_free(&b);
}

static void test_erased_records_are_united_too(void)
{
    test_project a = project_new(), b = project_new();
    fill(&a, "ann", 2);
    gy_id id = id_of("a");
    gy_ledger *ledger = open_ledger(&a);
    CHECK(gy_ledger_erase(NULL, ledger, &id, NULL) == GY_OK);
    gy_ledger_close(ledger);
    CHECK(merge_into(&b, &a) == 2);
    CHECK(count_in(&b) == 2);
    project_free(&a);
    project_free(&b);
}

int main(void)
{
    RUN(test_a_merge_is_a_union_in_any_order);
    RUN(test_a_copied_project_goes_on_as_another_writer);
    RUN(test_a_chain_changed_in_one_place_is_refused_and_nothing_is_taken);
    RUN(test_erased_records_are_united_too);
    return check_done();
}
