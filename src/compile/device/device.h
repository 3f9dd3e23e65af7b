// SPDX-License-Identifier: 0BSD
#ifndef DEVICE_H
#define DEVICE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { DEVICE_READ = 1, DEVICE_WRITE = 5 }; // modes "rb" and "wb"

uint32_t device_open(const char *name, uint32_t mode);
uint32_t device_read(uint32_t file, void *bytes, uint32_t count); // how many it read
void device_write(uint32_t file, const void *bytes, uint32_t count);
void device_close(uint32_t file);
void device_exit(int code);

#endif
