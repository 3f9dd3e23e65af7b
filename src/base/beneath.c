// SPDX-License-Identifier: Apache-2.0
//
// Files that an untrusted document names: opened only below a folder.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"

enum { TRIES_MAX = 100 };

int gy_io_open_beneath(int folder, const char *path, bool links)
{
    if (gy_fault_io())
        return -1;
    // O_NONBLOCK: a pipe in place of the file must not hold us; regular files ignore it.
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS |
                                      (links ? 0 : RESOLVE_NO_SYMLINKS)};
    // EAGAIN: something was renamed meanwhile, and a '..' might have led out.
    int file = -1;
    for (int tries = 0; tries < TRIES_MAX && (tries == 0 || errno == EAGAIN) && file < 0; tries++)
        file = (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
    return file;
}
