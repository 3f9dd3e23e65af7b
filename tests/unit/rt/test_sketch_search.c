// SPDX-License-Identifier: Apache-2.0
//
// Goal: the search for processors without wide registers counts as the comparisons do. Method: the
// source is compiled here as such a processor sees it and held against the definition.

#undef __SSE2__
#include "../../../src/rt/sketch.c"

#include "sketch_places.h"

int main(void)
{
    RUN(test_every_value_is_counted_where_the_definition_says);
    return check_done();
}
