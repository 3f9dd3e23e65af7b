// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_BASE_TEXT_H
#define GYRE_BASE_TEXT_H

#include <stdarg.h>

#include "gyre/base.h"

/** gy_text_add for a function that is called like it. */
void gy_text_add_args(gy_text *text, const char *format, va_list args) GY_PRINTF(2, 0);

#endif
