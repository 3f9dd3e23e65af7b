// SPDX-License-Identifier: Apache-2.0
//
// The type of a contract that most cells have, whatever a few odd ones are.

#include "quality/kinds.h"

const char *gy_kinds_type(const size_t *kinds, uint64_t *odd)
{
    uint64_t whole = kinds[GY_CELL_INTEGER] + kinds[GY_CELL_BIG], all = 0;
    for (int kind = GY_CELL_NULL + 1; kind <= GY_CELL_TEXT; kind++)
        all += kinds[kind];
    // A point in a few numbers is no fault: they are numbers all. A time among dates likewise.
    const struct {
        const char *name;
        uint64_t count;
        bool widened;
    } types[] = {
        {"integer", whole, kinds[GY_CELL_NUMBER] > 0},
        {"number", whole + kinds[GY_CELL_NUMBER], false},
        {"boolean", kinds[GY_CELL_BOOL], false},
        {"date", kinds[GY_CELL_DATE], kinds[GY_CELL_TIME] > 0},
        {"timestamp", kinds[GY_CELL_DATE] + kinds[GY_CELL_TIME], false},
    };
    *odd = 0;
    if (all == 0)
        return "";
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (!types[i].widened && types[i].count > 0 && gy_is_rare(all - types[i].count, all)) {
            *odd = all - types[i].count;
            return types[i].name;
        }
    return "string";
}
