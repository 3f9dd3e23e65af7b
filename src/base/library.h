// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_BASE_LIBRARY_H
#define GYRE_BASE_LIBRARY_H

#include "gyre/base.h"

/** One function of a foreign library: its name, and the function pointer that its door keeps. */
typedef struct gy_library_symbol {
    const char *name;
    void **address; // [out]
} gy_library_symbol;

/**
 * Open a foreign library on first use and fill its door's function pointers. Looked for beside
 * libgyre itself, then where the system looks. Stays open until the process ends.
 *
 * @param file    as in "libzstd.so.1".
 * @param package how to get it, for the message: "apt install libzstd1".
 * @return GY_OK; GY_UNSUPPORTED: not there, or without a symbol; err says how to get it.
 * Thread-safe when each door calls it under its own once-flag.
 */
gy_status gy_library_open(const char *file, const char *package, const gy_library_symbol *symbols,
                          size_t count, gy_error *err) GY_CHECKED;

/** The folder that libgyre was loaded from, with a final slash. Static storage; "" if unknown. */
const char *gy_library_folder(void);

#endif
