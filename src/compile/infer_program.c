// SPDX-License-Identifier: Apache-2.0
//
// A compiled model as a program of its own that reads samples from a file and writes what it
// computes: strict C on this machine, aarch64 under qemu-aarch64, a Cortex-M4 under
// qemu-system-arm.

#include "compile/infer_program.h"

#include <string.h>

#include "base/file.h"
#include "compile/build.h"
#include "compile/folder.h"
#include "compile/texts.h"
#include "compile/tool.h"

enum { RUN_SECONDS_MAX = 600, INSTRUCTIONS_A_TICK = 40 };

/** How a target's programs are built and run. */
typedef struct runner {
    const char *target, *flags, *sources, *run;
} runner;

static const runner *find_runner(const char *target)
{
    static const runner runners[] = {
        {"generic", "-std=c11 -O2", "main_linux.c", "./run"},
        {"aarch64", "-std=gnu11 -O3 -ffp-contract=off -static", "main_linux.c",
         "qemu-aarch64 ./run"},
        {"cortex-m4",
         "-std=gnu11 -O3 -ffp-contract=off -ffunction-sections -fdata-sections -nostdlib "
         "-Wl,--gc-sections -T link.ld",
         "start.c main_device.c",
         "qemu-system-arm -M mps2-an386 -display none -monitor none -serial none "
         "-semihosting-config enable=on,target=native -icount shift=0 -kernel run"},
    };
    for (size_t i = 0; i < sizeof(runners) / sizeof(runners[0]); i++)
        if (strcmp(runners[i].target, target) == 0)
            return &runners[i];
    return NULL;
}

// Ports lie one after the other, each at a multiple of 8 bytes.
static size_t port_bytes(const gy_port *port)
{
    return (port->count * gy_dtype_size(port->dtype) + 7) / 8 * 8;
}

static size_t ports_bytes(const gy_port *ports, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += port_bytes(&ports[i]);
    return total;
}

static gy_status write_text(const char *folder, const char *name, const char *text,
                            const gy_infer_job *job, gy_error *err)
{
    gy_folder place = {.draft = folder};
    return gy_folder_write(&place, name, text, strlen(text), job->arena, err);
}

static gy_status write_inputs(const char *folder, const gy_infer_job *job, gy_error *err)
{
    static const char zeros[8];
    gy_text bytes = {0};
    for (size_t call = 0; call < job->calls; call++)
        for (size_t i = 0; i < job->input_count; i++) {
            const gy_port *port = &job->inputs[i];
            size_t size = port->count * gy_dtype_size(port->dtype);
            gy_text_append(&bytes, (const char *)job->input_data[i] + call * size, size);
            gy_text_append(&bytes, zeros, port_bytes(port) - size);
        }
    gy_folder place = {.draft = folder};
    gy_status status =
        bytes.status != GY_OK
            ? gy_fail(err, GY_NO_MEMORY, "no memory for the inputs of %zu calls", job->calls)
            : gy_folder_write(&place, "in.bin", bytes.length == 0 ? "" : bytes.bytes, bytes.length,
                              job->arena, err);
    gy_text_release(&bytes);
    return status;
}

static gy_status build(const runner *how, const char *folder, const gy_compile_report *report,
                       const gy_infer_job *job, gy_error *err)
{
    const gy_target *target;
    gy_tool tool = {0};
    gy_text output = {0};
    GY_TRY(gy_target_find(&target, how->target, err));
    GY_TRY(gy_tool_add_words(&tool, gy_build_compiler(target), job->arena, err));
    GY_TRY(gy_tool_add_words(&tool, target->flags, job->arena, err));
    GY_TRY(gy_tool_add_words(&tool, how->flags, job->arena, err));
    char *words = gy_arena_format(
        job->arena,
        "-w -Iprogram -DMODEL=program_model -DCALLS=%zu -DINPUT_BYTES=%zu -DOUTPUT_BYTES=%zu "
        "-DARENA_BYTES=%zu -o run",
        job->calls, ports_bytes(job->inputs, job->input_count),
        ports_bytes(job->outputs, job->output_count), report->arena_bytes);
    if (words == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a command line");
    GY_TRY(gy_tool_add_words(&tool, words, job->arena, err));
    GY_TRY(gy_tool_add_words(&tool, how->sources, job->arena, err));
    gy_tool_add(&tool, "program/program.c");
    char *assembly = gy_arena_format(job->arena, "%s/program/program_weights.S", folder);
    if (assembly != NULL && gy_file_exists(assembly)) {
        gy_tool_add(&tool, "-Wa,-Iprogram");
        gy_tool_add(&tool, "program/program_weights.S");
    }
    gy_tool_add(&tool, "-lgcc");
    gy_status status = gy_tool_run(&output, &tool, folder, RUN_SECONDS_MAX, err);
    gy_text_release(&output);
    return status;
}

// ---- what it left

static gy_status read_outputs(const char *folder, const gy_infer_job *job, gy_error *err)
{
    char *path = gy_arena_format(job->arena, "%s/out.bin", folder), *bytes;
    size_t size_bytes, call_bytes = ports_bytes(job->outputs, job->output_count);
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    GY_TRY(gy_file_read(&bytes, &size_bytes, path, SIZE_MAX / 2, job->arena, err));
    if (size_bytes != call_bytes * job->calls)
        return gy_fail(err, GY_IO, "the program for %s wrote %zu bytes, not %zu",
                       job->options->target, size_bytes, call_bytes * job->calls);
    for (size_t call = 0; call < job->calls; call++)
        for (size_t i = 0; i < job->output_count; i++) {
            size_t size = job->outputs[i].count * gy_dtype_size(job->outputs[i].dtype);
            memcpy((char *)job->output_data[i] + call * size, bytes, size);
            bytes += port_bytes(&job->outputs[i]);
        }
    return GY_OK;
}

// What a device counted: samples, ticks_min, ticks_max, stack_bytes, arena_bytes.
static gy_status read_counts(const char *folder, const gy_infer_job *job, gy_error *err)
{
    char *path = gy_arena_format(job->arena, "%s/run.bin", folder), *bytes;
    size_t size_bytes;
    uint32_t counts[5];
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    if (!gy_file_exists(path))
        return GY_OK;
    GY_TRY(gy_file_read(&bytes, &size_bytes, path, 4096, job->arena, err));
    if (size_bytes < sizeof(counts))
        return gy_fail(err, GY_IO, "the program for %s wrote %zu bytes of counts",
                       job->options->target, size_bytes);
    memcpy(counts, bytes, sizeof(counts));
    job->counts->instructions_min = (size_t)counts[1] * INSTRUCTIONS_A_TICK;
    job->counts->instructions_max = (size_t)counts[2] * INSTRUCTIONS_A_TICK;
    job->counts->stack_bytes = counts[3];
    job->counts->arena_bytes = counts[4];
    return GY_OK;
}

static uint32_t word_at(const char *bytes, size_t at)
{
    uint32_t word;
    memcpy(&word, bytes + at, sizeof(word));
    return word;
}

// Bytes of a 32-bit ELF program that stand in flash: code, constants, start-up.
static gy_status read_flash(const char *folder, const gy_infer_job *job, gy_error *err)
{
    char *path = gy_arena_format(job->arena, "%s/run", folder), *bytes;
    size_t size_bytes;
    if (path == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a path");
    GY_TRY(gy_file_read(&bytes, &size_bytes, path, SIZE_MAX / 2, job->arena, err));
    if (size_bytes < 52 || bytes[4] != 1)
        return GY_OK; // a host's: not counted
    size_t table = word_at(bytes, 32), rows = word_at(bytes, 48) & 0xffff;
    for (size_t i = 0; i < rows && table + 40 * (i + 1) <= size_bytes; i++) {
        const char *row = bytes + table + 40 * i;
        bool has_bits = word_at(row, 4) != 8, is_loaded = (word_at(row, 8) & 2) != 0;
        if (has_bits && is_loaded)
            job->counts->flash_bytes += word_at(row, 20);
    }
    return GY_OK;
}

static gy_status run_program(const runner *how, const char *folder, const gy_infer_job *job,
                             gy_error *err)
{
    gy_compile_report report;
    gy_tool tool = {0};
    gy_text output = {0};
    GY_TRY(gy_infer_compile(&report, job, folder, NULL, err));
    GY_TRY(write_text(folder, "start.c", gy_source_start_c, job, err));
    GY_TRY(write_text(folder, "device.h", gy_source_device, job, err));
    GY_TRY(write_text(folder, "main_device.c", gy_source_main_device_c, job, err));
    GY_TRY(write_text(folder, "main_linux.c", gy_source_main_linux_c, job, err));
    GY_TRY(write_text(folder, "link.ld", gy_source_link_ld, job, err));
    GY_TRY(write_inputs(folder, job, err));
    GY_TRY(build(how, folder, &report, job, err));
    GY_TRY(gy_tool_add_words(&tool, how->run, job->arena, err));
    gy_status status = gy_tool_run(&output, &tool, folder, RUN_SECONDS_MAX, err);
    gy_text_release(&output);
    if (status == GY_OK)
        status = read_outputs(folder, job, err);
    if (status == GY_OK)
        status = read_counts(folder, job, err);
    if (status == GY_OK)
        status = read_flash(folder, job, err);
    job->counts->kernels = how->target;
    return status;
}

gy_status gy_infer_program(const gy_infer_job *job, gy_error *err)
{
    const gy_target *target;
    gy_scratch folder;
    GY_TRY(gy_target_find(&target, job->options->target, err));
    const runner *how = find_runner(target->name);
    if (how == NULL)
        return gy_fail(err, GY_UNSUPPORTED, "no way to run programs for '%s'", target->name);
    GY_TRY(gy_scratch_open(&folder, job->arena, err));
    gy_status status = run_program(how, folder.path, job, err);
    gy_scratch_close(&folder);
    return status;
}
