// SPDX-License-Identifier: Apache-2.0
//
// Regular expressions in linear time: no back-tracking, so that no pattern and no value can make a
// check hang.
#ifndef GYRE_QUALITY_PATTERN_H
#define GYRE_QUALITY_PATTERN_H

#include "gyre/base.h"

typedef struct gy_pattern gy_pattern;

/**
 * Compile a pattern: ECMA-262's without what needs memory of the past: literals, `.`, classes,
 * `\d \w \s` and their opposites, groups, `|`, `* + ? {m,n}`, `^` at the start and `$` at the end.
 * It is looked for anywhere in a value unless anchored. Characters are UTF-8.
 * @return GY_OK; GY_FORMAT: not a pattern; GY_UNSUPPORTED: look-around, back references, a `^` or
 * `$` elsewhere; GY_LIMIT: over 20,000 states. err names the place.
 */
gy_status gy_pattern_compile(gy_pattern **pattern, const char *text, gy_arena *arena,
                             gy_error *err) GY_CHECKED;

/** Whether the value matches. Not thread-safe: states are made as they are met. */
bool gy_pattern_matches(gy_pattern *pattern, const char *value, size_t length);

enum { GY_PATTERN_LANES = 4 };

/** The same of four values at once, in half the time: one waits for memory while the others run. */
void gy_pattern_matches_four(bool matches[GY_PATTERN_LANES], gy_pattern *pattern,
                             const char *const values[GY_PATTERN_LANES],
                             const size_t lengths[GY_PATTERN_LANES]);

#endif
