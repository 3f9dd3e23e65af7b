// SPDX-License-Identifier: Apache-2.0
#include "gyre/table.h"

const char *gy_finding_kind_name(gy_finding_kind kind)
{
    switch (kind) {
    case GY_FINDING_LABEL:
        return "label";
    case GY_FINDING_OUTLIER:
        return "outlier";
    case GY_FINDING_DUPLICATE:
        return "duplicate";
    }
    return "?";
}
