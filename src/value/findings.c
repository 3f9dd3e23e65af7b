// SPDX-License-Identifier: Apache-2.0
//
// An audit in words: one finding a sample and kind, with a reason that a person can check.

#include <math.h>
#include <stdlib.h>

#include "value/odd.h"

enum { KINDS = 3 };

static const float SOFT_MIN = 0.0005f; // smaller shares are not written down

static float score_of(const gy_audit *audit, gy_finding_kind kind, size_t row)
{
    return kind == GY_FINDING_LABEL     ? audit->label_score[row]
           : kind == GY_FINDING_OUTLIER ? audit->outlier_score[row]
                                        : audit->duplicate_score[row];
}

static bool is_flagged(const gy_audit *audit, gy_finding_kind kind, size_t row)
{
    return (kind == GY_FINDING_LABEL     ? audit->is_label_issue[row]
            : kind == GY_FINDING_OUTLIER ? audit->is_outlier[row]
                                         : audit->is_duplicate[row]) != 0;
}

static size_t row_in_table(const gy_samples *samples, size_t row)
{
    return samples->row_of != NULL ? samples->row_of[row] : row;
}

static const char *class_name(const gy_samples *samples, int32_t label)
{
    return label >= 0 && samples->classes != NULL ? samples->classes[label] : NULL;
}

static const char *label_reason(const gy_audit *audit, const gy_samples *samples, size_t row,
                                gy_arena *arena)
{
    int32_t given = samples->labels[row], best = audit->suggested[row];
    if (best < 0 || given < 0)
        return "no label to judge";
    if (given == best)
        return gy_arena_format(arena, "'%s' fits best", class_name(samples, best));
    double confused = 100.0 * audit->noise[(size_t)best * audit->class_count + (size_t)given];
    return gy_arena_format(
        arena,
        "looks like '%s' (%.0f %%), as %.0f %% of its neighbours are labelled; %.1f %% of "
        "'%s' are labelled '%s'",
        class_name(samples, best),
        100.0 * (double)audit->posterior[row * audit->class_count + (size_t)best],
        100.0 * (double)audit->votes[row], confused, class_name(samples, best),
        class_name(samples, given));
}

static const char *outlier_reason(const gy_audit *audit, gy_usual *usual, size_t row,
                                  gy_arena *arena)
{
    double far = (double)audit->distance[row], left = (double)audit->residual[row];
    if (fabs(left) > far)
        return gy_arena_format(arena, "%s than others: %.1f deviations %s",
                               left > 0.0 ? "rougher" : "smoother", fabs(left),
                               left > 0.0 ? "above the usual rest" : "below the usual rest");
    const char *columns = gy_odd_columns(usual, row, arena);
    if (columns == NULL || columns[0] == '\0')
        return columns == NULL ? NULL
                               : gy_arena_format(arena,
                                                 "far from all others: %.1f deviations beyond the "
                                                 "usual distance",
                                                 far);
    return gy_arena_format(
        arena, "far from all others, %.1f deviations beyond the usual distance: %s", far, columns);
}

static const char *duplicate_reason(const gy_audit *audit, const gy_samples *samples, size_t row,
                                    gy_arena *arena)
{
    size_t partner = audit->partner[row];
    if (partner == row)
        return "nothing is like it";
    size_t partner_row = row_in_table(samples, partner) + 1;
    const char *how = audit->duplicate_score[row] >= 0.9999f ? "the same as"
                      : audit->is_duplicate[row]             ? "nearly the same as"
                                                             : "most like";
    int x = audit->shift_x[row], y = audit->shift_y[row];
    if (x != 0 || y != 0)
        return gy_arena_format(arena, "%s row %zu, moved by (%d, %d)", how, partner_row, -x, -y);
    return gy_arena_format(arena, "%s row %zu", how, partner_row);
}

static const char *soft_label(const gy_audit *audit, const gy_samples *samples, size_t row,
                              gy_arena *arena)
{
    if (audit->suggested[row] < 0 || samples->classes == NULL)
        return NULL;
    gy_text out = {0};
    const char *between = "{";
    for (size_t c = 0; c < audit->class_count; c++) {
        float share = audit->posterior[row * audit->class_count + c];
        if (share < SOFT_MIN)
            continue;
        gy_text_add(&out, "%s", between);
        size_t length = 0;
        while (samples->classes[c][length] != '\0')
            length++;
        gy_text_json_string(&out, samples->classes[c], length);
        gy_text_add(&out, ":");
        gy_text_json_number(&out, round((double)share * 1e4) / 1e4);
        between = ",";
    }
    gy_text_add(&out, "}");
    const char *soft = out.status == GY_OK ? gy_arena_copy(arena, out.bytes, out.length) : NULL;
    gy_text_release(&out);
    return soft;
}

static gy_status fill_finding(gy_finding *finding, gy_finding_kind kind, gy_usual *usual,
                              size_t row, gy_arena *arena, gy_error *err)
{
    const gy_audit *audit = usual->audit;
    const gy_samples *samples = usual->samples;
    *finding = (gy_finding){.kind = kind,
                            .row = row_in_table(samples, row),
                            .is_flagged = is_flagged(audit, kind, row),
                            .score = (double)score_of(audit, kind, row),
                            .given = class_name(samples, samples->labels[row])};
    finding->has_id = samples->ids != NULL;
    if (finding->has_id)
        finding->id = samples->ids[row];
    if (kind == GY_FINDING_LABEL) {
        finding->suggested = class_name(samples, audit->suggested[row]);
        finding->reason = label_reason(audit, samples, row, arena);
        finding->soft = soft_label(audit, samples, row, arena);
        if (finding->soft == NULL && audit->suggested[row] >= 0 && samples->classes != NULL)
            finding->reason = NULL;
    } else if (kind == GY_FINDING_OUTLIER) {
        finding->reason = outlier_reason(audit, usual, row, arena);
    } else {
        finding->reason = duplicate_reason(audit, samples, row, arena);
        if (audit->partner[row] != row)
            finding->partner_row = row_in_table(samples, audit->partner[row]) + 1;
        if (finding->is_flagged && samples->ids != NULL) {
            gy_id_hex partner = gy_id_text(&samples->ids[audit->original[row]]);
            finding->suggested = gy_arena_copy(arena, partner.text, 64);
            if (finding->suggested == NULL)
                finding->reason = NULL;
        }
    }
    if (finding->reason == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the findings of %zu samples",
                       samples->rows);
    return GY_OK;
}

// Samples in the order in which their findings are told.
typedef struct place {
    float score;
    uint8_t kind;
    uint32_t row;
} place;

static int by_place(const void *left, const void *right)
{
    const place *a = left, *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

gy_status gy_audit_findings(gy_finding **findings, size_t *count, const gy_audit *audit,
                            const gy_samples *samples, bool all, gy_arena *arena, gy_error *err)
{
    size_t rows = samples->rows, total = 0;
    place *places = GY_NEW(arena, place, rows * KINDS);
    if (places == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for the findings of %zu samples", rows);
    for (uint8_t kind = 0; kind < KINDS; kind++)
        for (size_t row = 0; row < rows; row++)
            if (all || is_flagged(audit, (gy_finding_kind)kind, row))
                places[total++] =
                    (place){score_of(audit, (gy_finding_kind)kind, row), kind, (uint32_t)row};
    qsort(places, total, sizeof(*places), by_place);
    gy_usual usual;
    GY_TRY(gy_usual_make(&usual, audit, samples, arena, err));
    gy_finding *made = GY_NEW(arena, gy_finding, total + 1);
    if (made == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu findings", total);
    for (size_t i = 0; i < total; i++)
        GY_TRY(fill_finding(&made[i], (gy_finding_kind)places[i].kind, &usual, places[i].row, arena,
                            err));
    *findings = made;
    *count = total;
    return GY_OK;
}
