// SPDX-License-Identifier: Apache-2.0
//
// Running a pattern's automaton: states are made as values ask for them. When there are too many,
// all are forgotten and made again: memory stays bounded, and time linear in the value's length.

#include <stdlib.h>
#include <string.h>

#include "quality/automaton.h"

// Add what can be reached from a node without a byte to the list. *matches: the end is among it.
static void close_over(gy_pattern *pattern, int32_t from, size_t *count, bool *matches)
{
    size_t depth = 0;
    pattern->stack[depth++] = (uint16_t)from;
    while (depth > 0) {
        uint16_t number = pattern->stack[--depth];
        const node *at = &pattern->nodes[number];
        if (pattern->seen[number] == pattern->mark)
            continue;
        pattern->seen[number] = pattern->mark;
        if (at->kind == NODE_BYTES)
            pattern->list[(*count)++] = number;
        else if (at->kind == NODE_MATCH)
            *matches = true;
        if (at->kind == NODE_SPLIT && at->next != NONE)
            pattern->stack[depth++] = (uint16_t)at->next;
        if (at->kind == NODE_SPLIT && at->other != NONE)
            pattern->stack[depth++] = (uint16_t)at->other;
    }
}

static void new_mark(gy_pattern *pattern)
{
    if (++pattern->mark == 0) {
        memset(pattern->seen, 0, NODES_MAX * sizeof(*pattern->seen));
        pattern->mark = 1;
    }
}

static int compare_nodes(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

// The state of the nodes in the list; made if it is not there. *forgot: all others are gone.
static size_t state_of(gy_pattern *pattern, size_t count, bool matches, bool *forgot)
{
    if (count > 1)
        qsort(pattern->list, count, sizeof(*pattern->list), compare_nodes);
    for (size_t i = 0; i < pattern->state_count; i++) {
        const state *at = &pattern->states[i];
        if (at->count == count && at->matches == matches &&
            (count == 0 || memcmp(at->nodes, pattern->list, count * sizeof(*at->nodes)) == 0))
            return i;
    }
    *forgot = pattern->state_count == STATES_MAX || pattern->pool_used + count > POOL_MAX;
    if (*forgot) {
        pattern->state_count = pattern->pool_used = 0;
        pattern->first_is_gone = true;
    }
    state *made = &pattern->states[pattern->state_count];
    *made = (state){
        .count = (uint32_t)count, .matches = matches, .nodes = pattern->pool + pattern->pool_used};
    memset(pattern->next + 256 * pattern->state_count, 0xff, 256 * sizeof(*pattern->next));
    if (count > 0)
        memcpy(made->nodes, pattern->list, count * sizeof(*made->nodes));
    pattern->pool_used += count;
    return pattern->state_count++;
}

static size_t first_state(gy_pattern *pattern)
{
    size_t count = 0;
    bool matches = false, forgot;
    new_mark(pattern);
    close_over(pattern, pattern->start, &count, &matches);
    return state_of(pattern, count, matches, &forgot);
}

// Where a byte leads from a state (a place in next), or one of leads.
static int32_t lead(gy_pattern *pattern, int32_t from, unsigned char byte)
{
    const state *before = &pattern->states[from / 256];
    size_t count = 0;
    bool matches = false, forgot = false;
    new_mark(pattern);
    for (size_t i = 0; i < before->count; i++) {
        const node *at = &pattern->nodes[before->nodes[i]];
        if ((at->set[byte / 64] >> byte % 64 & 1) != 0)
            close_over(pattern, at->next, &count, &matches);
    }
    if (!pattern->anchored_start)
        close_over(pattern, pattern->start, &count, &matches);
    int32_t to = LEADS_NOWHERE;
    if (matches && !pattern->anchored_end)
        to = LEADS_TO_MATCH;
    else if (count > 0 || matches)
        to = 256 * (int32_t)state_of(pattern, count, matches, &forgot);
    if (!forgot)
        pattern->next[from + byte] = to;
    return to;
}

// State 0 is the first one, unless all were forgotten since. *decided: it matches whatever comes.
static bool is_decided(gy_pattern *pattern)
{
    if (pattern->first_is_gone) {
        pattern->state_count = pattern->pool_used = 0;
        pattern->first_is_gone = false;
    }
    if (pattern->state_count == 0)
        first_state(pattern);
    return pattern->states[0].matches && !pattern->anchored_end;
}

bool gy_pattern_matches(gy_pattern *pattern, const char *value, size_t length)
{
    if (is_decided(pattern))
        return true;
    int32_t at = 0;
    for (size_t i = 0; i < length && at >= 0; i++) {
        unsigned char byte = (unsigned char)value[i];
        int32_t next = pattern->next[at + byte];
        at = next != LEADS_UNKNOWN ? next : lead(pattern, at, byte);
    }
    return at >= 0 ? pattern->states[at / 256].matches : at == LEADS_TO_MATCH;
}

void gy_pattern_matches_four(bool matches[GY_PATTERN_LANES], gy_pattern *pattern,
                             const char *const values[GY_PATTERN_LANES],
                             const size_t lengths[GY_PATTERN_LANES])
{
    int32_t at[GY_PATTERN_LANES] = {0};
    size_t shared = lengths[0], done = 0;
    bool decided = is_decided(pattern);
    for (int lane = 1; lane < GY_PATTERN_LANES; lane++)
        shared = lengths[lane] < shared ? lengths[lane] : shared;
    const int32_t *next = pattern->next;
    for (; done < shared && !decided; done++) {
        int32_t to[GY_PATTERN_LANES];
        for (int lane = 0; lane < GY_PATTERN_LANES; lane++)
            to[lane] = next[at[lane] + (unsigned char)values[lane][done]];
        if ((to[0] | to[1] | to[2] | to[3]) < 0)
            break;
        memcpy(at, to, sizeof(at));
    }
    for (int lane = 0; lane < GY_PATTERN_LANES && !decided; lane++)
        for (size_t i = done; i < lengths[lane] && at[lane] >= 0; i++)
            at[lane] = next[at[lane] + (unsigned char)values[lane][i]];
    for (int lane = 0; lane < GY_PATTERN_LANES; lane++)
        matches[lane] = decided || at[lane] == LEADS_TO_MATCH ||
                        (at[lane] >= 0 && pattern->states[at[lane] / 256].matches);
    // Last, since to make a state may be to forget those that the other lanes are in.
    for (int lane = 0; lane < GY_PATTERN_LANES && !decided; lane++)
        if (at[lane] == LEADS_UNKNOWN)
            matches[lane] = gy_pattern_matches(pattern, values[lane], lengths[lane]);
}
