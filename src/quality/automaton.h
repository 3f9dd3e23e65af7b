// SPDX-License-Identifier: Apache-2.0
//
// The automaton of a pattern: made by pattern.c, run by pattern_match.c.
#ifndef GYRE_QUALITY_AUTOMATON_H
#define GYRE_QUALITY_AUTOMATON_H

#include "quality/pattern.h"

enum {
    NODES_MAX = 20000,
    STATES_MAX = 512,
    POOL_MAX = 1 << 17, // nodes of all states together, more than one state can have
    NONE = -1
};

/** Where a byte leads that is no state. */
enum leads {
    LEADS_UNKNOWN = -1,  // not made yet
    LEADS_TO_MATCH = -2, // whatever follows
    LEADS_NOWHERE = -3   // nothing that follows can match
};

typedef enum node_kind {
    NODE_BYTES, // a byte of a set, then next
    NODE_SPLIT, // next or other
    NODE_MATCH
} node_kind;

typedef struct node {
    node_kind kind;
    int32_t next, other;
    uint64_t set[4];
} node;

typedef struct state {
    uint32_t count;
    bool matches;
    uint16_t *nodes;
} state;

struct gy_pattern {
    node *nodes;
    size_t node_count;
    int32_t start;
    bool anchored_start, anchored_end;
    state *states;
    int32_t *next; // [STATES_MAX][256] where a byte leads, times 256: a place here; or one of leads
    size_t state_count;
    bool first_is_gone;
    uint16_t *pool;
    size_t pool_used;
    uint16_t *stack, *list; // [NODES_MAX] scratch
    uint32_t *seen;         // [nodes] mark of the last closure that met it
    uint32_t mark;
};

#endif
