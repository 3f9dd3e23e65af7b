// SPDX-License-Identifier: Apache-2.0
//
// The hash chain, one for each writer of each ledger. A link covers the salted digest of what can
// be erased, not the thing itself: ids, body and salt may go, and the chain still holds. The salt
// is why a guessed body cannot be tried against a digest that was left behind.

#include <string.h>

#include "base/hash.h"
#include "ledger/ledger.h"

static void add_number(gy_sha256 *hash, uint64_t number)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(number >> 8 * i);
    gy_sha256_add(hash, bytes, sizeof(bytes));
}

// Length first, so that two texts cannot trade bytes; no text at all differs from an empty one.
static void add_text(gy_sha256 *hash, const char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);
    add_number(hash, text == NULL ? UINT64_MAX : length);
    gy_sha256_add(hash, text == NULL ? "" : text, length);
}

void gy_ledger_digest(gy_id *digest, const uint8_t *salt, const gy_id *ids, size_t id_count,
                      const char *body, size_t body_length)
{
    gy_sha256 hash;
    gy_sha256_init(&hash, gy_hash_blocks());
    gy_sha256_add(&hash, salt, GY_LEDGER_SALT_BYTES);
    add_number(&hash, id_count);
    gy_sha256_add(&hash, id_count == 0 ? (const void *)"" : ids, id_count * sizeof(*ids));
    gy_sha256_add(&hash, body, body_length);
    gy_sha256_end(&hash, digest->bytes);
}

void gy_ledger_link(gy_id *link, const gy_id *previous, const gy_ledger_row *row)
{
    static const char tag[] = "gyre link 1\n";
    gy_sha256 hash;
    gy_sha256_init(&hash, gy_hash_blocks());
    gy_sha256_add(&hash, tag, sizeof(tag) - 1);
    gy_sha256_add(&hash, previous->bytes, sizeof(previous->bytes));
    gy_sha256_add(&hash, row->origin, GY_LEDGER_ORIGIN_BYTES);
    add_number(&hash, row->place);
    add_number(&hash, (uint64_t)row->record.time_us);
    gy_sha256_add(&hash, row->digest.bytes, sizeof(row->digest.bytes));
    add_text(&hash, row->record.writer);
    add_text(&hash, row->record.kind);
    add_text(&hash, row->record.run);
    add_text(&hash, row->record.version);
    add_text(&hash, row->record.commit);
    gy_sha256_end(&hash, link->bytes);
}

int64_t gy_ledger_start(const gy_id *id)
{
    uint64_t start = 0;
    for (size_t i = 0; i < 8; i++)
        start = start << 8 | id->bytes[i];
    return (int64_t)(start ^ UINT64_C(1) << 63); // SQL's integers are signed: keep the order
}
