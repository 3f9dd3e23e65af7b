// SPDX-License-Identifier: Apache-2.0
//
// Texts into numbers. Compiled programs work on numbers alone: where a model has a text, its
// program has the text's place in a list, which goes with it as a table.
#ifndef GYRE_COMPILE_VOCABULARY_H
#define GYRE_COMPILE_VOCABULARY_H

#include "base/map.h"
#include "model/graph.h"

/** The texts that a port of a model may hold, each once, in the order in which the model names
 * them: classes in the order of their scores. An input may hold others too: their number is -1. */
typedef struct gy_vocabulary {
    size_t count, capacity;
    const char **texts;
    gy_text_map places; // of each text, from 1
} gy_vocabulary;

/** One for each port of a graph; NULL: the port is of numbers. */
typedef struct gy_vocabularies {
    const gy_vocabulary **inputs, **outputs;
} gy_vocabularies;

/**
 * Make a graph whose tensors of texts, constants and attributes included, are int64: places in
 * vocabularies. Only operators that copy texts or look them up in a list can be so changed.
 * @return GY_OK; GY_UNSUPPORTED: an operator that does more with texts, or an output that may be
 * text of an input; GY_LIMIT: a text over 4,000 bytes.
 */
gy_status gy_vocabularies_make(gy_vocabularies *made, gy_graph *graph, gy_arena *arena,
                               gy_error *err) GY_CHECKED;

/** Place of a text; -1: it is not there. */
int64_t gy_vocabulary_find(const gy_vocabulary *vocabulary, const char *text);

/** Whether a port is of texts. */
bool gy_vocabulary_any(const gy_vocabulary *const *of, size_t ports);

#endif
