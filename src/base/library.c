// SPDX-License-Identifier: Apache-2.0
//
// Foreign libraries are opened by their doors on first use: `gyre status` starts without them, and
// a machine that lacks one loses only what needs it.

#define _GNU_SOURCE
#include "base/library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

const char *gy_library_folder(void)
{
    static char folder[4096];
    Dl_info info;
    if (folder[0] != '\0' || dladdr((const void *)(uintptr_t)&gy_library_folder, &info) == 0 ||
        info.dli_fname == NULL)
        return folder;
    const char *slash = strrchr(info.dli_fname, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - info.dli_fname) + 1;
    if (length < sizeof(folder))
        memcpy(folder, info.dli_fname, length);
    return folder;
}

gy_status gy_library_open(const char *file, const char *package, const gy_library_symbol *symbols,
                          size_t count, gy_error *err)
{
    char beside[4200];
    snprintf(beside, sizeof(beside), "%s%s", gy_library_folder(), file);
    void *handle = dlopen(beside, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        return gy_fail(err, GY_UNSUPPORTED, "cannot open the library '%s' (to get it: %s)", file,
                       package);
    for (size_t i = 0; i < count; i++) {
        *symbols[i].address = dlsym(handle, symbols[i].name);
        if (*symbols[i].address == NULL)
            return gy_fail(err, GY_UNSUPPORTED,
                           "the library '%s' has no '%s' (to get one that has: %s)", file,
                           symbols[i].name, package);
    }
    return GY_OK;
}
