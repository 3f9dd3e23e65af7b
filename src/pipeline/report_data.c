// SPDX-License-Identifier: Apache-2.0
//
// What audits found in the data: how much of each kind, and the worst label problems as pictures.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/map.h"
#include "pipeline/report.h"

enum { SHOWN_MAX = 24, IMAGE_BYTES_MAX = 200000, KINDS_MAX = 12 };

// One label problem; a later audit's word on the same sample replaces it.
typedef struct label_problem {
    gy_id id;
    double score;
    const char *given, *suggested;
    bool is_changed; // somebody gave another label since
} label_problem;

typedef struct problem_list {
    gy_arena *arena;
    gy_id_map places;
    label_problem *items;
    size_t count, capacity;
    const char *kinds[KINDS_MAX];
    size_t kind_counts[KINDS_MAX], kind_count;
    gy_text_map known; // sample and kind: each is counted once
} problem_list;

static const char *member_text(const gy_json *object, const char *key)
{
    const gy_json *value = gy_json_get(object, key);
    return value == NULL || value->kind != GY_JSON_STRING ? NULL : value->text;
}

static gy_status count_kind(problem_list *list, const char *kind, const gy_record *record,
                            gy_error *err)
{
    char key[200];
    uint64_t *value;
    bool fresh;
    int length = snprintf(key, sizeof(key), "%.64s %.100s", gy_id_text(&record->ids[0]).text, kind);
    GY_TRY(gy_text_map_at(&value, &fresh, &list->known, key, (size_t)length, err));
    size_t at = 0;
    while (at < list->kind_count && strcmp(list->kinds[at], kind) != 0)
        at++;
    if (!fresh || at == KINDS_MAX)
        return GY_OK;
    if (at == list->kind_count)
        list->kinds[list->kind_count++] = kind;
    list->kind_counts[at]++;
    return GY_OK;
}

static gy_status take_finding(void *context, const gy_record *record, gy_error *err)
{
    problem_list *list = context;
    gy_json *body;
    uint64_t *place;
    bool fresh;
    GY_TRY(gy_json_parse(&body, record->body, strlen(record->body), "a finding", list->arena, err));
    const char *kind = member_text(body, "kind");
    const gy_json *score = gy_json_get(body, "score");
    if (kind == NULL)
        kind = member_text(body, "rule");
    if (kind == NULL || record->id_count == 0)
        return GY_OK;
    GY_TRY(count_kind(list, kind, record, err));
    if (strcmp(kind, "label") != 0 || score == NULL)
        return GY_OK;
    GY_TRY(gy_id_map_at(&place, &fresh, &list->places, &record->ids[0], err));
    if (fresh) {
        label_problem *grown =
            gy_arena_grow(list->arena, list->items, list->count, &list->capacity, sizeof(*grown));
        if (grown == NULL)
            return gy_pipeline_no_memory(err);
        list->items = grown;
        *place = list->count++;
    }
    list->items[*place] = (label_problem){record->ids[0], score->number, member_text(body, "given"),
                                          member_text(body, "suggested"), false};
    return GY_OK;
}

static gy_status take_label(void *context, const gy_record *record, gy_error *err)
{
    problem_list *list = context;
    (void)err;
    for (size_t i = 0; i < record->id_count; i++) {
        const uint64_t *place = gy_id_map_find(&list->places, &record->ids[i]);
        if (place != NULL)
            list->items[*place].is_changed = true;
    }
    return GY_OK;
}

static int compare_scores(const void *left, const void *right)
{
    const label_problem *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return gy_id_compare(&a->id, &b->id);
}

// ---- pictures

// Where the work tree's datasets have the file of an id; NULL: nowhere.
static const char *path_of(const gy_report *report, const gy_id *id)
{
    const gy_lineage *lineage = report->lineage;
    for (size_t i = 0; i < lineage->dataset_count; i++) {
        gy_entry *entries;
        size_t count;
        const gy_dataset *dataset = &lineage->datasets[i];
        gy_arena_mark mark = gy_arena_here(report->arena);
        if (gy_store_list(&entries, &count, lineage->store, &dataset->pointer, report->arena,
                          NULL) != GY_OK)
            continue;
        const char *found = NULL;
        for (size_t j = 0; j < count && found == NULL; j++)
            if (gy_id_compare(&entries[j].id, id) == 0)
                found = entries[j].path;
        if (found != NULL)
            return found[0] == '\0' ? gy_arena_format(report->arena, "%s", dataset->path)
                                    : gy_arena_format(report->arena, "%s/%s", dataset->path, found);
        gy_arena_rewind(report->arena, mark);
    }
    return NULL;
}

static bool add_picture(gy_report *report, const label_problem *problem, const char *words)
{
    char *bytes;
    size_t size_bytes;
    bool shown = false;
    gy_arena_mark mark = gy_arena_here(report->arena);
    if (gy_store_read(&bytes, &size_bytes, report->lineage->store, &problem->id, report->arena,
                      NULL) == GY_OK &&
        size_bytes <= IMAGE_BYTES_MAX)
        shown = gy_page_image(report->out, bytes, size_bytes, words);
    gy_arena_rewind(report->arena, mark);
    return shown;
}

static void add_problem(gy_report *report, const label_problem *problem)
{
    gy_text *out = report->out;
    const char *path = path_of(report, &problem->id);
    gy_text_add(out, "<li>");
    add_picture(report, problem, path == NULL ? "a sample" : path);
    gy_text_add(out, "<s>");
    gy_page_text(out, problem->given == NULL ? "no label" : problem->given);
    gy_text_add(out, "</s><br><b>");
    gy_page_text(out, problem->suggested == NULL ? "another label" : problem->suggested);
    gy_text_add(out, "</b>%s<br><code class=\"soft\" title=\"%s\">",
                problem->is_changed ? " <span class=\"good\">changed</span>" : "",
                gy_id_text(&problem->id).text);
    gy_text_add(out, "%.12s</code></li>", gy_id_text(&problem->id).text);
}

static const char *kind_words(const char *kind)
{
    static const struct {
        const char *kind, *words;
    } known[] = {{"label", "label in doubt"},
                 {"outlier", "unlike all others"},
                 {"duplicate", "near duplicate"},
                 {"broken", "breaks a rule"}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].kind, kind) == 0)
            return known[i].words;
    return kind;
}

static gy_status add_kinds(gy_report *report, const problem_list *list, gy_error *err)
{
    gy_bar bars[KINDS_MAX];
    size_t most = 1;
    for (size_t i = 0; i < list->kind_count; i++)
        most = list->kind_counts[i] > most ? list->kind_counts[i] : most;
    for (size_t i = 0; i < list->kind_count; i++) {
        const char *note = gy_arena_format(report->arena, "%zu", list->kind_counts[i]);
        if (note == NULL)
            return gy_pipeline_no_memory(err);
        bars[i] = (gy_bar){kind_words(list->kinds[i]), (double)list->kind_counts[i] / (double)most,
                           1, 0, note};
    }
    gy_text_add(report->out, "<div class=\"narrow\">");
    gy_plot_bars(report->out, "samples by what was found", bars, list->kind_count);
    gy_text_add(report->out, "</div>");
    return GY_OK;
}

gy_status gy_report_data(gy_report *report, gy_error *err)
{
    problem_list list = {
        .arena = report->arena, .places.arena = report->arena, .known.arena = report->arena};
    gy_ledger *ledger = report->lineage->ledger;
    GY_TRY(gy_ledger_find(ledger, &(gy_ledger_query){.kind = "finding"}, take_finding, &list, err));
    GY_TRY(gy_ledger_find(ledger, &(gy_ledger_query){.kind = "label"}, take_label, &list, err));
    report->label_problems = list.count;
    for (size_t i = 0; i < list.count; i++)
        report->labels_changed += list.items[i].is_changed;
    if (list.kind_count == 0)
        return GY_OK;
    gy_page_section(
        report->out, "What was found in the data",
        "Checks name rows that break a rule of the data's contract. Audits look for samples whose "
        "label does not fit what they show, samples unlike all others, and copies: a suspicion, "
        "for "
        "a person to confirm.");
    GY_TRY(add_kinds(report, &list, err));
    if (list.count > 0) {
        qsort(list.items, list.count, sizeof(*list.items), compare_scores);
        gy_text_add(report->out,
                    "<h3>The worst label problems</h3><p class=\"soft\">Struck out: the label it "
                    "had. Bold: what it looks like. %zu of %zu were changed since.</p><ul "
                    "class=\"samples\">\n",
                    report->labels_changed, list.count);
        for (size_t i = 0; i < list.count && i < SHOWN_MAX; i++)
            add_problem(report, &list.items[i]);
        gy_text_add(report->out, "</ul>");
    }
    gy_page_section_end(report->out);
    return GY_OK;
}
