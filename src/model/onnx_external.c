// SPDX-License-Identifier: Apache-2.0
//
// Weights in files beside a model. A model is an untrusted file: what it names is opened only below
// its own folder, through no link, and only if it is a regular file.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/onnx.h"

static int open_folder(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    if (length >= sizeof(folder)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (slash == NULL)
        memcpy(folder, ".", 2);
    else if (length == 0)
        memcpy(folder, "/", 2);
    else {
        memcpy(folder, path, length);
        folder[length] = '\0';
    }
    return gy_io_open(folder, O_RDONLY | O_DIRECTORY, 0);
}

static gy_status map_file(gy_external *external, int file, gy_error *err)
{
    struct stat about;
    if (fstat(file, &about) != 0)
        return gy_fail(err, GY_IO, "cannot read external data '%s': %s", external->location,
                       strerror(errno));
    if (!S_ISREG(about.st_mode))
        return gy_fail(err, GY_FORMAT, "external data '%s' is not a regular file",
                       external->location);
    external->size_bytes = (size_t)about.st_size;
    external->bytes = (const unsigned char *)"";
    if (external->size_bytes == 0)
        return GY_OK;
    void *bytes = mmap(NULL, external->size_bytes, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED)
        return gy_fail(err, GY_IO, "cannot map external data '%s': %s", external->location,
                       strerror(errno));
    external->bytes = bytes;
    return GY_OK;
}

static gy_status open_external(gy_external *external, gy_model *model, gy_error *err)
{
    gy_status status;
    int folder = open_folder(model->path), file = -1;
    if (folder >= 0)
        file = gy_io_open_beneath(folder, external->location, false);
    if (file >= 0)
        status = map_file(external, file, err);
    else if (errno == EXDEV || errno == ELOOP)
        status = gy_fail(err, GY_FORMAT,
                         "external data '%s' is a link or lies outside of the model's folder",
                         external->location);
    else
        status = gy_fail(err, errno == ENOENT ? GY_NOT_FOUND : GY_IO,
                         "cannot open external data '%s' of '%s': %s", external->location,
                         model->path, strerror(errno));
    if (file >= 0)
        close(file);
    if (folder >= 0)
        close(folder);
    return status;
}

gy_status gy_onnx_external_bytes(const unsigned char **bytes, size_t *size_bytes,
                                 const gy_onnx_external *wanted, gy_model *model, gy_error *err)
{
    if (wanted->location == NULL || wanted->location[0] == '\0')
        return gy_fail(err, GY_FORMAT, "external data without a location");
    gy_external *external = model->externals;
    while (external != NULL && strcmp(external->location, wanted->location) != 0)
        external = external->next;
    if (external == NULL) {
        external = GY_NEW(model->arena, gy_external, 1);
        if (external == NULL)
            return gy_fail(err, GY_NO_MEMORY, "no memory to open external data");
        external->location = wanted->location;
        GY_TRY(open_external(external, model, err));
        external->next = model->externals;
        model->externals = external;
    }
    size_t length = wanted->length_bytes;
    if (wanted->offset_bytes > external->size_bytes)
        length = SIZE_MAX;
    else if (!wanted->has_length)
        length = external->size_bytes - wanted->offset_bytes;
    if (wanted->offset_bytes > external->size_bytes ||
        length > external->size_bytes - wanted->offset_bytes)
        return gy_fail(
            err, GY_FORMAT, "external data '%s' has %zu bytes, the model asks for %zu from %zu",
            external->location, external->size_bytes, wanted->length_bytes, wanted->offset_bytes);
    *bytes = external->bytes + wanted->offset_bytes;
    *size_bytes = length;
    return GY_OK;
}

void gy_onnx_externals_close(gy_model *model)
{
    for (gy_external *external = model->externals; external != NULL; external = external->next)
        if (external->size_bytes > 0)
            munmap((void *)(uintptr_t)external->bytes, external->size_bytes);
    model->externals = NULL;
}
