// SPDX-License-Identifier: Apache-2.0
//
// The page of an audit: the worst of each kind, with pictures.

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "value/odd.h"

enum { LABELS_SHOWN = 48, OTHERS_SHOWN = 24, COLUMNS_SHOWN = 12 };

static const char style[] =
    "<style>:root{color-scheme:light "
    "dark;--ink:#1c2126;--soft:#5a646e;--line:#d9dde1;--ground:#fff;"
    "--card:#f6f7f8;--bad:#b3261e;--good:#17653a}@media(prefers-color-scheme:dark){:root{--ink:#"
    "e6e9ec;"
    "--soft:#a3adb7;--line:#363d44;--ground:#15191d;--card:#1e2328;--bad:#ff9a8f;--good:#7fd6a0}}"
    "body{font:16px/1.5 "
    "system-ui,sans-serif;color:var(--ink);background:var(--ground);max-width:72rem;"
    "margin:0 auto;padding:1.5rem}h1{font-size:1.6rem;margin:0 0 "
    ".5rem}h2{font-size:1.2rem;margin:2rem 0 "
    ".25rem}p{margin:.25rem 0 "
    "1rem;color:var(--soft)}ul{list-style:none;margin:0;padding:0;display:grid;"
    "grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.75rem}li{background:var(--card)"
    ";"
    "border:1px solid "
    "var(--line);border-radius:.5rem;padding:.75rem;font-size:.875rem;overflow-wrap:"
    "anywhere}.pictures{display:flex;gap:.5rem;margin-bottom:.5rem}img{width:96px;height:96px;"
    "object-fit:"
    "contain;image-rendering:pixelated;background:#888;border-radius:.25rem}del{color:var(--bad)}"
    "ins{color:"
    "var(--good);text-decoration:none;font-weight:600}small{display:block;color:var(--soft)}code{"
    "font-size:"
    ".8rem}dl{display:grid;grid-template-columns:auto 1fr;gap:0 "
    ".5rem;margin:.5rem 0}dt{color:var(--soft)}dd{margin:0;font-variant-numeric:tabular-nums}"
    "</style>";

static void add_escaped(gy_text *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        switch (*at) {
        case '<':
            gy_text_add(out, "&lt;");
            break;
        case '>':
            gy_text_add(out, "&gt;");
            break;
        case '&':
            gy_text_add(out, "&amp;");
            break;
        case '"':
            gy_text_add(out, "&quot;");
            break;
        default:
            gy_text_append(out, at, 1);
        }
    }
}

static void add_base64(gy_text *out, const unsigned char *bytes, size_t size_bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size_bytes; i += 3) {
        unsigned b = i + 1 < size_bytes ? bytes[i + 1] : 0,
                 c = i + 2 < size_bytes ? bytes[i + 2] : 0;
        unsigned three = (unsigned)bytes[i] << 16 | b << 8 | c;
        char four[4] = {digits[three >> 18], digits[three >> 12 & 63],
                        i + 1 < size_bytes ? digits[three >> 6 & 63] : '=',
                        i + 2 < size_bytes ? digits[three & 63] : '='};
        gy_text_append(out, four, 4);
    }
}

static gy_status add_picture(gy_text *out, const gy_samples *samples, size_t sample,
                             const char *what, gy_arena *scratch, gy_error *err)
{
    gy_arena_mark mark = gy_arena_here(scratch);
    gy_image image = {
        .width = samples->width, .height = samples->height, .channels = samples->channels};
    image.pixels = GY_NEW(scratch, uint8_t, samples->cols);
    if (image.pixels == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a picture");
    for (size_t i = 0; i < samples->cols; i++) {
        float value = samples->features[sample * samples->cols + i];
        image.pixels[i] = (uint8_t)(value <= 0.0f   ? 0.0f
                                    : value >= 1.0f ? 255.0f
                                                    : rintf(value * 255.0f));
    }
    gy_text png = {0};
    gy_status status = gy_image_encode_png(&png, &image, err);
    if (status == GY_OK) {
        gy_text_add(out, "<img alt=\"%s\" src=\"data:image/png;base64,", what);
        add_base64(out, (const unsigned char *)png.bytes, png.length);
        gy_text_add(out, "\">");
    }
    gy_text_release(&png);
    gy_arena_rewind(scratch, mark);
    return status;
}

typedef struct page {
    gy_text *out;
    const gy_audit *audit;
    const gy_samples *samples;
    uint32_t *sample_of; // row of the table to sample, plus 1; 0: none
    size_t rows;         // of the table, as far as samples tell
    gy_arena *scratch;
} page;

static void add_value(page *on, size_t sample, size_t feature)
{
    gy_text value = {0};
    gy_odd_add_value(&value, on->samples, sample, feature);
    gy_text_add(on->out, "<dt>");
    add_escaped(on->out, on->samples->sources[feature].name);
    gy_text_add(on->out, "</dt><dd>");
    add_escaped(on->out, value.status == GY_OK ? value.bytes : "");
    gy_text_add(on->out, "</dd>");
    if (value.status != GY_OK)
        on->out->status = value.status;
    gy_text_release(&value);
}

// The values of a table's row: those first that make it odd.
static void add_values(page *on, size_t sample)
{
    const gy_samples *samples = on->samples;
    uint32_t first[GY_ODD_COLUMNS_MAX];
    size_t odd = 0, shown = 0;
    for (; odd < GY_ODD_COLUMNS_MAX && on->audit->oddities != NULL; odd++) {
        uint32_t feature = on->audit->oddities[sample].features[odd];
        if (feature == UINT32_MAX)
            break;
        first[odd] = (uint32_t)gy_odd_column_first(samples, feature);
    }
    gy_text_add(on->out, "<dl>");
    for (size_t i = 0; i < odd; i++)
        add_value(on, sample, first[i]);
    for (size_t i = 0; i < samples->cols && odd + shown < COLUMNS_SHOWN; i++) {
        bool is_told = gy_odd_column_first(samples, i) != i;
        for (size_t j = 0; j < odd; j++)
            is_told = is_told || first[j] == i;
        if (is_told)
            continue;
        add_value(on, sample, i);
        shown++;
    }
    gy_text_add(on->out, "</dl>");
}

static gy_status add_item(page *on, const gy_finding *finding, gy_error *err)
{
    const gy_samples *samples = on->samples;
    size_t sample = finding->row < on->rows ? on->sample_of[finding->row] : 0;
    gy_text_add(on->out, "<li>");
    if (sample > 0 && samples->channels > 0 && samples->channels <= 4 && samples->width > 0) {
        size_t partner = on->audit->partner[sample - 1];
        gy_text_add(on->out, "<div class=\"pictures\">");
        GY_TRY(add_picture(on->out, samples, sample - 1, "the sample", on->scratch, err));
        if (finding->kind == GY_FINDING_DUPLICATE && partner != sample - 1)
            GY_TRY(add_picture(on->out, samples, partner, "what it is like", on->scratch, err));
        gy_text_add(on->out, "</div>");
    }
    if (finding->kind == GY_FINDING_LABEL && finding->given != NULL && finding->suggested != NULL) {
        gy_text_add(on->out, "<del>");
        add_escaped(on->out, finding->given);
        gy_text_add(on->out, "</del> &rarr; <ins>");
        add_escaped(on->out, finding->suggested);
        gy_text_add(on->out, "</ins>");
    } else if (finding->given != NULL) {
        add_escaped(on->out, finding->given);
    }
    if (sample > 0 && samples->sources != NULL)
        add_values(on, sample - 1);
    gy_text_add(on->out, "<small>");
    add_escaped(on->out, finding->reason != NULL ? finding->reason : "");
    gy_text_add(on->out, "</small><small>row %zu, score %.3f", finding->row + 1, finding->score);
    if (finding->has_id)
        gy_text_add(on->out, ", <code>%.12s</code>", gy_id_text(&finding->id).text);
    if (finding->path != NULL) {
        gy_text_add(on->out, "<br>");
        add_escaped(on->out, finding->path);
    }
    gy_text_add(on->out, "</small></li>\n");
    return GY_OK;
}

static gy_status add_kind(page *on, gy_finding_kind kind, const char *title, const char *words,
                          size_t shown_max, const gy_finding *findings, size_t count, gy_error *err)
{
    size_t found = 0, shown = 0;
    for (size_t i = 0; i < count; i++)
        found += findings[i].kind == kind && findings[i].is_flagged;
    gy_text_add(on->out, "<section><h2>%s: %zu</h2><p>%s%s</p>\n<ul>\n", title, found, words,
                found == 0           ? " None here."
                : found <= shown_max ? ""
                                     : " The worst are shown.");
    for (size_t i = 0; i < count && shown < shown_max; i++) {
        if (findings[i].kind != kind || !findings[i].is_flagged)
            continue;
        GY_TRY(add_item(on, &findings[i], err));
        shown++;
    }
    gy_text_add(on->out, "</ul></section>\n");
    return GY_OK;
}

static gy_status find_samples(page *on, gy_error *err)
{
    const gy_samples *samples = on->samples;
    for (size_t i = 0; i < samples->rows; i++) {
        size_t row = samples->row_of != NULL ? samples->row_of[i] : i;
        on->rows = row + 1 > on->rows ? row + 1 : on->rows;
    }
    on->sample_of = GY_NEW(on->scratch, uint32_t, on->rows + 1);
    if (on->sample_of == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a page of %zu samples", samples->rows);
    for (size_t i = 0; i < samples->rows; i++)
        on->sample_of[samples->row_of != NULL ? samples->row_of[i] : i] = (uint32_t)i + 1;
    return GY_OK;
}

static gy_status add_page(page *on, const char *title, const gy_finding *findings, size_t count,
                          gy_error *err)
{
    gy_text_add(on->out, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta "
                         "name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>"
                         "Audit of ");
    add_escaped(on->out, title);
    gy_text_add(on->out, "</title>%s\n<h1>Audit of ", style);
    add_escaped(on->out, title);
    gy_text_add(on->out, "</h1><p>%zu samples, %zu classes.</p>\n", on->samples->rows,
                on->samples->class_count);
    GY_TRY(add_kind(on, GY_FINDING_LABEL, "Labels at odds with the sample",
                    "What is given, and what fits better.", LABELS_SHOWN, findings, count, err));
    GY_TRY(add_kind(on, GY_FINDING_OUTLIER, "Outliers", "Samples that belong to no crowd.",
                    OTHERS_SHOWN, findings, count, err));
    GY_TRY(add_kind(on, GY_FINDING_DUPLICATE, "Near duplicates",
                    "Each beside the sample that it hardly differs from.", OTHERS_SHOWN, findings,
                    count, err));
    GY_TRY(add_kind(on, GY_FINDING_BROKEN, "Broken", "Rows that cannot be judged.", OTHERS_SHOWN,
                    findings, count, err));
    gy_text_add(on->out, "</html>\n");
    return GY_OK;
}

gy_status gy_audit_page_write(const char *path, const char *title, const gy_audit *audit,
                              const gy_samples *samples, const gy_finding *findings, size_t count,
                              gy_arena *scratch, gy_error *err)
{
    gy_text out = {0};
    page on = {.out = &out, .audit = audit, .samples = samples, .scratch = scratch};
    gy_status status = find_samples(&on, err);
    if (status == GY_OK)
        status = add_page(&on, title, findings, count, err);
    if (status == GY_OK && out.status != GY_OK)
        status = gy_fail(err, out.status, "no memory for a page of %zu findings", count);
    if (status == GY_OK)
        status = gy_file_replace(path, out.bytes, out.length, err);
    gy_text_release(&out);
    return status;
}
