// SPDX-License-Identifier: 0BSD
//
// Frames out and in. Writing goes straight into COBS, so that it needs no second buffer; reading
// decodes in place once the zero has come.

#include "rt/wire.h"
#include "rt/bytes.h"

// A block of COBS being written: code is where its length goes, once it is known.
typedef struct encoder {
    uint8_t *at, *code;
} encoder;

static void put_byte(encoder *out, uint8_t byte)
{
    if (byte != 0)
        *out->at++ = byte;
    if (byte == 0 || out->at - out->code == 255) {
        *out->code = (uint8_t)(out->at - out->code);
        out->code = out->at++;
    }
}

static void put_bytes(encoder *out, const uint8_t *bytes, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i++)
        put_byte(out, bytes[i]);
}

size_t gy_wire_write(uint8_t *bytes, size_t capacity_bytes, gy_wire_kind kind, uint16_t sequence,
                     const uint8_t *payload, size_t size_bytes)
{
    if (size_bytes > GY_WIRE_PAYLOAD_MAX || capacity_bytes < GY_WIRE_FRAME_MAX(size_bytes))
        return 0;
    uint8_t head[GY_WIRE_HEAD_BYTES] = {GY_WIRE_VERSION, (uint8_t)kind};
    uint8_t tail[GY_WIRE_TAIL_BYTES];
    gy_put(head + 2, sequence, 2);
    uint32_t crc = gy_crc32(0, head, sizeof(head));
    gy_put(tail, gy_crc32(crc, payload, size_bytes), sizeof(tail));

    encoder out = {.at = bytes + 1, .code = bytes};
    put_bytes(&out, head, sizeof(head));
    put_bytes(&out, payload, size_bytes);
    put_bytes(&out, tail, sizeof(tail));
    *out.code = (uint8_t)(out.at - out.code);
    *out.at++ = 0;
    return (size_t)(out.at - bytes);
}

// Undo COBS in place. Returns the decoded size; 0: a block reaches beyond the end.
static size_t decode(uint8_t *bytes, size_t size_bytes)
{
    size_t from = 0, to = 0;
    while (from < size_bytes) {
        size_t code = bytes[from++];
        if (code - 1 > size_bytes - from)
            return 0;
        memmove(bytes + to, bytes + from, code - 1);
        to += code - 1;
        from += code - 1;
        if (code < 255 && from < size_bytes)
            bytes[to++] = 0;
    }
    return to;
}

static bool read_frame(gy_wire_frame *frame, uint8_t *bytes, size_t size_bytes)
{
    size_t size = decode(bytes, size_bytes);
    if (size < GY_WIRE_HEAD_BYTES + GY_WIRE_TAIL_BYTES || bytes[0] != GY_WIRE_VERSION)
        return false;
    size -= GY_WIRE_TAIL_BYTES;
    if (gy_get(bytes + size, GY_WIRE_TAIL_BYTES) != gy_crc32(0, bytes, size))
        return false;
    frame->kind = bytes[1];
    frame->sequence = (uint16_t)gy_get(bytes + 2, 2);
    frame->payload = bytes + GY_WIRE_HEAD_BYTES;
    frame->size_bytes = size - GY_WIRE_HEAD_BYTES;
    return true;
}

bool gy_wire_receive(gy_wire_frame *frame, gy_wire_receiver *receiver, uint8_t byte)
{
    if (byte != 0) {
        if (receiver->used_bytes == receiver->capacity_bytes)
            receiver->skipping = true;
        else
            receiver->buffer[receiver->used_bytes++] = byte;
        return false;
    }
    size_t size_bytes = receiver->used_bytes;
    bool skipping = receiver->skipping;
    receiver->used_bytes = 0;
    receiver->skipping = false;
    if (size_bytes == 0 && !skipping)
        return false; // two zeros in a row: a sender that clears the line
    bool whole = !skipping && read_frame(frame, receiver->buffer, size_bytes);
    receiver->frames += whole;
    receiver->broken += !whole;
    return whole;
}

// ---- links

size_t gy_wire_link_send(gy_wire_link *link, uint8_t *bytes, size_t capacity_bytes,
                         gy_wire_kind kind, const uint8_t *payload, size_t size_bytes)
{
    if (link->is_waiting)
        return 0;
    uint16_t sequence = kind == GY_WIRE_HELLO ? 0 : link->next;
    size_t size = gy_wire_write(bytes, capacity_bytes, kind, sequence, payload, size_bytes);
    if (size > 0) {
        link->waiting = sequence;
        link->is_waiting = true;
        link->next = (uint16_t)(sequence + 1);
    }
    return size;
}

static gy_wire_event take_answer(gy_wire_link *link, gy_wire_answer *answer,
                                 const gy_wire_frame *frame)
{
    if (frame->size_bytes != GY_WIRE_ANSWER_BYTES || frame->payload[2] > GY_WIRE_REFUSED ||
        !link->is_waiting || gy_get(frame->payload, 2) != link->waiting)
        return GY_WIRE_IGNORE;
    gy_wire_answer given = (gy_wire_answer)frame->payload[2];
    if (given != GY_WIRE_BUSY)
        link->is_waiting = false;
    if (given == GY_WIRE_TAKEN)
        return GY_WIRE_ACKNOWLEDGED;
    if (answer != NULL)
        *answer = given;
    return GY_WIRE_NOT_TAKEN;
}

gy_wire_event gy_wire_link_take(gy_wire_link *link, gy_wire_answer *answer,
                                const gy_wire_frame *frame)
{
    if (frame->kind == GY_WIRE_ACKNOWLEDGE)
        return take_answer(link, answer, frame);
    if (frame->kind == GY_WIRE_HELLO) {
        // The other end has started again, with its sequence numbers, unless it only sends the same
        // hello twice.
        gy_wire_hello hello;
        if (!gy_wire_hello_read(&hello, frame))
            return GY_WIRE_IGNORE;
        return link->has_hello && link->nonce == hello.nonce ? GY_WIRE_AGAIN : GY_WIRE_DELIVER;
    }
    return link->has_heard && link->last_heard == frame->sequence ? GY_WIRE_AGAIN : GY_WIRE_DELIVER;
}

size_t gy_wire_link_answer(gy_wire_link *link, uint8_t *bytes, size_t capacity_bytes,
                           const gy_wire_frame *frame, gy_wire_answer answer)
{
    uint8_t payload[GY_WIRE_ANSWER_BYTES];
    gy_put(gy_put(payload, frame->sequence, 2), answer, 1);
    size_t size = gy_wire_write(bytes, capacity_bytes, GY_WIRE_ACKNOWLEDGE, frame->sequence,
                                payload, sizeof(payload));
    if (answer == GY_WIRE_BUSY || size == 0)
        return size;
    gy_wire_hello hello;
    bool again = link->has_hello && frame->kind == GY_WIRE_HELLO;
    if (gy_wire_hello_read(&hello, frame)) {
        again = again && link->nonce == hello.nonce;
        link->has_hello = true;
        link->nonce = hello.nonce;
    }
    // A hello that came late must not make the frame after it new again.
    if (!again) {
        link->has_heard = true;
        link->last_heard = frame->sequence;
    }
    return size;
}

// ---- payloads

void gy_wire_hello_write(uint8_t bytes[GY_WIRE_HELLO_BYTES], const gy_wire_hello *hello)
{
    memcpy(bytes, hello->device, 16);
    uint8_t *at = gy_put(bytes + 16, hello->nonce, 8);
    memcpy(at, hello->model, 32);
    at = gy_put(at + 32, hello->counter, 4);
    at = gy_put(gy_put(at, hello->input_bytes, 4), hello->output_bytes, 4);
    gy_put(gy_put(at, hello->features, 2), hello->payload_bytes, 2);
}

bool gy_wire_hello_read(gy_wire_hello *hello, const gy_wire_frame *frame)
{
    if (frame->kind != GY_WIRE_HELLO || frame->size_bytes != GY_WIRE_HELLO_BYTES)
        return false;
    const uint8_t *at = frame->payload;
    memcpy(hello->device, at, 16);
    hello->nonce = gy_get(at + 16, 8);
    memcpy(hello->model, at + 24, 32);
    hello->counter = (uint32_t)gy_get(at + 56, 4);
    hello->input_bytes = (uint32_t)gy_get(at + 60, 4);
    hello->output_bytes = (uint32_t)gy_get(at + 64, 4);
    hello->features = (uint16_t)gy_get(at + 68, 2);
    hello->payload_bytes = (uint16_t)gy_get(at + 70, 2);
    return true;
}

size_t gy_wire_part_write(uint8_t *payload, size_t capacity_bytes, const gy_wire_part *part)
{
    if (capacity_bytes < GY_WIRE_PART_BYTES ||
        capacity_bytes - GY_WIRE_PART_BYTES < part->size_bytes)
        return 0;
    uint8_t *at = gy_put(gy_put(payload, part->number, 4), part->offset, 4);
    at = gy_put(at, part->total_bytes, 4);
    memcpy(at, part->bytes, part->size_bytes);
    return GY_WIRE_PART_BYTES + part->size_bytes;
}

bool gy_wire_part_read(gy_wire_part *part, const gy_wire_frame *frame)
{
    if (frame->size_bytes < GY_WIRE_PART_BYTES)
        return false;
    part->number = (uint32_t)gy_get(frame->payload, 4);
    part->offset = (uint32_t)gy_get(frame->payload + 4, 4);
    part->total_bytes = (uint32_t)gy_get(frame->payload + 8, 4);
    part->bytes = frame->payload + GY_WIRE_PART_BYTES;
    part->size_bytes = frame->size_bytes - GY_WIRE_PART_BYTES;
    return part->offset <= part->total_bytes &&
           part->size_bytes <= part->total_bytes - part->offset;
}

gy_wire_progress gy_wire_message_add(gy_wire_message *message, const gy_wire_part *part)
{
    if (part->offset == 0) {
        message->is_open = part->total_bytes <= message->capacity_bytes;
        if (!message->is_open)
            return GY_WIRE_TOO_LARGE;
        message->number = part->number;
        message->total_bytes = part->total_bytes;
        message->used_bytes = 0;
    }
    if (!message->is_open || part->number != message->number ||
        part->total_bytes != message->total_bytes || part->offset != message->used_bytes ||
        part->size_bytes > message->total_bytes - message->used_bytes) {
        message->is_open = false;
        return GY_WIRE_OUT_OF_ORDER;
    }
    memcpy(message->buffer + message->used_bytes, part->bytes, part->size_bytes);
    message->used_bytes += (uint32_t)part->size_bytes;
    message->is_open = message->used_bytes < message->total_bytes;
    return message->is_open ? GY_WIRE_MORE : GY_WIRE_WHOLE;
}

void gy_wire_sample_write(uint8_t bytes[GY_WIRE_SAMPLE_BYTES], const gy_wire_sample *sample)
{
    memcpy(bytes, sample->id, 32);
    uint8_t *at = gy_put(bytes + 32, sample->number, 4);
    at = gy_put(at, gy_float_bits(sample->score), 4);
    at = gy_put(gy_put(at, sample->reason, 1), sample->dtype, 1);
    gy_put(at, sample->label, 2);
}

void gy_wire_sample_read(gy_wire_sample *sample, const uint8_t bytes[GY_WIRE_SAMPLE_BYTES])
{
    memcpy(sample->id, bytes, 32);
    sample->number = (uint32_t)gy_get(bytes + 32, 4);
    sample->score = gy_bits_float((uint32_t)gy_get(bytes + 36, 4));
    sample->reason = bytes[40];
    sample->dtype = bytes[41];
    sample->label = (uint16_t)gy_get(bytes + 42, 2);
}
