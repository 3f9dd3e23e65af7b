// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_BASE_UTF8_H
#define GYRE_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/** Length of the well-formed UTF-8 sequence at bytes (Unicode 15, table 3-7); 0: there is none. */
size_t gy_utf8_length(const unsigned char *bytes, size_t left);

/** Write a code point (not a surrogate, at most 0x10ffff). @return bytes written, 1 to 4. */
size_t gy_utf8_write(char *bytes, uint32_t code_point);

#endif
