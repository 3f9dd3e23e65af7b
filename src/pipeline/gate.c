// SPDX-License-Identifier: Apache-2.0
//
// Is the new model better than the old one, beyond noise? Each sample has a score under both; the
// bootstrap resamples the differences, so that what is hard for both models cancels out.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/stats.h"
#include "gyre/pipeline.h"
#include "pipeline/pipeline.h"
#include "pipeline/predictions.h"

typedef enum gate_metric {
    METRIC_ACCURACY,
    METRIC_BALANCED,
    METRIC_LOSS,
    METRIC_COST,
    METRIC_ABSOLUTE,
    METRIC_SQUARED
} gate_metric;

static const struct {
    const char *name;
    double sign; // of a gain: what is an error is better when smaller
} metrics[] = {{"accuracy", 1}, {"balanced_accuracy", 1}, {"loss", -1},
               {"cost", -1},    {"absolute_error", -1},   {"squared_error", -1}};

enum { METRICS = sizeof(metrics) / sizeof(metrics[0]) };

static gy_status find_metric(gate_metric *found, const char *name, gy_error *err)
{
    for (size_t i = 0; i < METRICS; i++)
        if (name == NULL || strcmp(metrics[i].name, name) == 0) {
            *found = (gate_metric)i;
            return GY_OK;
        }
    return gy_fail(err, GY_INVALID,
                   "'%s' is no metric of a gate: accuracy, balanced_accuracy, loss, cost, "
                   "absolute_error or squared_error",
                   name);
}

// What two tables are compared with.
typedef struct gate_judge {
    gate_metric metric;
    const gy_gate_options *options;
    const gy_classes *classes;
    double *class_weights;                // of balanced accuracy
    uint32_t *cost_labels, *cost_outputs; // classes of each listed cost
} gate_judge;

static gy_status check_same_samples(const gy_predictions *new, const gy_predictions *old,
                                    gy_error *err)
{
    size_t only_new = 0, only_old = 0, i = 0, j = 0;
    const gy_id *first = NULL;
    while (i < new->count || j < old->count) {
        int order = i == new->count   ? 1
                    : j == old->count ? -1
                                      : gy_id_compare(&new->ids[i], &old->ids[j]);
        if (order != 0 && first == NULL)
            first = order < 0 ? &new->ids[i] : &old->ids[j];
        only_new += order < 0;
        only_old += order > 0;
        i += order <= 0;
        j += order >= 0;
    }
    if (only_new + only_old == 0)
        return GY_OK;
    return gy_fail(err, GY_INVALID,
                   "'%s' and '%s' are not of the same samples: %zu are in the first alone, %zu in "
                   "the second, such as %.12s; predict the same samples with both models, of a "
                   "test set that stays as it is",
                   new->path, old->path, only_new, only_old, gy_id_text(first).text);
}

static gy_status prepare_weights(gate_judge *judge, const gy_predictions *truth, gy_arena *arena,
                                 gy_error *err)
{
    size_t present = 0;
    judge->class_weights = GY_NEW(arena, double, judge->classes->count);
    if (judge->class_weights == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to weigh classes");
    for (size_t i = 0; i < truth->count; i++)
        present += judge->class_weights[truth->labels[i]]++ == 0.0;
    for (size_t i = 0; i < judge->classes->count; i++)
        if (judge->class_weights[i] > 0.0)
            judge->class_weights[i] =
                (double)truth->count / (judge->class_weights[i] * (double)present);
    return GY_OK;
}

static uint32_t class_of(const gy_classes *classes, const char *name)
{
    const uint64_t *found = gy_text_map_find(&classes->map, name, strlen(name));
    return found == NULL ? UINT32_MAX - 1 : (uint32_t)*found; // a class that nobody uses
}

static gy_status prepare_costs(gate_judge *judge, gy_arena *arena, gy_error *err)
{
    size_t count = judge->options->cost_count;
    judge->cost_labels = GY_NEW(arena, uint32_t, count);
    judge->cost_outputs = GY_NEW(arena, uint32_t, count);
    if (judge->cost_labels == NULL || judge->cost_outputs == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu costs", count);
    for (size_t i = 0; i < count; i++) {
        const gy_cost *cost = &judge->options->costs[i];
        if (!isfinite(cost->cost))
            return gy_fail(err, GY_INVALID, "the cost of %s taken for %s is not a finite number",
                           cost->label, cost->prediction);
        judge->cost_labels[i] = class_of(judge->classes, cost->label);
        judge->cost_outputs[i] = class_of(judge->classes, cost->prediction);
    }
    return GY_OK;
}

static double cost_of(const gate_judge *judge, uint32_t label, uint32_t output)
{
    for (size_t i = 0; i < judge->options->cost_count; i++)
        if (judge->cost_labels[i] == label && judge->cost_outputs[i] == output)
            return judge->options->costs[i].cost;
    return label == output ? 0.0 : 1.0;
}

static gy_status error_of(double *error, const gate_judge *judge, uint32_t label, uint32_t output,
                          const gy_predictions *of, gy_error *err)
{
    double wanted = 0, got = 0;
    const char *a = judge->classes->names[label], *b = judge->classes->names[output];
    if (!gy_number_read(&wanted, a, strlen(a)) || !gy_number_read(&got, b, strlen(b)) ||
        !isfinite(wanted) || !isfinite(got))
        return gy_fail(err, GY_FORMAT, "'%s': label '%.40s' and prediction '%.40s' are no numbers",
                       of->path, a, b);
    *error = fabs(wanted - got);
    if (judge->metric == METRIC_SQUARED)
        *error *= *error;
    return GY_OK;
}

// The score of sample i of a table; the label is the new table's, whichever table it is.
static gy_status score(double *score, const gate_judge *judge, const gy_predictions *of, size_t i,
                       uint32_t label, gy_error *err)
{
    bool right = label == of->outputs[i];
    switch (judge->metric) {
    case METRIC_ACCURACY:
        *score = right ? 1.0 : 0.0;
        return GY_OK;
    case METRIC_BALANCED:
        *score = right ? judge->class_weights[label] : 0.0;
        return GY_OK;
    case METRIC_LOSS:
        *score = of->losses[i];
        return GY_OK;
    case METRIC_COST:
        *score = cost_of(judge, label, of->outputs[i]);
        return GY_OK;
    default:
        return error_of(score, judge, label, of->outputs[i], of, err);
    }
}

static gy_status prepare(gate_judge *judge, const gy_predictions *new, const gy_predictions *old,
                         gy_arena *arena, gy_error *err)
{
    GY_TRY(check_same_samples(new, old, err));
    for (size_t i = 0; i < new->count; i++)
        if (new->labels[i] == UINT32_MAX)
            return gy_fail(err, GY_FORMAT, "'%s': sample %.12s has no label to be judged by",
                           new->path, gy_id_text(&new->ids[i]).text);
    if (judge->metric == METRIC_LOSS && (new->losses == NULL || old->losses == NULL))
        return gy_fail(err, GY_FORMAT, "'%s' has no column 'loss'",
                       new->losses == NULL ? new->path : old->path);
    if (judge->metric == METRIC_BALANCED)
        GY_TRY(prepare_weights(judge, new, arena, err));
    return judge->metric == METRIC_COST ? prepare_costs(judge, arena, err) : GY_OK;
}

static gy_status compare(gy_gate_result *result, const gate_judge *judge, const gy_predictions *new,
                         const gy_predictions *old, gy_arena *arena, gy_error *err)
{
    double *differences = GY_NEW(arena, double, new->count);
    double new_sum = 0.0, old_sum = 0.0, sign = metrics[judge->metric].sign;
    if (differences == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory to compare %zu samples", new->count);
    *result = (gy_gate_result){.samples = new->count};
    for (size_t i = 0; i < new->count; i++) {
        double ours, theirs;
        uint32_t label = new->labels[i];
        GY_TRY(score(&ours, judge, new, i, label, err));
        GY_TRY(score(&theirs, judge, old, i, label, err));
        new_sum += ours;
        old_sum += theirs;
        differences[i] = sign * (ours - theirs);
        bool right = label == new->outputs[i], was_right = label == old->outputs[i];
        result->only_new += right && !was_right;
        result->only_old += was_right && !right;
    }
    gy_bootstrap bootstrap;
    GY_TRY(gy_stats_bootstrap(&bootstrap, differences, new->count,
                              &(gy_bootstrap_options){.resamples = judge->options->resamples,
                                                      .confidence = judge->options->confidence,
                                                      .seed = judge->options->seed},
                              arena, err));
    result->new_value = new_sum / (double)new->count;
    result->old_value = old_sum / (double)new->count;
    result->gain = bootstrap.estimate;
    result->low = bootstrap.interval.low;
    result->high = bootstrap.interval.high;
    result->passes = result->low > judge->options->margin;
    return GY_OK;
}

static gy_status judge_tables(gy_gate_result *result, const gy_gate_table *new_table,
                              const gy_gate_table *old_table, const gy_gate_options *options,
                              gy_arena *arena, gy_error *err)
{
    gy_predictions new, old;
    gy_classes classes = {.map.arena = arena};
    gate_judge judge = {.options = options, .classes = &classes};
    GY_TRY(find_metric(&judge.metric, options->metric, err));
    if (!isfinite(options->margin))
        return gy_fail(err, GY_INVALID, "the margin is not a finite number");
    GY_TRY(gy_predictions_read(&new, &classes, new_table->path, arena, err));
    GY_TRY(gy_predictions_read(&old, &classes, old_table->path, arena, err));
    new.path = new_table->name;
    old.path = old_table->name;
    GY_TRY(prepare(&judge, &new, &old, arena, err));
    return compare(result, &judge, &new, &old, arena, err);
}

gy_status gy_gate_compare(gy_gate_result *result, const char *new_path, const char *old_path,
                          const gy_gate_options *options, gy_arena *arena, gy_error *err)
{
    return judge_tables(result, &(gy_gate_table){new_path, new_path},
                        &(gy_gate_table){old_path, old_path}, options, arena, err);
}

gy_status gy_gate_judge(gy_gate_verdict *verdict, const gy_gate_table *new_table,
                        const gy_gate_table *old_table, const gy_gate_options *options,
                        gy_arena *arena, gy_error *err)
{
    const gy_gate_result *result = &verdict->result;
    GY_TRY(judge_tables(&verdict->result, new_table, old_table, options, arena, err));
    verdict->passes = result->passes;
    verdict->words = gy_arena_format(
        arena,
        "%s %.4g -> %.4g%s%s, gain %+.4g (%.4g %% interval %+.4g to %+.4g, %zu samples), %s %+.4g",
        verdict->metric, result->old_value, result->new_value, verdict->unit[0] == '\0' ? "" : " ",
        verdict->unit, result->gain, 100 * options->confidence, result->low, result->high,
        result->samples, result->passes ? "above" : "not above", options->margin);
    return verdict->words == NULL ? gy_pipeline_no_memory(err) : GY_OK;
}

gy_status gy_gate_files(gy_gate_verdict *verdict, const char *new_path, const char *old_path,
                        const gy_gate_options *options, gy_arena *arena, gy_error *err)
{
    *verdict =
        (gy_gate_verdict){.name = new_path,
                          .metric = options->metric == NULL ? metrics[0].name : options->metric,
                          .unit = "",
                          .compares = true,
                          .margin = options->margin,
                          .confidence = options->confidence};
    return gy_gate_judge(verdict, &(gy_gate_table){new_path, new_path},
                         &(gy_gate_table){old_path, old_path}, options, arena, err);
}
