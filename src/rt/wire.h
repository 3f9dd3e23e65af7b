// SPDX-License-Identifier: 0BSD
//
// Frames between a device and its host, over a serial line, MQTT or a file. A frame is version,
// kind, sequence number, payload and CRC-32, in COBS (Cheshire and Baker 1999) with a zero byte
// behind: after any damage the next zero starts afresh. Bytes: docs/formats/wire.md.
//
// Nothing here waits, allocates or sends: the caller moves the bytes and keeps the time.
#ifndef GYRE_RT_WIRE_H
#define GYRE_RT_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GY_WIRE_VERSION = 1,
    GY_WIRE_HEAD_BYTES = 4, // version, kind, sequence
    GY_WIRE_TAIL_BYTES = 4, // CRC-32
    GY_WIRE_PAYLOAD_MAX = 65535
};

/** Bytes on the line that a payload takes at most: head, tail, COBS, the zero behind. */
#define GY_WIRE_FRAME_MAX(payload)                         \
    ((payload) + GY_WIRE_HEAD_BYTES + GY_WIRE_TAIL_BYTES + \
     ((payload) + GY_WIRE_HEAD_BYTES + GY_WIRE_TAIL_BYTES) / 254 + 2)

/** What a frame carries. The numbers are on the wire: never reuse one. */
typedef enum gy_wire_kind {
    GY_WIRE_ACKNOWLEDGE = 1, // gy_wire_answer: the frame of this sequence number arrived
    GY_WIRE_HELLO = 2,       // gy_wire_hello: who speaks; starts the sequence numbers anew
    GY_WIRE_INPUT = 3,       // a piece of a model's inputs
    GY_WIRE_RESULT = 4,      // a piece of its outputs
    GY_WIRE_SKETCH = 5,      // a piece of a sketch (rt/sketch.h)
    GY_WIRE_SAMPLE = 6 // a piece of a sample worth sending home: gy_wire_sample, then its bytes
} gy_wire_kind;

/** One frame. payload points into the receiver's buffer, until the next byte is received. */
typedef struct gy_wire_frame {
    uint8_t kind; // a gy_wire_kind, or one that a later version adds
    uint16_t sequence;
    const uint8_t *payload;
    size_t size_bytes;
} gy_wire_frame;

/**
 * Write a frame.
 * @param bytes [out] GY_WIRE_FRAME_MAX(size_bytes) bytes are always enough.
 * @return bytes written; 0: capacity_bytes is too small, or the payload over GY_WIRE_PAYLOAD_MAX.
 */
size_t gy_wire_write(uint8_t *bytes, size_t capacity_bytes, gy_wire_kind kind, uint16_t sequence,
                     const uint8_t *payload, size_t size_bytes);

/** Receives bytes one by one. Zero-initialise all but buffer and capacity_bytes. */
typedef struct gy_wire_receiver {
    uint8_t *buffer;
    size_t capacity_bytes; // GY_WIRE_FRAME_MAX of the largest payload to expect
    size_t used_bytes;
    bool skipping;           // the frame did not fit: nothing counts until the next zero
    uint32_t frames, broken; // how many came whole, how many were dropped; both wrap around
} gy_wire_receiver;

/** Take one byte. @return true: frame holds the frame that it ends. */
bool gy_wire_receive(gy_wire_frame *frame, gy_wire_receiver *receiver, uint8_t byte);

// ---- one frame at a time: the sender waits for the acknowledgement, or sends the same bytes again

typedef enum gy_wire_answer {
    GY_WIRE_TAKEN = 0,   // arrived; also for one that arrived before
    GY_WIRE_BUSY = 1,    // no room now: send it again later
    GY_WIRE_REFUSED = 2, // do not send it again
} gy_wire_answer;

/** One end of a line. Zero-initialise. */
typedef struct gy_wire_link {
    uint16_t next;       // sequence number of the next frame to send
    uint16_t waiting;    // of the frame that waits for its acknowledgement
    bool is_waiting;     // whether one does
    bool has_heard;      // whether a frame was taken
    uint16_t last_heard; // its sequence number
    bool has_hello;      // whether a hello was taken
    uint64_t nonce;      // the last one's
} gy_wire_link;

/** What a frame means to this end. */
typedef enum gy_wire_event {
    GY_WIRE_DELIVER,      // new: use it, then acknowledge it
    GY_WIRE_AGAIN,        // taken before, the acknowledgement was lost: only acknowledge it again
    GY_WIRE_ACKNOWLEDGED, // ours has arrived: send the next one
    GY_WIRE_NOT_TAKEN,    // ours was not taken: *answer says whether to try again
    GY_WIRE_IGNORE        // an acknowledgement that nobody waits for, or a malformed frame
} gy_wire_event;

/**
 * Write the next frame of this end and wait for its acknowledgement; a hello starts at 0. The bytes
 * are to be kept until then. @return bytes; 0: too small, or another frame is still waiting.
 */
size_t gy_wire_link_send(gy_wire_link *link, uint8_t *bytes, size_t capacity_bytes,
                         gy_wire_kind kind, const uint8_t *payload, size_t size_bytes);

/** Take a frame from the other end. answer (may be NULL) is set with GY_WIRE_NOT_TAKEN alone. */
gy_wire_event gy_wire_link_take(gy_wire_link *link, gy_wire_answer *answer,
                                const gy_wire_frame *frame);

/**
 * Write the acknowledgement of a frame and note that it was heard. Not with GY_WIRE_BUSY: it is
 * delivered when it comes again.
 */
size_t gy_wire_link_answer(gy_wire_link *link, uint8_t *bytes, size_t capacity_bytes,
                           const gy_wire_frame *frame, gy_wire_answer answer);

// ---- payloads

enum {
    GY_WIRE_HELLO_BYTES = 72,
    GY_WIRE_PART_BYTES = 12,
    GY_WIRE_SAMPLE_BYTES = 44,
    GY_WIRE_ANSWER_BYTES = 3
};

/** Who speaks: the first frame of a device after its start. */
typedef struct gy_wire_hello {
    uint8_t device[16];
    uint64_t nonce; // given at boot: sketches and results of two boots never mix
    uint8_t model[32];
    uint32_t counter; // of the bundle that it runs
    uint32_t input_bytes, output_bytes;
    uint16_t features;      // of its sketch; 0: it keeps none
    uint16_t payload_bytes; // the largest payload that it can take
} gy_wire_hello;
void gy_wire_hello_write(uint8_t bytes[GY_WIRE_HELLO_BYTES], const gy_wire_hello *hello);
bool gy_wire_hello_read(gy_wire_hello *hello, const gy_wire_frame *frame);

/** Inputs, results, sketches and samples travel in parts, in order. */
typedef struct gy_wire_part {
    uint32_t number; // of the message: a result has the number of its input
    uint32_t offset; // of these bytes in the message
    uint32_t total_bytes;
    const uint8_t *bytes;
    size_t size_bytes;
} gy_wire_part;

/** Write a part into a payload. @return bytes; 0: capacity_bytes is too small. */
size_t gy_wire_part_write(uint8_t *payload, size_t capacity_bytes, const gy_wire_part *part);
/** @return false: malformed, or outside its message. */
bool gy_wire_part_read(gy_wire_part *part, const gy_wire_frame *frame);

/** Puts the parts of one message together. Zero-initialise all but buffer and capacity_bytes. */
typedef struct gy_wire_message {
    uint8_t *buffer;
    size_t capacity_bytes;
    uint32_t number, total_bytes, used_bytes;
    bool is_open;
} gy_wire_message;

typedef enum gy_wire_progress {
    GY_WIRE_MORE,         // taken, more to come
    GY_WIRE_WHOLE,        // the message is complete: buffer[0 .. total_bytes)
    GY_WIRE_OUT_OF_ORDER, // not the next part of the open message; it is dropped
    GY_WIRE_TOO_LARGE     // total_bytes is over capacity_bytes; it is dropped
} gy_wire_progress;

/** Add a part. A part with offset 0 starts a new message, whatever was open. */
gy_wire_progress gy_wire_message_add(gy_wire_message *message, const gy_wire_part *part);

/** The head of a sample's message; its tensor's little-endian bytes follow. */
typedef struct gy_wire_sample {
    uint8_t id[32];  // SHA-256 of the bytes that follow
    uint32_t number; // of the sample in the device's stream since boot
    float score;     // as the chooser got it (rt/select.h)
    uint8_t reason;  // gy_select_reason
    uint8_t dtype;   // as gy_dtype counts
    uint16_t label;  // what the model said; 65535: nothing
} gy_wire_sample;
void gy_wire_sample_write(uint8_t bytes[GY_WIRE_SAMPLE_BYTES], const gy_wire_sample *sample);
void gy_wire_sample_read(gy_wire_sample *sample, const uint8_t bytes[GY_WIRE_SAMPLE_BYTES]);

#endif
