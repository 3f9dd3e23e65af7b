// SPDX-License-Identifier: 0BSD
//
// Start-up of a Cortex-M4 without an operating system, and the few calls through which a program
// under an emulator or a debugger reaches the host's files (Arm semihosting).

// Else the loops of memcpy and memset below become calls of themselves.
#pragma GCC optimize("no-tree-loop-distribute-patterns")

#include "compile/device/device.h"

extern unsigned char bss_begin[], bss_end[], stack_top[];
int main(void);

static uint32_t semihost(uint32_t call, const void *arguments)
{
    register uint32_t r0 __asm__("r0") = call;
    register const void *r1 __asm__("r1") = arguments;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

uint32_t device_open(const char *name, uint32_t mode)
{
    const uint32_t arguments[3] = {(uint32_t)name, mode, (uint32_t)strlen(name)};
    return semihost(0x01, arguments);
}

uint32_t device_read(uint32_t file, void *bytes, uint32_t count)
{
    const uint32_t arguments[3] = {file, (uint32_t)bytes, count};
    return count - semihost(0x06, arguments);
}

void device_write(uint32_t file, const void *bytes, uint32_t count)
{
    const uint32_t arguments[3] = {file, (uint32_t)bytes, count};
    semihost(0x05, arguments);
}

void device_close(uint32_t file)
{
    semihost(0x02, &file);
}

void device_exit(int code)
{
    const uint32_t arguments[2] = {0x20026, (uint32_t)code}; // an application's own exit
    semihost(0x20, arguments);
    for (;;)
        continue;
}

static void fault(void)
{
    device_exit(70);
}

void reset(void)
{
    *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20; // turn the floating-point unit on
    __asm__ volatile("dsb\n\tisb");
    memset(bss_begin, 0, (size_t)(bss_end - bss_begin));
    device_exit(main());
}

__attribute__((section(".vectors"), used)) static void *const vectors[] = {
    stack_top,     (void *)reset, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault, (void *)fault};

// What compilers call by themselves; there is no C library.
void *memcpy(void *to, const void *from, size_t count)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if ((((uintptr_t)t | (uintptr_t)f) & 3u) == 0)
        for (; count >= 4; count -= 4, t += 4, f += 4)
            *(uint32_t *)(void *)t = *(const uint32_t *)(const void *)f;
    while (count-- > 0)
        *t++ = *f++;
    return to;
}

void *memset(void *to, int byte, size_t count)
{
    unsigned char *t = to;
    const uint32_t word = 0x01010101u * (unsigned char)byte;
    if (((uintptr_t)t & 3u) == 0)
        for (; count >= 4; count -= 4, t += 4)
            *(uint32_t *)(void *)t = word;
    while (count-- > 0)
        *t++ = (unsigned char)byte;
    return to;
}

void *memmove(void *to, const void *from, size_t count)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if (t <= f)
        return memcpy(to, from, count);
    while (count-- > 0)
        t[count] = f[count];
    return to;
}

int memcmp(const void *a, const void *b, size_t count)
{
    const unsigned char *x = a, *y = b;
    for (; count > 0 && *x == *y; count--, x++, y++)
        continue;
    return count == 0 ? 0 : *x - *y;
}

size_t strlen(const char *text)
{
    size_t length = 0;
    while (text[length] != '\0')
        length++;
    return length;
}
