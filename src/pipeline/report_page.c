// SPDX-License-Identifier: Apache-2.0
//
// The page around a report's sections: one file, no request to anywhere, light and dark by the
// reader's system, from phone width on.

#include <stdio.h>
#include <string.h>

#include "pipeline/report.h"

static const char style[] =
    ":root{color-scheme:light dark;--ground:#fbfaf8;--card:#fff;--text:#1d2126;--soft:#5d6670;"
    "--line:#e2e0db;--accent:#1f6f8b;--good:#2c7a4b;--bad:#b3402a;--heat:31,111,139}"
    "@media(prefers-color-scheme:dark){:root{--ground:#14171a;--card:#1d2125;--text:#e8e6e1;"
    "--soft:#9aa3ab;--line:#333a41;--accent:#5db6d3;--good:#6cc48e;--bad:#ec8b74;"
    "--heat:93,182,211}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--text);"
    "font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}"
    "main{max-width:62rem;margin:0 auto;padding:1.5rem 1rem 4rem}"
    "h1{font-size:1.9rem;margin:.5rem 0 .25rem;overflow-wrap:anywhere}"
    "h2{font-size:1.25rem;margin:0 0 .25rem}h3{font-size:1rem;margin:1.25rem 0 .25rem}"
    "p{margin:.4rem 0 .8rem}.soft{color:var(--soft)}.lead{font-size:1.15rem;max-width:46rem}"
    "section{background:var(--card);border:1px solid var(--line);border-radius:10px;"
    "padding:1.1rem 1.2rem;margin:1.1rem 0}"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.8rem;"
    "margin:1.2rem 0}.tile{background:var(--card);border:1px solid var(--line);"
    "border-radius:10px;padding:.8rem 1rem}.tile b{display:block;font-size:1.5rem;"
    "line-height:1.25}.tile span{color:var(--soft);font-size:.88rem}"
    ".two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));"
    "gap:1.2rem;align-items:start}.two>div,.narrow{max-width:29rem}.long "
    "svg{min-width:34rem}svg{display:block;width:100%;height:auto}"
    "svg text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
    "fill:var(--text)}svg .soft{fill:var(--soft)}"
    ".good{color:var(--good)}.bad{color:var(--bad)}"
    ".samples{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.2rem,1fr));gap:.7rem;"
    "padding:0;margin:.8rem 0;list-style:none}.samples li{border:1px solid var(--line);"
    "border-radius:8px;padding:.6rem;font-size:.85rem;line-height:1.35;overflow-wrap:anywhere}"
    ".samples img{display:block;width:84px;height:84px;object-fit:contain;"
    "image-rendering:pixelated;margin:0 auto .5rem;background:#8884;border-radius:4px}"
    ".samples s{color:var(--soft)}code{font-family:ui-monospace,'DejaVu Sans Mono',monospace;"
    "font-size:.85em;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%}.wide{overflow-x:auto}"
    "td,th{overflow-wrap:anywhere;padding:.35rem .6rem .35rem 0;border-bottom:1px solid "
    "var(--line);text-align:left;"
    "vertical-align:top}th{font-weight:600;color:var(--soft);width:9rem}"
    ".figures{max-width:46rem}.figures "
    "th{width:auto;font-weight:400;color:var(--text)}td.n{text-align:right;"
    "font-variant-numeric:tabular-nums;white-space:nowrap}"
    "details{margin:.6rem 0}summary{cursor:pointer;color:var(--soft)}"
    ".tree,.tree ul{margin:.2rem 0 .2rem 0;padding-left:1.1rem}.tree li{margin:.2rem 0}"
    ".verdict{padding:.5rem 0;border-bottom:1px solid var(--line)}"
    "footer{color:var(--soft);font-size:.85rem;margin-top:2rem}"
    "@media(max-width:34rem){.card{table-layout:fixed}.card th{width:6.9rem}section{padding:.9rem "
    ".8rem}h1{font-size:1.5rem}}"
    "@media print{section{break-inside:avoid}}";

void gy_page_text(gy_text *out, const char *text)
{
    for (size_t length; *text != '\0'; text += length) {
        length = strcspn(text, "&<>\"'");
        gy_text_append(out, text, length);
        if (text[length] == '\0')
            return;
        gy_text_add(out, "&#%d;", text[length]);
        length++;
    }
}

void gy_page_begin(gy_text *out, const char *title)
{
    gy_text_add(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                     "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
                     "style-src 'unsafe-inline';img-src data:\"><title>");
    gy_page_text(out, title);
    gy_text_add(out, "</title><style>");
    gy_text_append(out, style, sizeof(style) - 1);
    gy_text_add(out, "</style></head>\n<body><main>\n");
}

void gy_page_end(gy_text *out)
{
    gy_text_add(out,
                "<footer>Made by <code>gyre report</code> (gyre %s). This page is one file: it "
                "loads nothing from anywhere.</footer>\n</main></body></html>\n",
                gy_version());
}

void gy_page_share(gy_text *out, double share)
{
    gy_text_add(out, "%.1f&#8239;%%", 100 * share);
}

void gy_page_section(gy_text *out, const char *heading, const char *explanation)
{
    gy_text_add(out, "<section><h2>");
    gy_page_text(out, heading);
    gy_text_add(out, "</h2><p class=\"soft\">");
    gy_page_text(out, explanation);
    gy_text_add(out, "</p>\n");
}

void gy_page_section_end(gy_text *out)
{
    gy_text_add(out, "</section>\n");
}

// ---- images

static const char *image_type(const unsigned char *bytes, size_t size_bytes)
{
    if (size_bytes > 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0)
        return "image/png";
    if (size_bytes > 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0)
        return "image/jpeg";
    if (size_bytes > 6 && memcmp(bytes, "GIF8", 4) == 0)
        return "image/gif";
    if (size_bytes > 12 && memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "WEBP", 4) == 0)
        return "image/webp";
    return NULL;
}

static void add_base64(gy_text *out, const unsigned char *bytes, size_t size_bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t at = 0; at < size_bytes; at += 3) {
        size_t left = size_bytes - at;
        unsigned group = (unsigned)bytes[at] << 16 | (left > 1 ? (unsigned)bytes[at + 1] << 8 : 0) |
                         (left > 2 ? bytes[at + 2] : 0);
        char four[4] = {digits[group >> 18], digits[group >> 12 & 63],
                        left > 1 ? digits[group >> 6 & 63] : '=',
                        left > 2 ? digits[group & 63] : '='};
        gy_text_append(out, four, sizeof(four));
    }
}

bool gy_page_image(gy_text *out, const void *bytes, size_t size_bytes, const char *words)
{
    const char *type = image_type(bytes, size_bytes);
    if (type == NULL)
        return false;
    gy_text_add(out, "<img src=\"data:%s;base64,", type);
    add_base64(out, bytes, size_bytes);
    gy_text_add(out, "\" alt=\"");
    gy_page_text(out, words);
    gy_text_add(out, "\">");
    return true;
}
