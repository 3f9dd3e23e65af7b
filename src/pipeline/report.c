// SPDX-License-Identifier: Apache-2.0
//
// The report: one page for someone who does not code. What is on it was recorded before; nothing
// is run or measured here.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/stats.h"
#include "gyre/table.h"
#include "pipeline/report.h"

// The last stage that makes predictions, and what it said.
static gy_status read_predictions(gy_report *report, gy_error *err)
{
    const gy_pipeline *pipeline = report->pipeline;
    const gy_stage_path *found = NULL;
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        const gy_stage *stage = &pipeline->stages[pipeline->order[i]];
        for (size_t j = 0; j < stage->out_count; j++)
            if (stage->outs[j].predictions) {
                report->judge = stage;
                found = &stage->outs[j];
            }
    }
    const char *path =
        found == NULL ? "" : gy_path_join(report->arena, pipeline->folder, found->at);
    if (path == NULL)
        return gy_pipeline_no_memory(err);
    if (found == NULL || !gy_file_exists(path))
        return GY_OK;
    report->classes.map.arena = report->arena;
    GY_TRY(gy_predictions_read(&report->predictions, &report->classes, path, report->arena, err));
    for (size_t i = 0; i < report->predictions.count; i++) {
        report->labelled += report->predictions.labels[i] != UINT32_MAX;
        report->right += report->predictions.labels[i] == report->predictions.outputs[i];
    }
    return GY_OK;
}

static void add_tile(gy_text *out, const char *value, const char *words)
{
    gy_text_add(out, "<div class=\"tile\"><b>%s</b><span>%s</span></div>", value, words);
}

// The first screen: the one sentence and the few numbers.
static void add_head(gy_report *report, const char *title)
{
    gy_text *out = report->out;
    char value[64];
    uint64_t samples = 0; // of the largest table, else of the largest folder
    bool has_table = false;
    gy_text_add(out, "<h1>");
    gy_page_text(out, title);
    gy_text_add(out, "</h1>\n<p class=\"lead\">");
    if (report->labelled > 0) {
        gy_interval interval = gy_stats_wilson(report->right, report->labelled, 0.95);
        gy_text_add(out, "The model is right on ");
        gy_page_share(out, (double)report->right / (double)report->labelled);
        gy_text_add(out, " of %zu test samples. With 95 %% confidence that is between ",
                    report->labelled);
        gy_page_share(out, interval.low);
        gy_text_add(out, " and ");
        gy_page_share(out, interval.high);
        gy_text_add(out, " on data like these.");
    } else {
        gy_text_add(out, "No predictions on test samples are known yet.");
    }
    gy_text_add(out, "</p>\n<div class=\"tiles\">");
    for (size_t i = 0; i < report->lineage->dataset_count; i++) {
        const gy_dataset *dataset = &report->lineage->datasets[i];
        bool is_table = gy_table_is_rows(dataset->path);
        if (is_table == has_table ? dataset->pointer.samples > samples : is_table)
            samples = dataset->pointer.samples;
        has_table = has_table || is_table;
    }
    if (report->labelled > 0) {
        snprintf(value, sizeof(value), "%.1f&#8239;%%",
                 100 * (double)report->right / (double)report->labelled);
        add_tile(out, value, "right on test samples");
    }
    snprintf(value, sizeof(value), "%" PRIu64, samples);
    add_tile(out, value, "samples in the data");
    snprintf(value, sizeof(value), "%zu", report->label_problems);
    add_tile(out, value, "labels in doubt found");
    snprintf(value, sizeof(value), "%zu", report->labels_changed);
    add_tile(out, value, "of them changed since");
    gy_text_add(out, "</div>\n");
}

// Sections are written before the head, which tells what they counted.
static gy_status write_page(gy_text *page, gy_report *report, const gy_report_options *options,
                            gy_error *err)
{
    gy_text body = {0};
    const char *slash = strrchr(report->pipeline->folder, '/');
    const char *title = options->title != NULL ? options->title
                        : slash == NULL        ? report->pipeline->folder
                                               : slash + 1;
    report->out = &body;
    gy_status status = gy_report_quality(report, err);
    if (status == GY_OK)
        status = gy_report_gates(report, err);
    if (status == GY_OK)
        status = gy_report_history(report, err);
    if (status == GY_OK)
        status = gy_report_data(report, err);
    if (status == GY_OK)
        status = gy_report_card(report, err);
    if (status == GY_OK)
        status = gy_report_figures(report, options->data, err);
    if (status == GY_OK && body.status != GY_OK)
        status = gy_pipeline_no_memory(err);
    report->out = page;
    gy_page_begin(page, title);
    add_head(report, title);
    if (status == GY_OK)
        gy_text_append(page, body.bytes, body.length);
    gy_page_end(page);
    gy_text_release(&body);
    return status == GY_OK && page->status != GY_OK ? gy_pipeline_no_memory(err) : status;
}

gy_status gy_pipeline_report(gy_pipeline *pipeline, const gy_report_options *options, gy_error *err)
{
    gy_report report = {.pipeline = pipeline, .arena = pipeline->arena};
    gy_text page = {0};
    GY_TRY(gy_lineage_open(&report.lineage, pipeline->project, err));
    gy_status status = gy_lineage_load_versions(report.lineage, err);
    if (status == GY_OK)
        status = gy_pipeline_metrics(&report.metrics, &report.metric_count, pipeline, NULL,
                                     pipeline->arena, err);
    if (status == GY_OK)
        status = read_predictions(&report, err);
    if (status == GY_OK)
        status = write_page(&page, &report, options, err);
    if (status == GY_OK)
        status = gy_file_replace(options->path, page.bytes, page.length, err);
    gy_text_release(&page);
    gy_lineage_close(report.lineage);
    return status;
}
