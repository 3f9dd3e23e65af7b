// SPDX-License-Identifier: Apache-2.0
//
// Plots as SVG inside the page: their colours are the page's, so that dark and light both hold.

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pipeline/report.h"

// A name of at most `most` characters (bytes of UTF-8 sequences are not split).
static void add_short(gy_text *out, const char *name, size_t most)
{
    char cut[64];
    size_t length = 0, characters = 0;
    while (name[length] != '\0' && length < sizeof(cut) - 4) {
        bool begins = (name[length] & 0xc0) != 0x80;
        if (begins && characters == most)
            break;
        characters += begins;
        cut[length] = name[length];
        length++;
    }
    cut[length] = '\0';
    gy_page_text(out, cut);
    if (name[length] != '\0')
        gy_text_add(out, "&#8230;");
}

void gy_plot_bars(gy_text *out, const char *title, const gy_bar *bars, size_t count)
{
    enum { ROW = 26, LEFT = 130, WIDTH = 220 };
    gy_text_add(out, "<svg viewBox=\"0 0 430 %zu\" role=\"img\" aria-label=\"", count * ROW + 6);
    gy_page_text(out, title);
    gy_text_add(out, "\">");
    for (size_t i = 0; i < count; i++) {
        const gy_bar *bar = &bars[i];
        double y = (double)i * ROW, value = bar->value < 0 ? 0 : bar->value > 1 ? 1 : bar->value;
        gy_text_add(out, "<g><title>");
        gy_page_text(out, bar->name);
        gy_text_add(out, "</title><text x=\"%d\" y=\"%.0f\" text-anchor=\"end\">", LEFT - 8,
                    y + 18);
        add_short(out, bar->name, 17);
        gy_text_add(out,
                    "</text><rect x=\"%d\" y=\"%.0f\" width=\"%d\" height=\"16\" rx=\"3\" "
                    "fill=\"var(--line)\"/><rect x=\"%d\" y=\"%.0f\" width=\"%.1f\" height=\"16\" "
                    "rx=\"3\" fill=\"var(--accent)\"/>",
                    LEFT, y + 6, WIDTH, LEFT, y + 6, value * WIDTH);
        if (bar->low < bar->high)
            gy_text_add(out,
                        "<path d=\"M%.1f %.0fH%.1fM%.1f %.0fv8M%.1f %.0fv8\" "
                        "stroke=\"var(--text)\" stroke-width=\"1.5\" fill=\"none\"/>",
                        LEFT + bar->low * WIDTH, y + 14, LEFT + bar->high * WIDTH,
                        LEFT + bar->low * WIDTH, y + 10, LEFT + bar->high * WIDTH, y + 10);
        gy_text_add(out, "<text x=\"%d\" y=\"%.0f\">", LEFT + WIDTH + 8, y + 18);
        if (bar->note != NULL)
            gy_page_text(out, bar->note);
        else
            gy_page_share(out, bar->value);
        gy_text_add(out, "</text></g>");
    }
    gy_text_add(out, "</svg>\n");
}

static void add_cell(gy_text *out, const char *const *names, size_t label, size_t prediction,
                     size_t count, double share, double size)
{
    double x = 110 + (double)prediction * size, y = 96 + (double)label * size;
    gy_text_add(out, "<g><title>%zu of ", count);
    gy_page_text(out, names[label]);
    gy_text_add(out, " taken for ");
    gy_page_text(out, names[prediction]);
    gy_text_add(out,
                "</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                "fill=\"rgba(var(--heat),%.3f)\"/>",
                x, y, size - 1.5, size - 1.5, share == 0 ? 0.05 : 0.12 + 0.88 * share);
    // On a strong cell the ground's colour is the readable one.
    if (count > 0 && size > 17)
        gy_text_add(out,
                    "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" style=\"font-size:%dpx%s\">"
                    "%.0f</text>",
                    x + size / 2 - 0.75, y + size / 2 + 3.5, size > 24 ? 11 : 9,
                    share > 0.5 ? ";fill:var(--card)" : "", 100 * share);
    gy_text_add(out, "</g>");
}

void gy_plot_confusion(gy_text *out, const char *const *names, const size_t *counts, size_t classes)
{
    double size = 310.0 / (double)(classes < 3 ? 3 : classes);
    gy_text_add(out,
                "<svg viewBox=\"0 0 446 %.0f\" role=\"img\" aria-label=\"what was taken for "
                "what\">",
                100 + size * (double)classes);
    for (size_t label = 0; label < classes; label++) {
        size_t sum = 0;
        double y = 96 + ((double)label + 0.5) * size + 4;
        double x = 110 + ((double)label + 0.5) * size;
        for (size_t i = 0; i < classes; i++)
            sum += counts[label * classes + i];
        gy_text_add(out, "<text x=\"102\" y=\"%.1f\" text-anchor=\"end\">", y);
        add_short(out, names[label], 13);
        gy_text_add(out, "</text><text transform=\"translate(%.1f 90) rotate(-55)\">", x + 3);
        add_short(out, names[label], 11);
        gy_text_add(out, "</text>");
        for (size_t i = 0; i < classes; i++) {
            size_t count = counts[label * classes + i];
            add_cell(out, names, label, i, count, sum == 0 ? 0.0 : (double)count / (double)sum,
                     size);
        }
    }
    gy_text_add(out, "</svg>\n");
}

static void add_date(gy_text *out, int64_t time_us)
{
    struct tm utc;
    char text[32] = "";
    time_t seconds = (time_t)(time_us / 1000000);
    if (gmtime_r(&seconds, &utc) != NULL)
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &utc);
    gy_text_add(out, "%s", text);
}

static void add_points(gy_text *out, const gy_history_point *points, size_t count, double low,
                       double high)
{
    gy_text_add(out, "<path fill=\"none\" stroke=\"var(--accent)\" stroke-width=\"2\" d=\"");
    for (size_t i = 0; i < count; i++)
        gy_text_add(out, "%s%.1f %.1f", i == 0 ? "M" : "L",
                    80 + 750.0 * (double)i / (double)(count - 1),
                    20 + 150 * (high - points[i].value) / (high - low));
    gy_text_add(out, "\"/>");
    for (size_t i = 0; i < count; i++) {
        double x = 80 + 750.0 * (double)i / (double)(count - 1);
        double y = 20 + 150 * (high - points[i].value) / (high - low);
        if (points[i].is_refused)
            gy_text_add(out,
                        "<path stroke=\"var(--bad)\" stroke-width=\"3\" "
                        "d=\"M%.1f %.1fl12 12m0 -12l-12 12\"><title>",
                        x - 6, y - 6);
        else
            gy_text_add(out,
                        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"var(--accent)\"><title>", x,
                        y);
        add_date(out, points[i].time_us);
        gy_text_add(out, ": %.5g%s</title></%s>", points[i].value,
                    points[i].is_refused ? ", a gate said no" : "",
                    points[i].is_refused ? "path" : "circle");
    }
}

// The step between lines of a scale that spans `span` in about 4 steps: 1, 2 or 5 times a power of
// ten.
static double nice_step(double span)
{
    double power = 1e-12;
    while (power * 10 <= span / 4)
        power *= 10;
    return span / 4 < 2 * power ? power : span / 4 < 5 * power ? 2 * power : 5 * power;
}

void gy_plot_history(gy_text *out, const char *name, const gy_history_point *points, size_t count)
{
    double low = points[0].value, high = points[0].value;
    for (size_t i = 1; i < count; i++) {
        low = fmin(low, points[i].value);
        high = fmax(high, points[i].value);
    }
    if (high <= low) {
        low -= fabs(low) * 0.05 + 0.005;
        high += fabs(high) * 0.05 + 0.005;
    }
    double step = nice_step(high - low);
    low = step * floor(low / step);
    high = step * ceil(high / step);
    gy_text_add(out, "<svg viewBox=\"0 0 860 210\" role=\"img\" aria-label=\"");
    gy_page_text(out, name);
    gy_text_add(out, " over the runs\">");
    for (double value = low; value < high + step / 2; value += step) {
        double y = 20 + 150 * (high - value) / (high - low);
        gy_text_add(
            out,
            "<path d=\"M70 %.1fH840\" stroke=\"var(--line)\"/><text class=\"soft\" x=\"62\" "
            "y=\"%.1f\" text-anchor=\"end\">%.4g</text>",
            y, y + 4, value);
    }
    add_points(out, points, count, low, high);
    gy_text_add(out, "<text class=\"soft\" x=\"70\" y=\"198\">");
    add_date(out, points[0].time_us);
    gy_text_add(out, "</text><text class=\"soft\" x=\"840\" y=\"198\" text-anchor=\"end\">");
    add_date(out, points[count - 1].time_us);
    gy_text_add(out, "</text></svg>\n");
}
