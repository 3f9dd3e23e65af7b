// SPDX-License-Identifier: Apache-2.0
//
// How good the model is: by class, what it confuses, and how it got there.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/stats.h"
#include "pipeline/report.h"

enum { CLASSES_MAX = 40, HISTORY_MAX = 200, GATES_MAX = 64 };

// Class names in the order of a person: numbers by value, else as text.
typedef struct named_class {
    const char *name;
    uint32_t number;
    double value;
} named_class;

static int compare_names(const void *left, const void *right)
{
    const named_class *a = left, *b = right;
    if (a->value != b->value && !isnan(a->value) && !isnan(b->value))
        return a->value < b->value ? -1 : 1;
    return strcmp(a->name, b->name);
}

// The confusion counts, classes in order; NULL: too many classes to be drawn, or no memory.
static size_t *count_confusion(const char ***names, size_t *classes, const gy_report *report)
{
    size_t count = report->classes.count;
    named_class sorted[CLASSES_MAX];
    uint32_t place[CLASSES_MAX];
    if (count == 0 || count > CLASSES_MAX)
        return NULL;
    *names = GY_NEW(report->arena, const char *, count);
    size_t *counts = GY_NEW(report->arena, size_t, count *count);
    if (*names == NULL || counts == NULL)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        const char *name = report->classes.names[i];
        sorted[i] = (named_class){name, i, NAN};
        if (!gy_number_read(&sorted[i].value, name, strlen(name)))
            sorted[i].value = NAN;
    }
    qsort(sorted, count, sizeof(*sorted), compare_names);
    for (uint32_t i = 0; i < count; i++) {
        (*names)[i] = sorted[i].name;
        place[sorted[i].number] = i;
    }
    for (size_t i = 0; i < report->predictions.count; i++)
        if (report->predictions.labels[i] != UINT32_MAX)
            counts[place[report->predictions.labels[i]] * count +
                   place[report->predictions.outputs[i]]]++;
    *classes = count;
    return counts;
}

// In one sentence: which class is weakest, and what it is taken for.
static void tell_weakest(gy_text *out, const char *const *names, const size_t *counts,
                         const gy_bar *bars, size_t classes)
{
    size_t weakest = 0, mistaken = 0, most = 0;
    for (size_t i = 1; i < classes; i++)
        if (bars[i].value < bars[weakest].value)
            weakest = i;
    for (size_t i = 0; i < classes; i++)
        if (i != weakest && counts[weakest * classes + i] > most) {
            mistaken = i;
            most = counts[weakest * classes + i];
        }
    gy_text_add(out, "<p>Weakest: <b>");
    gy_page_text(out, names[weakest]);
    gy_text_add(out, "</b>, right in ");
    gy_page_share(out, bars[weakest].value);
    if (most > 0) {
        gy_text_add(out, " of cases and most often taken for <b>");
        gy_page_text(out, names[mistaken]);
        gy_text_add(out, "</b>.</p>\n");
    } else {
        gy_text_add(out, " of cases.</p>\n");
    }
}

gy_status gy_report_quality(gy_report *report, gy_error *err)
{
    gy_text *out = report->out;
    const char **names;
    size_t classes = 0, drawn = 0;
    if (report->labelled == 0)
        return GY_OK;
    const size_t *counts = count_confusion(&names, &classes, report);
    if (counts == NULL)
        return GY_OK;
    gy_bar *bars = GY_NEW(report->arena, gy_bar, classes);
    if (bars == NULL)
        return gy_pipeline_no_memory(err);
    for (size_t i = 0; i < classes; i++) {
        size_t sum = 0, right = counts[i * classes + i];
        for (size_t j = 0; j < classes; j++)
            sum += counts[i * classes + j];
        gy_interval interval = gy_stats_wilson(right, sum, 0.95);
        bars[i] = (gy_bar){names[i], sum == 0 ? 1.0 : (double)right / (double)sum, interval.low,
                           interval.high, sum == 0 ? "no samples" : NULL};
        drawn += sum > 0;
    }
    gy_page_section(
        out, "How good is it, class by class",
        "Every test sample was shown to the model. The bars say how often it was right; "
        "the thin line is where the true share lies with 95 % confidence. The grid "
        "says, of each true class (row), how many in a hundred were taken for which "
        "(column).");
    if (drawn > 1)
        tell_weakest(out, names, counts, bars, classes);
    gy_text_add(out, "<div class=\"two\"><div>");
    gy_plot_bars(out, "how often the model is right, by class", bars, classes);
    gy_text_add(out, "</div><div>");
    gy_plot_confusion(out, names, counts, classes);
    gy_text_add(out, "</div></div>");
    gy_page_section_end(out);
    return GY_OK;
}

// ---- over time

typedef struct history {
    const char *name;
    gy_arena *arena;
    gy_history_point points[HISTORY_MAX];
    gy_id models[HISTORY_MAX]; // that each is about
    bool has_model[HISTORY_MAX];
    uint64_t refused[HISTORY_MAX]; // a bit a gate whose newest verdict on the model is no
    size_t count;
    const char *gates[GATES_MAX];
    size_t gate_count;
} history;

static void forget_oldest(history *self)
{
    size_t kept = --self->count;
    memmove(self->points, self->points + 1, kept * sizeof(*self->points));
    memmove(self->models, self->models + 1, kept * sizeof(*self->models));
    memmove(self->has_model, self->has_model + 1, kept * sizeof(*self->has_model));
}

static gy_status take_metric(void *context, const gy_record *record, gy_error *err)
{
    history *self = context;
    gy_json *body;
    gy_arena_mark mark = gy_arena_here(self->arena);
    GY_TRY(gy_json_parse(&body, record->body, strlen(record->body), "a metric", self->arena, err));
    const gy_json *name = gy_json_get(body, "name"), *value = gy_json_get(body, "value");
    if (name != NULL && value != NULL && name->kind == GY_JSON_STRING &&
        value->kind == GY_JSON_NUMBER && strcmp(name->text, self->name) == 0) {
        if (self->count == HISTORY_MAX) // the newest count
            forget_oldest(self);
        size_t at = self->count++;
        self->points[at] = (gy_history_point){.value = value->number, .time_us = record->time_us};
        self->has_model[at] = record->id_count > 0;
        if (self->has_model[at])
            self->models[at] = record->ids[0];
    }
    gy_arena_rewind(self->arena, mark);
    return GY_OK;
}

// A verdict names the model beside what it judged.
static gy_status take_refusal(void *context, const gy_record *record, gy_error *err)
{
    history *self = context;
    gy_json *body;
    GY_TRY(gy_json_parse(&body, record->body, strlen(record->body), "a verdict", self->arena, err));
    const gy_json *rule = gy_json_get(body, "rule"), *verdict = gy_json_get(body, "verdict");
    if (rule == NULL || verdict == NULL || rule->kind != GY_JSON_STRING)
        return GY_OK;
    size_t gate = 0;
    while (gate < self->gate_count && strcmp(self->gates[gate], rule->text) != 0)
        gate++;
    if (gate == GATES_MAX)
        return GY_OK;
    self->gate_count += gate == self->gate_count;
    self->gates[gate] = rule->text;
    uint64_t bit = (uint64_t)1 << gate;
    for (size_t i = 0; i < self->count; i++)
        for (size_t k = 0; self->has_model[i] && k < record->id_count; k++)
            if (gy_id_compare(&record->ids[k], &self->models[i]) == 0)
                self->refused[i] =
                    verdict->boolean ? self->refused[i] & ~bit : self->refused[i] | bit;
    return GY_OK;
}

gy_status gy_report_history(gy_report *report, gy_error *err)
{
    history *past = GY_NEW(report->arena, history, 1);
    if (past == NULL)
        return gy_pipeline_no_memory(err);
    if (report->metric_count == 0)
        return GY_OK;
    past->arena = report->arena;
    past->name = report->metrics[0].name;
    GY_TRY(gy_ledger_find(report->lineage->ledger, &(gy_ledger_query){.kind = "metric"},
                          take_metric, past, err));
    if (past->count < 2)
        return GY_OK;
    GY_TRY(gy_ledger_find(report->lineage->ledger, &(gy_ledger_query){.kind = "gate"}, take_refusal,
                          past, err));
    for (size_t i = 0; i < past->count; i++)
        past->points[i].is_refused = past->refused[i] != 0;
    char heading[200];
    snprintf(heading, sizeof(heading), "How it got here: %.100s over the runs", past->name);
    gy_page_section(report->out, heading,
                    "Each point is one run of the whole process: with other settings, or after the "
                    "data were corrected. A cross: a gate said no to its model.");
    gy_text_add(report->out, "<div class=\"wide long\">");
    gy_plot_history(report->out, past->name, past->points, past->count);
    gy_text_add(report->out, "</div>");
    gy_page_section_end(report->out);
    return GY_OK;
}
