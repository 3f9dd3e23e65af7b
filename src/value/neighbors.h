// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_VALUE_NEIGHBORS_H
#define GYRE_VALUE_NEIGHBORS_H

#include "gyre/value.h"

/** GY_INVALID if there are none, or a feature is not finite or over 1e15. role names the samples in
 * the message. */
gy_status gy_samples_check(const gy_samples *samples, const char *role, gy_error *err) GY_CHECKED;

#endif
