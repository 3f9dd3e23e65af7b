// SPDX-License-Identifier: Apache-2.0
//
// Bytes from a line: a frame that comes whole must be written back and received as the same frame.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rt/wire.h"

enum { BUFFER_BYTES = 2048 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check_again(const gy_wire_frame *frame)
{
    uint8_t line[GY_WIRE_FRAME_MAX(BUFFER_BYTES)], buffer[sizeof(line)];
    gy_wire_receiver receiver = {.buffer = buffer, .capacity_bytes = sizeof(buffer)};
    size_t size = gy_wire_write(line, sizeof(line), (gy_wire_kind)frame->kind, frame->sequence,
                                frame->payload, frame->size_bytes);
    require(size > 0);
    for (size_t i = 0; i < size; i++) {
        gy_wire_frame again;
        if (!gy_wire_receive(&again, &receiver, line[i]))
            continue;
        require(i == size - 1 && again.kind == frame->kind && again.sequence == frame->sequence);
        require(again.size_bytes == frame->size_bytes);
        require(memcmp(again.payload, frame->payload, frame->size_bytes) == 0);
    }
    require(receiver.frames == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    uint8_t buffer[BUFFER_BYTES], reply[64], whole[512];
    gy_wire_receiver receiver = {.buffer = buffer, .capacity_bytes = sizeof(buffer)};
    gy_wire_message message = {.buffer = whole, .capacity_bytes = sizeof(whole)};
    gy_wire_link link = {0};
    for (size_t i = 0; i < size_bytes; i++) {
        gy_wire_frame frame;
        gy_wire_part part;
        if (!gy_wire_receive(&frame, &receiver, bytes[i]))
            continue;
        if (gy_wire_link_take(&link, NULL, &frame) == GY_WIRE_DELIVER) {
            if (gy_wire_part_read(&part, &frame))
                (void)gy_wire_message_add(&message, &part);
            require(gy_wire_link_answer(&link, reply, sizeof(reply), &frame, GY_WIRE_TAKEN) > 0);
        }
        check_again(&frame);
    }
    return 0;
}
