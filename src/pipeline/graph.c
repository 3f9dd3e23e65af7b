// SPDX-License-Identifier: Apache-2.0
//
// What needs what. A stage needs another whose output is its input, or holds it, or lies in it.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "pipeline/pipeline.h"

// An output and its stage, to be sorted by path.
typedef struct owned {
    const char *at;
    size_t stage;
} owned;

static int compare_owned(const void *left, const void *right)
{
    // '/' sorts first, so that a folder stands directly before what lies in it.
    const unsigned char *a = (const unsigned char *)((const owned *)left)->at;
    const unsigned char *b = (const unsigned char *)((const owned *)right)->at;
    while (*a != '\0' && *a == *b)
        a++, b++;
    int x = *a == '/' ? 1 : *a == '\0' ? 0 : *a + 1, y = *b == '/' ? 1 : *b == '\0' ? 0 : *b + 1;
    return x - y;
}

static gy_status refuse_overlaps(const gy_pipeline *pipeline, const owned *outs, size_t count,
                                 gy_error *err)
{
    for (size_t i = 1; i < count; i++) {
        const gy_stage *a = &pipeline->stages[outs[i - 1].stage];
        const gy_stage *b = &pipeline->stages[outs[i].stage];
        if (!gy_path_overlaps(outs[i - 1].at, outs[i].at))
            continue;
        const gy_stage *later = a->line > b->line ? a : b;
        if (strcmp(outs[i - 1].at, outs[i].at) == 0)
            return gy_pipeline_fail(err, GY_INVALID, pipeline, later->line,
                                    "'%s' is an output of stage '%s' and of stage '%s'", outs[i].at,
                                    a->name, b->name);
        return gy_pipeline_fail(err, GY_INVALID, pipeline, later->line,
                                "the output '%s' of stage '%s' lies in the output '%s' of stage "
                                "'%s'",
                                outs[i].at, b->name, outs[i - 1].at, a->name);
    }
    return GY_OK;
}

// The first output that overlaps path, or count: outputs do not overlap each other, so that it
// stands at the place where path would, or directly before it.
static size_t find_overlap(const owned *outs, size_t count, const char *path)
{
    owned wanted = {.at = path};
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_owned(&outs[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0 && gy_path_overlaps(outs[low - 1].at, path))
        return low - 1;
    return low < count && gy_path_overlaps(outs[low].at, path) ? low : count;
}

// Set stage->needs: marks is scratch, one per stage.
static gy_status find_needs(gy_pipeline *pipeline, gy_stage *stage, const owned *outs, size_t count,
                            bool *marks, gy_error *err)
{
    size_t self = (size_t)(stage - pipeline->stages);
    memset(marks, 0, pipeline->stage_count * sizeof(*marks));
    for (size_t i = 0; i < stage->dep_count; i++) {
        const char *at = stage->deps[i].at;
        for (size_t j = find_overlap(outs, count, at);
             j < count && gy_path_overlaps(outs[j].at, at); j++) {
            if (outs[j].stage == self)
                return gy_pipeline_fail(err, GY_INVALID, pipeline, stage->deps[i].line,
                                        "stage '%s' depends on its own output '%s'", stage->name,
                                        outs[j].at);
            marks[outs[j].stage] = true;
        }
    }
    for (size_t i = 0; i < pipeline->stage_count; i++)
        stage->need_count += marks[i];
    stage->needs = GY_NEW(pipeline->arena, size_t, stage->need_count);
    if (stage->needs == NULL)
        return gy_pipeline_no_memory(err);
    for (size_t i = 0, at = 0; i < pipeline->stage_count; i++)
        if (marks[i])
            stage->needs[at++] = i;
    return GY_OK;
}

// Every stage of the rest waits for another of it: walking along needs must come back.
static gy_status tell_circle(const gy_pipeline *pipeline, const bool *placed, gy_error *err)
{
    size_t at = 0;
    while (placed[at])
        at++;
    for (size_t walk = 0, i; walk < pipeline->stage_count; walk++) { // now surely in the circle
        for (i = 0; placed[pipeline->stages[at].needs[i]]; i++)
            ;
        at = pipeline->stages[at].needs[i];
    }
    char names[300] = "";
    size_t start = at, length = 0, shown = 0;
    do {
        const gy_stage *stage = &pipeline->stages[at];
        size_t i = 0;
        while (placed[stage->needs[i]])
            i++;
        at = stage->needs[i];
        if (shown++ < 8 && length < sizeof(names))
            length += (size_t)snprintf(names + length, sizeof(names) - length, "'%.30s' needs ",
                                       stage->name);
    } while (at != start);
    return gy_pipeline_fail(err, GY_INVALID, pipeline, pipeline->stages[start].line,
                            "stages go round in a circle: %s%s'%s'", names,
                            shown > 8 ? "... needs " : "", pipeline->stages[start].name);
}

// Kahn's order, but always the first stage of the file that can go: the same for everyone.
static gy_status find_order(gy_pipeline *pipeline, gy_error *err)
{
    size_t count = pipeline->stage_count;
    bool *placed = GY_NEW(pipeline->arena, bool, count);
    pipeline->order = GY_NEW(pipeline->arena, size_t, count);
    if (placed == NULL || pipeline->order == NULL)
        return gy_pipeline_no_memory(err);
    for (size_t done = 0; done < count;) {
        size_t before = done;
        for (size_t i = 0; i < count; i++) {
            const gy_stage *stage = &pipeline->stages[i];
            size_t met = 0;
            while (!placed[i] && met < stage->need_count && placed[stage->needs[met]])
                met++;
            if (placed[i] || met < stage->need_count)
                continue;
            placed[i] = true;
            pipeline->order[done++] = i;
        }
        if (done == before)
            return tell_circle(pipeline, placed, err);
    }
    return GY_OK;
}

gy_status gy_pipeline_link(gy_pipeline *pipeline, gy_error *err)
{
    size_t count = 0, at = 0;
    for (size_t i = 0; i < pipeline->stage_count; i++)
        count += pipeline->stages[i].out_count;
    owned *outs = GY_NEW(pipeline->arena, owned, count);
    bool *marks = GY_NEW(pipeline->arena, bool, pipeline->stage_count);
    if (outs == NULL || marks == NULL)
        return gy_pipeline_no_memory(err);
    for (size_t i = 0; i < pipeline->stage_count; i++)
        for (size_t j = 0; j < pipeline->stages[i].out_count; j++)
            outs[at++] = (owned){pipeline->stages[i].outs[j].at, i};
    qsort(outs, count, sizeof(*outs), compare_owned);
    GY_TRY(refuse_overlaps(pipeline, outs, count, err));
    for (size_t i = 0; i < pipeline->stage_count; i++)
        GY_TRY(find_needs(pipeline, &pipeline->stages[i], outs, count, marks, err));
    return find_order(pipeline, err);
}

// Mark the stage of this name, or all of its 'foreach' or 'matrix', which may be none.
static gy_status mark_named(bool *chosen, const gy_pipeline *pipeline, const char *name,
                            gy_error *err)
{
    bool found = gy_json_get(gy_json_get(pipeline->root, "stages"), name) != NULL;
    char names[300] = "";
    size_t length = 0;
    for (size_t i = 0; i < pipeline->stage_count; i++) {
        const gy_stage *stage = &pipeline->stages[i];
        if (strcmp(stage->name, name) == 0 ||
            (stage->group != NULL && strcmp(stage->group, name) == 0))
            chosen[i] = found = true;
        if (length + strlen(stage->name) + 3 < sizeof(names))
            length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
                                       length == 0 ? "" : ", ", stage->name);
    }
    if (found)
        return GY_OK;
    return gy_fail(err, GY_NOT_FOUND, "gyre.yaml has no stage '%s'; it has: %s", name, names);
}

gy_status gy_pipeline_select(bool *chosen, const gy_pipeline *pipeline, const char *const *names,
                             size_t count, bool single, gy_error *err)
{
    for (size_t i = 0; i < pipeline->stage_count; i++)
        chosen[i] = count == 0;
    for (size_t i = 0; i < count; i++)
        GY_TRY(mark_named(chosen, pipeline, names[i], err));
    // Against the order of running, a chosen stage comes before all that it needs.
    for (size_t i = pipeline->stage_count; !single && i > 0; i--) {
        const gy_stage *stage = &pipeline->stages[pipeline->order[i - 1]];
        for (size_t j = 0; chosen[pipeline->order[i - 1]] && j < stage->need_count; j++)
            chosen[stage->needs[j]] = true;
    }
    return GY_OK;
}
