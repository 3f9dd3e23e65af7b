// SPDX-License-Identifier: Apache-2.0
//
// The model's card, the gates' verdicts, and the figures of a demo's table.

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/stats.h"
#include "pipeline/report.h"

static void add_time(gy_text *out, int64_t time_us)
{
    struct tm utc;
    char text[40] = "";
    time_t seconds = (time_t)(time_us / 1000000);
    if (gmtime_r(&seconds, &utc) != NULL)
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &utc);
    gy_text_add(out, "%s", text);
}

static void begin_row(gy_text *out, const char *name)
{
    gy_text_add(out, "<tr><th>");
    gy_page_text(out, name);
    gy_text_add(out, "</th><td>");
}

static void end_row(gy_text *out)
{
    gy_text_add(out, "</td></tr>\n");
}

// ---- lineage as a list in a list

static void add_origin(gy_text *out, const gy_origin *origin)
{
    gy_text_add(out, "<li><b>");
    gy_page_text(out, origin->path == NULL ? "what has the id" : origin->path);
    gy_text_add(out, "</b> <code class=\"soft\">%.12s</code>", gy_id_text(&origin->id).text);
    if (origin->is_dataset && origin->commit != NULL) {
        gy_text_add(out, " data, brought by commit <code>%.10s</code> ", origin->commit);
        gy_page_text(out, origin->subject);
    } else if (origin->is_dataset) {
        gy_text_add(out, " data, not committed yet");
    } else if (origin->stage != NULL) {
        gy_text_add(out, " made by stage <b>");
        gy_page_text(out, origin->stage);
        gy_text_add(out, origin->is_told ? "</b> (above)" : "</b> on ");
        if (!origin->is_told)
            add_time(out, origin->time_us);
    } else if (origin->how != NULL) {
        gy_text_add(out, " ");
        gy_page_text(out, origin->how);
    }
    if (origin->input_count > 0 && !origin->is_told) {
        gy_text_add(out, "<ul>");
        for (size_t i = 0; i < origin->input_count; i++)
            add_origin(out, &origin->inputs[i]);
        gy_text_add(out, "</ul>");
    }
    gy_text_add(out, "</li>");
}

// The model that the judging stage read, else the first that any stage makes.
static bool find_model(const gy_stage_path **found, gy_id *id, const gy_report *report)
{
    const gy_pipeline *pipeline = report->pipeline;
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        const gy_stage *stage = &pipeline->stages[pipeline->order[i]];
        for (size_t j = 0; j < stage->out_count && j < stage->lock.out_count; j++)
            if (gy_is_model(stage->outs[j].path)) {
                *found = &stage->outs[j];
                *id = stage->lock.outs[j].content.id;
                return true;
            }
    }
    return false;
}

static void add_limits(gy_report *report)
{
    gy_text *out = report->out;
    begin_row(out, "Limits");
    gy_text_add(out, "<ul class=\"tree\">");
    if (report->labelled > 0) {
        gy_interval interval = gy_stats_wilson(report->right, report->labelled, 0.95);
        gy_text_add(out, "<li>Judged on %zu samples: the true accuracy lies between ",
                    report->labelled);
        gy_page_share(out, interval.low);
        gy_text_add(out, " and ");
        gy_page_share(out, interval.high);
        gy_text_add(out, " (95 %% confidence), for data like the test samples. About other data "
                         "this says nothing.</li>");
    } else {
        gy_text_add(out, "<li>No predictions on test samples are known: how good it is was not "
                         "judged here.</li>");
    }
    if (report->label_problems > report->labels_changed)
        gy_text_add(out, "<li>%zu samples whose label is in doubt were found and not changed.</li>",
                    report->label_problems - report->labels_changed);
    gy_text_add(out, "</ul>");
    end_row(out);
}

static void add_datasets(gy_report *report)
{
    const gy_lineage *lineage = report->lineage;
    begin_row(report->out, "Data");
    for (size_t i = 0; i < lineage->dataset_count; i++) {
        const gy_dataset *dataset = &lineage->datasets[i];
        gy_page_text(report->out, dataset->path);
        gy_text_add(report->out, ": %" PRIu64 " %s, version <code>%.12s</code><br>",
                    dataset->pointer.samples, dataset->pointer.is_folder ? "files" : "samples",
                    gy_id_text(&dataset->pointer.root).text);
    }
    end_row(report->out);
}

static void add_metrics(gy_report *report)
{
    begin_row(report->out, "Metrics");
    for (size_t i = 0; i < report->metric_count; i++) {
        if (i == 12) {
            gy_text_add(report->out, "and %zu more (gyre metrics)", report->metric_count - i);
            break;
        }
        gy_page_text(report->out, report->metrics[i].name);
        gy_text_add(report->out, ": %.5g<br>", report->metrics[i].value);
    }
    end_row(report->out);
}

static gy_status add_model(gy_report *report, const gy_stage_path *model, const gy_id *id,
                           gy_error *err)
{
    gy_text *out = report->out;
    gy_origin *origin;
    GY_TRY(gy_lineage_origin(&origin, report->lineage, id, model->at, err));
    begin_row(out, "Model");
    gy_page_text(out, model->at);
    gy_text_add(out, " <code>%s</code>", gy_id_text(id).text);
    end_row(out);
    if (origin->stage != NULL) {
        begin_row(out, "Made");
        add_time(out, origin->time_us);
        gy_text_add(out, ", by stage ");
        gy_page_text(out, origin->stage);
        gy_text_add(out, " in %.1f s: <code>", origin->seconds);
        gy_page_text(out, origin->command);
        gy_text_add(out, "</code>");
        if (origin->commit != NULL)
            gy_text_add(out, "<br>code of commit <code>%.10s</code>%s", origin->commit,
                        origin->is_dirty ? ", with changes that were not committed" : "");
        end_row(out);
    }
    if (origin->params != NULL) {
        begin_row(out, "Parameters");
        gy_text_add(out, "<code>");
        gy_page_text(out, origin->params);
        gy_text_add(out, "</code>");
        end_row(out);
    }
    begin_row(out, "Comes from");
    gy_text_add(out, "<ul class=\"tree\">");
    add_origin(out, origin);
    gy_text_add(out, "</ul>");
    end_row(out);
    return GY_OK;
}

gy_status gy_report_card(gy_report *report, gy_error *err)
{
    const gy_stage_path *model;
    gy_id id;
    gy_page_section(
        report->out, "The model's card",
        "What it is, what it was made from, and what is not known of it. Every code like "
        "this one names exact bytes: gyre show and gyre why tell more of each.");
    gy_text_add(report->out, "<div class=\"wide\"><table class=\"card\">\n");
    if (find_model(&model, &id, report))
        GY_TRY(add_model(report, model, &id, err));
    add_datasets(report);
    if (report->metric_count > 0)
        add_metrics(report);
    add_limits(report);
    gy_text_add(report->out, "</table></div>");
    gy_page_section_end(report->out);
    return GY_OK;
}

// ---- gates

enum { GATES_MAX = 64, FILES_MAX = 256 };

// The newest verdict of each gate on a file as it is now: another model's verdict says nothing
// here.
typedef struct verdicts {
    gy_arena *arena;
    gy_id present[FILES_MAX]; // of the predictions and metrics files
    size_t present_count;
    const char *names[GATES_MAX], *words[GATES_MAX];
    bool passes[GATES_MAX];
    int64_t times_us[GATES_MAX];
    size_t count;
} verdicts;

// What a verdict judged: gates that compared recorded it before "judged" was written, others not.
static bool is_present(const verdicts *self, const gy_record *record, const gy_json *body)
{
    const gy_json *judged = gy_json_get(body, "judged");
    gy_id id;
    if (judged != NULL && judged->kind == GY_JSON_STRING) {
        if (gy_id_parse(&id, judged->text, NULL) != GY_OK)
            return false;
    } else if (gy_json_get(body, "than") != NULL && record->id_count > 0) {
        id = record->ids[0];
    } else {
        return false;
    }
    for (size_t i = 0; i < self->present_count; i++)
        if (gy_id_compare(&id, &self->present[i]) == 0)
            return true;
    return false;
}

static gy_status take_verdict(void *context, const gy_record *record, gy_error *err)
{
    verdicts *self = context;
    gy_json *body;
    GY_TRY(gy_json_parse(&body, record->body, strlen(record->body), "a verdict", self->arena, err));
    const gy_json *rule = gy_json_get(body, "rule"), *words = gy_json_get(body, "words");
    const gy_json *verdict = gy_json_get(body, "verdict");
    if (rule == NULL || words == NULL || verdict == NULL || rule->kind != GY_JSON_STRING ||
        words->kind != GY_JSON_STRING || !is_present(self, record, body))
        return GY_OK;
    size_t at = 0;
    while (at < self->count && strcmp(self->names[at], rule->text) != 0)
        at++;
    if (at == GATES_MAX)
        return GY_OK;
    self->count += at == self->count;
    self->names[at] = rule->text;
    self->words[at] = words->text;
    self->passes[at] = verdict->boolean;
    self->times_us[at] = record->time_us;
    return GY_OK;
}

// A file that is not there was not judged.
static gy_status add_present(verdicts *self, const gy_report *report, const char *path,
                             gy_error *err)
{
    const char *full = gy_path_join(report->arena, report->pipeline->folder, path);
    if (full == NULL)
        return gy_pipeline_no_memory(err);
    if (self->present_count == FILES_MAX || !gy_file_exists(full))
        return GY_OK;
    return gy_id_of_file(&self->present[self->present_count++], full, err);
}

static gy_status find_present(verdicts *self, const gy_report *report, const gy_json *gates,
                              gy_error *err)
{
    for (size_t i = 0; gates != NULL && i < gates->count; i++) {
        const gy_json *path = gy_json_get(&gates->items[i], "predictions");
        if (path != NULL && path->kind == GY_JSON_STRING)
            GY_TRY(add_present(self, report, path->text, err));
    }
    for (size_t i = 0; i < report->metric_count; i++)
        if (i == 0 || strcmp(report->metrics[i].path, report->metrics[i - 1].path) != 0)
            GY_TRY(add_present(self, report, report->metrics[i].path, err));
    return GY_OK;
}

static void add_verdicts(gy_text *out, const verdicts *found)
{
    for (size_t i = 0; i < found->count; i++) {
        gy_text_add(out, "<div class=\"verdict\"><b class=\"%s\">%s</b> <b>",
                    found->passes[i] ? "good" : "bad",
                    found->passes[i] ? "&#10003; yes" : "&#10007; no");
        gy_page_text(out, found->names[i]);
        gy_text_add(out, "</b><br>");
        gy_page_text(out, found->words[i]);
        gy_text_add(out, " <span class=\"soft\">");
        add_time(out, found->times_us[i]);
        gy_text_add(out, "</span></div>\n");
    }
}

// Gates of gyre.yaml without a verdict on what is there now.
static void add_open_gates(gy_text *out, const verdicts *found, const gy_json *gates)
{
    for (size_t i = 0; gates != NULL && i < gates->count; i++) {
        size_t at = 0;
        while (at < found->count && strcmp(found->names[at], gates->items[i].key) != 0)
            at++;
        if (at < found->count)
            continue;
        gy_text_add(out, "<div class=\"verdict\"><b class=\"soft\">not judged</b> <b>");
        gy_page_text(out, gates->items[i].key);
        gy_text_add(out, "</b><br>What the model that is there now says was not held against this "
                         "gate yet (gyre gate).</div>\n");
    }
}

gy_status gy_report_gates(gy_report *report, gy_error *err)
{
    gy_text *out = report->out;
    verdicts *found = GY_NEW(report->arena, verdicts, 1);
    const gy_json *gates = gy_json_get(report->pipeline->root, "gates");
    if (found == NULL)
        return gy_pipeline_no_memory(err);
    if (gates != NULL && gates->kind != GY_JSON_OBJECT)
        gates = NULL;
    found->arena = report->arena;
    GY_TRY(find_present(found, report, gates, err));
    GY_TRY(gy_ledger_find(report->lineage->ledger, &(gy_ledger_query){.kind = "gate"}, take_verdict,
                          found, err));
    if (found->count == 0 && (gates == NULL || gates->count == 0))
        return GY_OK;
    gy_page_section(out, "May it pass?",
                    "Gates are rules that were agreed on before. One that compares with the model "
                    "before asks for a gain beyond chance: its whole interval must lie above the "
                    "margin.");
    add_verdicts(out, found);
    add_open_gates(out, found, gates);
    gy_page_section_end(out);
    return GY_OK;
}

// ---- figures from outside

// What the keys of a demo's table mean to a reader.
static const char *figure_words(const char *key)
{
    static const struct {
        const char *key, *words;
    } known[] = {
        {"accuracy_spoilt", "Accuracy, trained on the labels as delivered"},
        {"accuracy_cleaned", "Accuracy, trained on the cleaned labels"},
        {"accuracy_truth", "Accuracy, trained on the true labels"},
        {"recovered", "Share of the lost accuracy that cleaning won back"},
        {"label_precision", "Label problems found that are real"},
        {"label_recall", "Real label problems that were found"},
        {"rows_broken", "Broken rows in the delivery"},
        {"rows_found", "Broken rows found"},
        {"bytes_raw", "Bytes of all files of version 1"},
        {"bytes_stored", "Bytes stored after version 2"},
        {"device_host_mismatches", "Output bytes that differ between device and host"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].key, key) == 0)
            return known[i].words;
    return key;
}

// Known figures in words, others by their name with blanks.
static void add_words(gy_text *out, const char *key)
{
    char words[300];
    snprintf(words, sizeof(words), "%s", figure_words(key));
    for (char *at = words; words[0] != '\0' && *at != '\0'; at++)
        if (*at == '_')
            *at = ' ';
    gy_page_text(out, words);
}

static bool is_nested(const gy_json *value)
{
    return value->kind == GY_JSON_OBJECT || value->kind == GY_JSON_ARRAY;
}

static void add_figure(gy_text *out, const char *prefix, const gy_json *value)
{
    char name[300];
    if (is_nested(value)) {
        for (size_t i = 0; i < value->count; i++) {
            const char *key = value->items[i].key;
            if (key != NULL)
                snprintf(name, sizeof(name), "%s%s%s", prefix, prefix[0] == '\0' ? "" : ", ", key);
            else
                snprintf(name, sizeof(name), "%s, %zu", prefix, i + 1);
            add_figure(out, name, &value->items[i]);
        }
        return;
    }
    gy_text_add(out, "<tr><th>");
    add_words(out, prefix);
    gy_text_add(out, "</th><td class=\"n\">");
    if (value->kind == GY_JSON_BOOL)
        gy_text_add(out, "%s", value->boolean ? "yes" : "no");
    else if (value->kind == GY_JSON_NULL)
        gy_text_add(out, "not known");
    else if (value->kind == GY_JSON_NUMBER && fabs(value->number) < 1e15 &&
             value->number == floor(value->number))
        gy_text_add(out, "%.0f", value->number);
    else if (value->kind == GY_JSON_NUMBER)
        gy_text_add(out, "%.5g", value->number);
    else
        gy_page_text(out, value->text);
    gy_text_add(out, "</td></tr>\n");
}

gy_status gy_report_figures(gy_report *report, const char *path, gy_error *err)
{
    static const char *const trained[] = {"accuracy_spoilt", "accuracy_cleaned", "accuracy_truth"};
    static const char *const names[] = {"as delivered", "cleaned", "true labels"};
    char *bytes;
    size_t length, count = 0;
    gy_json *root;
    gy_bar bars[3];
    if (path == NULL)
        return GY_OK;
    GY_TRY(gy_file_read(&bytes, &length, path, GY_PIPELINE_FILE_BYTES_MAX, report->arena, err));
    GY_TRY(gy_json_parse(&root, bytes, length, path, report->arena, err));
    if (root->kind != GY_JSON_OBJECT)
        return gy_fail(err, GY_FORMAT, "'%s' is no object of figures", path);
    gy_page_section(
        report->out, "Figures of this run",
        "The whole table, as programs read it. The bars: the same model, trained on the "
        "labels as they came, as they were cleaned, and as they truly are.");
    for (size_t i = 0; i < 3; i++) {
        const gy_json *value = gy_json_get(root, trained[i]);
        if (value != NULL && value->kind == GY_JSON_NUMBER)
            bars[count++] = (gy_bar){names[i], value->number, 1, 0, NULL};
    }
    if (count > 0) {
        gy_text_add(report->out, "<div class=\"narrow\">");
        gy_plot_bars(report->out, "accuracy by what the model was trained on", bars, count);
        gy_text_add(report->out, "</div>");
    }
    gy_text_add(report->out, "<div class=\"wide\"><table class=\"figures\">\n");
    for (size_t i = 0; i < root->count; i++)
        if (!is_nested(&root->items[i]))
            add_figure(report->out, root->items[i].key, &root->items[i]);
    gy_text_add(report->out, "</table></div>");
    // What has parts of its own is long: it opens for those who ask.
    for (size_t i = 0; i < root->count; i++) {
        if (!is_nested(&root->items[i]))
            continue;
        gy_text_add(report->out, "<details><summary>");
        add_words(report->out, root->items[i].key);
        gy_text_add(report->out, "</summary><div class=\"wide\"><table class=\"figures\">\n");
        add_figure(report->out, "", &root->items[i]);
        gy_text_add(report->out, "</table></div></details>\n");
    }
    gy_page_section_end(report->out);
    return GY_OK;
}
