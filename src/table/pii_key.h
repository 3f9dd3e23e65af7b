// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_TABLE_PII_KEY_H
#define GYRE_TABLE_PII_KEY_H

#include "gyre/base.h"

/**
 * The project's key for personal data: 32 random bytes in .gyre/pii.key, made when first asked for,
 * readable by its owner alone. Without it an id of few possible values could be guessed back.
 * @param folder where the table is: the project is the one around it.
 * @return GY_OK; GY_NOT_FOUND: no project; GY_FORMAT: not a key; GY_IO.
 */
gy_status gy_pii_key(const uint8_t **key, const char *folder, gy_arena *arena,
                     gy_error *err) GY_CHECKED;

#endif
