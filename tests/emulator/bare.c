// SPDX-License-Identifier: Apache-2.0
//
// What a program without operating system needs of C's library: it writes to the first serial port,
// and ends by asking the emulator for it. Compiled without AVX.

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { SERIAL = 0x3f8, SERIAL_MODE = 0x3fb, SERIAL_STATE = 0x3fd, END = 0x8900 };
const char *gyre_cpu; // what the environment's GYRE_CPU is
int main(void);
void start(void);

static void out(unsigned short port, int byte)
{
    __asm__ volatile("outb %b0, %1" : : "a"(byte), "Nd"(port));
}

static int in(unsigned short port)
{
    unsigned char byte;
    __asm__ volatile("inb %1, %0" : "=a"(byte) : "Nd"(port));
    return byte;
}

int putchar(int c)
{
    while ((in(SERIAL_STATE) & 0x20) == 0)
        continue;
    out(SERIAL, c);
    return c;
}

static void put(const char *text)
{
    while (*text != '\0')
        putchar(*text++);
}

int puts(const char *text)
{
    put(text);
    return putchar('\n');
}

static void put_number(unsigned number)
{
    if (number > 9)
        put_number(number / 10);
    putchar((int)('0' + number % 10));
}

// %s and %d of numbers that are not negative.
int printf(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    for (; *format != '\0'; format++)
        if (*format != '%')
            putchar(*format);
        else if (*++format == 's')
            put(va_arg(list, const char *));
        else
            put_number(va_arg(list, unsigned));
    va_end(list);
    return 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    void *start_of = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
    return start_of;
}

void *memset(void *to, int byte, size_t n)
{
    void *start_of = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(byte) : "memory");
    return start_of;
}

void *memmove(void *to, const void *from, size_t n)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if (t < f)
        return memcpy(to, from, n); // byte by byte, upwards
    while (n-- > 0)
        t[n] = f[n];
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (((const unsigned char *)a)[i] != ((const unsigned char *)b)[i])
            return ((const unsigned char *)a)[i] - ((const unsigned char *)b)[i];
    return 0;
}

int strcmp(const char *a, const char *b)
{
    for (; *a != '\0' && *a == *b; a++)
        b++;
    return (unsigned char)*a - (unsigned char)*b;
}

char *getenv(const char *name)
{
    (void)name;
    return (char *)gyre_cpu;
}

float rintf(float x)
{
    __asm__("roundss $4, %0, %0" : "+x"(x));
    return x;
}

float fmaxf(float a, float b)
{
    return a > b ? a : b;
}

__attribute__((section(".start"))) void start(void)
{
    out(SERIAL_MODE, 3);
    __builtin_cpu_init();
    printf("exit %d\n", main());
    while ((in(SERIAL_STATE) & 0x40) == 0) // until all is sent
        continue;
    for (const char *end = "Shutdown"; *end != '\0'; end++)
        out(END, *end);
    for (;;)
        __asm__("hlt");
}
