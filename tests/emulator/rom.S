# SPDX-License-Identifier: Apache-2.0
#
# The whole ROM of an x86 machine: from reset to 64 bits with AVX-512 switched on, then to the program in
# memory at 2 MB (link.ld). No BIOS, no operating system.
    .code16
    .section .text
    .globl rom
rom:
real:
    cli
    lgdtl %cs:(gdt_at - rom)
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl $8, $(0xffff0000 + protected - rom)
    .code32
protected:
    movw $16, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    # Bochs gives blocks of 128 kB their memory in the order in which they are touched, and has read
    # the program as one piece: touch all of it first.
    movl $0x200000, %eax
touch:
    movb (%eax), %bl
    addl $0x20000, %eax
    cmpl $0x1000000, %eax
    jb touch
    movl $0x2003, 0x1000
    movl $0, 0x1004
    movl $0x83, 0x2000          # 1 GB pages: memory, and the one that holds this
    movl $0, 0x2004
    movl $0xc0000083, 0x2018
    movl $0, 0x201c
    movl $0x1000, %eax
    movl %eax, %cr3
    movl $0x40620, %eax         # PAE, OSFXSR, OSXMMEXCPT, OSXSAVE
    movl %eax, %cr4
    movl $0xc0000080, %ecx
    rdmsr
    orl $0x100, %eax
    wrmsr
    movl $0x80000033, %eax
    movl %eax, %cr0
    ljmpl $24, $(0xffff0000 + long - rom)
    .code64
long:
    xorl %ecx, %ecx
    movl $0xe7, %eax
    xorl %edx, %edx
    xsetbv
    movl $0x7fffff8, %esp      # as after a call
    movl $0x200000, %eax
    jmp *%rax
    .balign 8
gdt:
    .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff
gdt_at:
    .word 31
    .long 0xffff0000 + gdt - rom
    .org 0xfff0
    .code16
    jmp real
    .org 0x10000
