// SPDX-License-Identifier: Apache-2.0
//
// Files that an untrusted document names: opened only below a folder, through no link.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"

int gy_io_open_beneath(int folder, const char *path)
{
    if (gy_fault_io())
        return -1;
    // O_NONBLOCK: a pipe in place of the file must not hold us; regular files ignore it.
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                           .resolve =
                               RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
}
