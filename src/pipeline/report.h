// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_PIPELINE_REPORT_H
#define GYRE_PIPELINE_REPORT_H

#include "pipeline/lineage.h"
#include "pipeline/pipeline.h"
#include "pipeline/predictions.h"

/** What the sections of a report share. */
typedef struct gy_report {
    gy_text *out;
    gy_pipeline *pipeline;
    gy_lineage *lineage;
    gy_arena *arena;
    gy_metric *metrics;
    size_t metric_count;
    // The stage that judges the model, and what it said; judge NULL: no stage makes predictions.
    const gy_stage *judge;
    gy_predictions predictions;
    gy_classes classes;
    size_t labelled, right; // of the predictions
    size_t label_problems;  // found by audits, set by the section on data
    size_t labels_changed;
} gy_report;

// ---- report_page.c: the page around the sections

/** Open and close the document; its styles are in it. */
void gy_page_begin(gy_text *out, const char *title);
void gy_page_end(gy_text *out);

/** Text with what HTML means otherwise escaped. */
void gy_page_text(gy_text *out, const char *text);

/** A share as a percentage with one decimal: "87.3 %". */
void gy_page_share(gy_text *out, double share);

/** An image as a data: URI; nothing if the bytes are no PNG, JPEG, GIF or WebP. */
bool gy_page_image(gy_text *out, const void *bytes, size_t size_bytes, const char *words);

/** Open and close a section. @param explanation HTML, for someone who does not code. */
void gy_page_section(gy_text *out, const char *heading, const char *explanation);
void gy_page_section_end(gy_text *out);

// ---- report_plot.c: SVG

/** One bar: a share of 0 to 1, with an interval; low over high: none. */
typedef struct gy_bar {
    const char *name;
    double value, low, high;
    const char *note; // behind the bar; NULL: the value as a percentage
} gy_bar;
void gy_plot_bars(gy_text *out, const char *title, const gy_bar *bars, size_t count);

/** counts[label * classes + prediction], shaded by the share of the row. */
void gy_plot_confusion(gy_text *out, const char *const *names, const size_t *counts,
                       size_t classes);

/** A number of one run. */
typedef struct gy_history_point {
    double value;
    int64_t time_us;
    bool is_refused; // a gate said no to its model
} gy_history_point;

/** A number over runs, oldest first; at least 2. */
void gy_plot_history(gy_text *out, const char *name, const gy_history_point *points, size_t count);

// ---- sections, in the order of the page: each leaves itself out if there is nothing to say

gy_status gy_report_quality(gy_report *report, gy_error *err) GY_CHECKED; // report_quality.c
gy_status gy_report_history(gy_report *report, gy_error *err) GY_CHECKED;
gy_status gy_report_data(gy_report *report, gy_error *err) GY_CHECKED; // report_data.c
gy_status gy_report_card(gy_report *report, gy_error *err) GY_CHECKED; // report_card.c
gy_status gy_report_gates(gy_report *report, gy_error *err) GY_CHECKED;
gy_status gy_report_figures(gy_report *report, const char *path, gy_error *err) GY_CHECKED;

#endif
