// SPDX-License-Identifier: Apache-2.0
//
// Goal: what is sent arrives whole or not at all, in order and once. Method: an independent COBS
// encoder, every payload size around the block borders, every bit flipped, and a line that loses,
// doubles and damages frames in both directions.

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "rt/bytes.h"
#include "rt/wire.h"

enum { LARGEST = 1100, LINE_MAX = GY_WIRE_FRAME_MAX(LARGEST) };

static uint32_t seed = 1;

static uint32_t next_number(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

// COBS as in its paper: each block is a length and the bytes up to the next zero.
static size_t cobs_by_definition(uint8_t *out, const uint8_t *bytes, size_t size)
{
    size_t written = 0, at = 0;
    for (;;) {
        size_t run = 0;
        while (at + run < size && bytes[at + run] != 0 && run < 254)
            run++;
        out[written++] = (uint8_t)(run + 1);
        memcpy(out + written, bytes + at, run);
        written += run;
        at += run;
        if (run == 254)
            continue; // no zero is implied, and a block always follows
        if (at == size)
            return written;
        at++;
    }
}

static size_t receive_all(gy_wire_frame *frame, gy_wire_receiver *receiver, const uint8_t *bytes,
                          size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += gy_wire_receive(frame, receiver, bytes[i]);
    return count;
}

static void fill(uint8_t *bytes, size_t size, uint32_t zeros)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(next_number() % zeros == 0 ? 0 : next_number() % 255 + 1);
}

static void test_crc_is_the_published_one(void)
{
    CHECK(gy_crc32(0, "123456789", 9) == 0xcbf43926u);
    CHECK(gy_crc32(gy_crc32(0, "1234", 4), "56789", 5) == 0xcbf43926u);
}

static void test_every_size_arrives_and_is_cobs(void)
{
    static const uint32_t zeros[] = {1, 3, 200, UINT32_MAX};
    for (size_t kind = 0; kind < 4; kind++)
        for (size_t size = 0; size <= LARGEST; size += size < 800 ? 1 : 37) {
            uint8_t payload[LARGEST], line[LINE_MAX], buffer[LINE_MAX], plain[LINE_MAX],
                expected[LINE_MAX];
            fill(payload, size, zeros[kind]);
            size_t sent = gy_wire_write(line, sizeof(line), GY_WIRE_RESULT, 777, payload, size);
            CHECK(sent > 0 && sent <= GY_WIRE_FRAME_MAX(size));
            CHECK(memchr(line, 0, sent) == line + sent - 1);

            uint8_t *at = gy_put(gy_put(plain, GY_WIRE_RESULT << 8 | 1, 2), 777, 2);
            memcpy(at, payload, size);
            gy_put(at + size, gy_crc32(0, plain, size + 4), 4);
            size_t length = cobs_by_definition(expected, plain, size + 8);
            CHECK(length + 1 == sent && memcmp(line, expected, length) == 0);

            gy_wire_frame frame;
            gy_wire_receiver receiver = {.buffer = buffer, .capacity_bytes = sizeof(buffer)};
            CHECK(receive_all(&frame, &receiver, line, sent) == 1);
            CHECK(frame.kind == GY_WIRE_RESULT && frame.sequence == 777);
            CHECK(frame.size_bytes == size && memcmp(frame.payload, payload, size) == 0);
        }
}

static void test_no_room_is_said(void)
{
    uint8_t payload[300] = {0}, line[LINE_MAX];
    for (size_t size = 0; size <= 300; size++)
        CHECK(gy_wire_write(line, GY_WIRE_FRAME_MAX(size) - 1, GY_WIRE_INPUT, 1, payload, size) ==
              0);
    CHECK(gy_wire_write(line, SIZE_MAX, GY_WIRE_INPUT, 1, payload, GY_WIRE_PAYLOAD_MAX + 1) == 0);
}

static void test_every_flipped_bit_is_dropped_and_the_next_frame_arrives(void)
{
    uint8_t payload[40], line[LINE_MAX], buffer[LINE_MAX];
    fill(payload, sizeof(payload), 9);
    size_t sent = gy_wire_write(line, sizeof(line), GY_WIRE_INPUT, 3, payload, sizeof(payload));
    for (size_t bit = 0; bit < 8 * sent; bit++) {
        gy_wire_frame frame;
        gy_wire_receiver receiver = {.buffer = buffer, .capacity_bytes = sizeof(buffer)};
        line[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(receive_all(&frame, &receiver, line, sent) == 0);
        line[bit / 8] ^= (uint8_t)(1 << bit % 8);
        // A zero ends what the damage left open, as a sender does after a pause.
        CHECK(!gy_wire_receive(&frame, &receiver, 0));
        CHECK(receive_all(&frame, &receiver, line, sent) == 1);
        CHECK(receiver.broken >= 1 && receiver.frames == 1);
    }
}

static void test_garbage_never_overruns_the_buffer(void)
{
    uint8_t buffer[64 + 8];
    memset(buffer, 0xaa, sizeof(buffer));
    gy_wire_frame frame;
    gy_wire_receiver receiver = {.buffer = buffer, .capacity_bytes = 64};
    for (int i = 0; i < 200000; i++)
        if (gy_wire_receive(&frame, &receiver, (uint8_t)(next_number() % 60 ? next_number() : 0)))
            CHECK(frame.size_bytes <= 64);
    for (size_t i = 64; i < sizeof(buffer); i++)
        CHECK(buffer[i] == 0xaa);
    CHECK(receiver.broken > 100);
}

// One end of a bad line: what it sent last, and what it was given.
typedef struct end {
    gy_wire_link link;
    gy_wire_receiver receiver;
    uint8_t buffer[LINE_MAX], sent[LINE_MAX];
    size_t sent_bytes;
    uint32_t given;
} end;

// Carry bytes to an end over a line that loses, damages and doubles; answer what it takes.
static void carry(end *to, const uint8_t *bytes, size_t size, end *from)
{
    uint32_t luck = next_number() % 10;
    uint8_t line[LINE_MAX];
    memcpy(line, bytes, size);
    if (luck == 0)
        return;
    if (luck == 1)
        line[next_number() % size] ^= 16;
    for (int copy = luck == 2 ? 2 : 1; copy > 0; copy--)
        for (size_t i = 0; i < size; i++) {
            gy_wire_frame frame;
            if (!gy_wire_receive(&frame, &to->receiver, line[i]))
                continue;
            gy_wire_answer answer = next_number() % 8 == 0 ? GY_WIRE_BUSY : GY_WIRE_TAKEN, why;
            switch (gy_wire_link_take(&to->link, &why, &frame)) {
            case GY_WIRE_DELIVER:
                if (answer == GY_WIRE_TAKEN)
                    CHECK(gy_get(frame.payload, 4) == to->given++);
                break;
            case GY_WIRE_AGAIN:
                answer = GY_WIRE_TAKEN;
                break;
            default:
                continue;
            }
            uint8_t reply[LINE_MAX];
            size_t reply_bytes =
                gy_wire_link_answer(&to->link, reply, sizeof(reply), &frame, answer);
            carry(from, reply, reply_bytes, to);
        }
}

static void test_a_bad_line_delivers_everything_once_and_in_order(void)
{
    static end host, device;
    host.receiver = (gy_wire_receiver){.buffer = host.buffer, .capacity_bytes = LINE_MAX};
    device.receiver = (gy_wire_receiver){.buffer = device.buffer, .capacity_bytes = LINE_MAX};
    enum { FRAMES = 70000 }; // beyond the last sequence number
    uint32_t sent = 0;
    for (uint32_t tries = 0; sent < FRAMES && tries < 4 * FRAMES; tries++) {
        if (!device.link.is_waiting && sent < FRAMES) {
            uint8_t payload[GY_WIRE_HELLO_BYTES] = {0};
            gy_put(payload, sent++, 4);
            device.sent_bytes = gy_wire_link_send(&device.link, device.sent, sizeof(device.sent),
                                                  sent == 1 ? GY_WIRE_HELLO : GY_WIRE_SKETCH,
                                                  payload, sizeof(payload));
            CHECK(device.sent_bytes > 0);
            CHECK(gy_wire_link_send(&device.link, host.sent, LINE_MAX, GY_WIRE_SKETCH, payload,
                                    4) == 0);
        }
        carry(&host, device.sent, device.sent_bytes, &device);
    }
    for (int i = 0; i < 200 && device.link.is_waiting; i++)
        carry(&host, device.sent, device.sent_bytes, &device);
    CHECK(sent == FRAMES && host.given == FRAMES);
}

static void test_parts_make_the_message(void)
{
    uint8_t bytes[500], whole[500], payload[64 + GY_WIRE_PART_BYTES];
    fill(bytes, sizeof(bytes), 5);
    for (uint32_t step = 1; step <= 64; step++) {
        gy_wire_message message = {.buffer = whole, .capacity_bytes = sizeof(whole)};
        gy_wire_progress progress = GY_WIRE_MORE;
        for (uint32_t at = 0; at < sizeof(bytes); at += step) {
            uint32_t rest = (uint32_t)sizeof(bytes) - at;
            gy_wire_part part = {step, at, sizeof(bytes), bytes + at, rest < step ? rest : step},
                         read;
            gy_wire_frame frame = {.payload = payload};
            frame.size_bytes = gy_wire_part_write(payload, sizeof(payload), &part);
            CHECK(progress == GY_WIRE_MORE && gy_wire_part_read(&read, &frame));
            progress = gy_wire_message_add(&message, &read);
        }
        CHECK(progress == GY_WIRE_WHOLE && memcmp(whole, bytes, sizeof(bytes)) == 0);
    }
}

static void test_parts_out_of_order_or_out_of_bounds_are_dropped(void)
{
    uint8_t bytes[100] = {0}, whole[100];
    gy_wire_message message = {.buffer = whole, .capacity_bytes = sizeof(whole)};
    gy_wire_part first = {1, 0, 100, bytes, 40}, second = {1, 40, 100, bytes, 40},
                 last = {1, 80, 100, bytes, 20}, other = {2, 40, 100, bytes, 40},
                 large = {1, 0, 101, bytes, 40};
    CHECK(gy_wire_message_add(&message, &second) == GY_WIRE_OUT_OF_ORDER);
    CHECK(gy_wire_message_add(&message, &first) == GY_WIRE_MORE);
    CHECK(gy_wire_message_add(&message, &last) == GY_WIRE_OUT_OF_ORDER);
    CHECK(gy_wire_message_add(&message, &second) == GY_WIRE_OUT_OF_ORDER);
    CHECK(gy_wire_message_add(&message, &first) == GY_WIRE_MORE);
    CHECK(gy_wire_message_add(&message, &other) == GY_WIRE_OUT_OF_ORDER);
    CHECK(gy_wire_message_add(&message, &large) == GY_WIRE_TOO_LARGE);

    uint8_t payload[GY_WIRE_PART_BYTES + 1];
    gy_wire_frame frame = {.payload = payload, .size_bytes = sizeof(payload)};
    gy_wire_part read;
    gy_put(gy_put(gy_put(payload, 1, 4), 100, 4), 100, 4);
    CHECK(!gy_wire_part_read(&read, &frame));
    gy_put(payload + 4, 0xffffffffu, 4);
    CHECK(!gy_wire_part_read(&read, &frame));
    gy_put(payload + 4, 99, 4);
    CHECK(gy_wire_part_read(&read, &frame));
    frame.size_bytes = GY_WIRE_PART_BYTES - 1;
    CHECK(!gy_wire_part_read(&read, &frame));
}

static void test_heads_read_back(void)
{
    gy_wire_hello hello = {.nonce = 0x1122334455667788u, .counter = 9, .input_bytes = 784}, got;
    hello.output_bytes = 40;
    hello.features = 26;
    hello.payload_bytes = 1024;
    memset(hello.device, 3, sizeof(hello.device));
    memset(hello.model, 4, sizeof(hello.model));
    uint8_t bytes[GY_WIRE_HELLO_BYTES];
    gy_wire_hello_write(bytes, &hello);
    gy_wire_frame frame = {.kind = GY_WIRE_HELLO, .payload = bytes, .size_bytes = sizeof(bytes)};
    memset(&got, 0, sizeof(got));
    CHECK(gy_wire_hello_read(&got, &frame) && memcmp(&got, &hello, sizeof(got)) == 0);
    frame.size_bytes--;
    CHECK(!gy_wire_hello_read(&got, &frame));

    gy_wire_sample sample = {.number = 5, .score = 0.25f, .reason = 2, .dtype = 4, .label = 7},
                   back;
    memset(sample.id, 8, sizeof(sample.id));
    uint8_t head[GY_WIRE_SAMPLE_BYTES];
    gy_wire_sample_write(head, &sample);
    memset(&back, 0, sizeof(back));
    gy_wire_sample_read(&back, head);
    CHECK(memcmp(&back, &sample, sizeof(back)) == 0);
}

// Frames of version 1, as another program wrote them: each arrives, and is written to the same
// bytes.
static void test_the_frames_of_version_1_still_arrive(void)
{
    static const uint8_t kinds[] = {GY_WIRE_HELLO, GY_WIRE_INPUT, GY_WIRE_INPUT,
                                    GY_WIRE_ACKNOWLEDGE, GY_WIRE_SAMPLE};
    uint8_t line[1024], buffer[LINE_MAX], again[LINE_MAX];
    FILE *file = fopen("tests/data/formats/wire-1.bin", "rb");
    CHECK(file != NULL);
    if (file == NULL)
        return;
    size_t size = fread(line, 1, sizeof(line), file), count = 0, start = 0;
    (void)fclose(file);
    gy_wire_receiver receiver = {.buffer = buffer, .capacity_bytes = sizeof(buffer)};
    gy_wire_frame frame;
    for (size_t i = 0; i < size; i++) {
        if (!gy_wire_receive(&frame, &receiver, line[i]))
            continue;
        CHECK(count < sizeof(kinds) && frame.kind == kinds[count]);
        count++;
        size_t used = gy_wire_write(again, sizeof(again), (gy_wire_kind)frame.kind, frame.sequence,
                                    frame.payload, frame.size_bytes);
        CHECK(used == i + 1 - start && memcmp(again, line + start, used) == 0);
        start = i + 1;
    }
    CHECK(count == sizeof(kinds) && receiver.broken == 0);
}

static void test_a_frame_of_another_version_is_dropped(void)
{
    for (uint8_t version = 0; version < 4; version++) {
        uint8_t frame[20] = {version, GY_WIRE_INPUT, 7, 0, 1, 2, 3}, line[40], buffer[LINE_MAX];
        gy_wire_receiver receiver = {.buffer = buffer, .capacity_bytes = sizeof(buffer)};
        gy_wire_frame got;
        gy_put(frame + 7, gy_crc32(0, frame, 7), 4);
        size_t size = cobs_by_definition(line, frame, 11);
        line[size++] = 0;
        CHECK(receive_all(&got, &receiver, line, size) == (version == GY_WIRE_VERSION));
        CHECK(receiver.broken == (version != GY_WIRE_VERSION));
        size = gy_wire_write(line, sizeof(line), GY_WIRE_INPUT, 8, frame, 3);
        CHECK(receive_all(&got, &receiver, line, size) == 1 && got.sequence == 8);
    }
}

int main(void)
{
    RUN(test_crc_is_the_published_one);
    RUN(test_every_size_arrives_and_is_cobs);
    RUN(test_no_room_is_said);
    RUN(test_every_flipped_bit_is_dropped_and_the_next_frame_arrives);
    RUN(test_garbage_never_overruns_the_buffer);
    RUN(test_a_bad_line_delivers_everything_once_and_in_order);
    RUN(test_parts_make_the_message);
    RUN(test_parts_out_of_order_or_out_of_bounds_are_dropped);
    RUN(test_heads_read_back);
    RUN(test_the_frames_of_version_1_still_arrive);
    RUN(test_a_frame_of_another_version_is_dropped);
    return check_done();
}
