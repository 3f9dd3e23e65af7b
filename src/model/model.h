// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_MODEL_MODEL_H
#define GYRE_MODEL_MODEL_H

#include "base/file.h"
#include "model/graph.h"

/** A file beside the model that holds weights. */
typedef struct gy_external {
    const char *location; // as the model names it
    const unsigned char *bytes;
    size_t size_bytes;
    struct gy_external *next;
} gy_external;

struct gy_model {
    const char *path;
    gy_file_map map;
    gy_external *externals;
    gy_graph *graph;
    gy_arena *arena; // limited: all that reading takes
    gy_port *inputs, *outputs;
};

/** The array for a port: of its name, else the one at `place`; NULL: neither is there. */
const gy_array *gy_model_array(const gy_array *arrays, size_t count, const gy_port *port,
                               size_t place);

#endif
