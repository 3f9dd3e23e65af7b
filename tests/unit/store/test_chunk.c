// SPDX-License-Identifier: Apache-2.0
//
// Goal: chunks are cut where their content says, so that an edit moves the cuts near it alone, and
// features name chunks that share most of their bytes. Method: the definition, computed anew at
// every place from the 64 bytes before it; then edits of random bytes.

#include "store/chunk.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "check.h"

enum { BYTES = 12 * 1024 * 1024, CHUNKS_MAX = 64 };

static const uint64_t gear[256] = {
#include "../../../src/store/gear.inc"
};

static uint8_t *random_bytes(size_t count, uint64_t seed)
{
    uint8_t *bytes = malloc(count);
    gy_random random;
    gy_random_init(&random, seed, 0);
    for (size_t i = 0; bytes != NULL && i < count; i++)
        bytes[i] = (uint8_t)gy_random_next(&random);
    return bytes;
}

// The hash at a place by its definition: a sum over the bytes before it, older ones shifted out.
static uint64_t hash_at(const uint8_t *bytes, size_t place)
{
    uint64_t hash = 0;
    for (size_t back = 0; back < 64 && back <= place; back++)
        hash += gear[bytes[place - back]] << back;
    return hash;
}

static size_t cut_by_definition(const uint8_t *bytes, size_t size_bytes)
{
    for (size_t i = GY_CHUNK_BYTES_MIN; i < size_bytes && i < GY_CHUNK_BYTES_MAX; i++) {
        int zeros = i < GY_CHUNK_BYTES_AVERAGE ? 22 : 18;
        if (hash_at(bytes, i) >> (64 - zeros) == 0)
            return i + 1;
    }
    return size_bytes < GY_CHUNK_BYTES_MAX ? size_bytes : GY_CHUNK_BYTES_MAX;
}

static size_t cut_all(size_t *ends, gy_features *features, const uint8_t *bytes, size_t size_bytes)
{
    size_t count = 0;
    for (size_t at = 0; at < size_bytes && count < CHUNKS_MAX; count++) {
        at += gy_chunk_cut(&features[count], bytes + at, size_bytes - at);
        ends[count] = at;
    }
    return count;
}

static void test_cuts_match_the_definition(void)
{
    uint8_t *bytes = random_bytes(BYTES, 1);
    size_t at = 0;
    gy_features features;
    CHECK(bytes != NULL);
    while (at < BYTES) {
        size_t expected = cut_by_definition(bytes + at, BYTES - at);
        size_t length = gy_chunk_cut(&features, bytes + at, BYTES - at);
        CHECK(length == expected);
        for (size_t i = 1; i < GY_CHUNK_FEATURES; i++)
            CHECK(features.values[i - 1] < features.values[i]);
        at += length;
    }
    free(bytes);
}

static void test_short_and_even_bytes(void)
{
    static uint8_t zeros[GY_CHUNK_BYTES_MAX + 1];
    gy_features features;
    CHECK(gy_chunk_cut(&features, zeros, 0) == 0);
    CHECK(features.values[0] == UINT32_MAX);
    CHECK(gy_chunk_cut(&features, zeros, 100) == 100);
    size_t length = gy_chunk_cut(&features, zeros, sizeof(zeros));
    CHECK(length == cut_by_definition(zeros, sizeof(zeros)));
    CHECK(length <= GY_CHUNK_BYTES_MAX);
}

static size_t shared_features(const gy_features *a, const gy_features *b)
{
    size_t count = 0;
    for (size_t i = 0; i < GY_CHUNK_FEATURES; i++)
        for (size_t k = 0; k < GY_CHUNK_FEATURES; k++)
            count += a->values[i] == b->values[k] && a->values[i] != UINT32_MAX;
    return count;
}

static void test_an_insertion_moves_the_cuts_near_it_alone(void)
{
    static size_t before[CHUNKS_MAX], after[CHUNKS_MAX];
    static gy_features old[CHUNKS_MAX], new[CHUNKS_MAX];
    enum { INSERTED = 38 };
    uint8_t *bytes = random_bytes(BYTES + INSERTED, 2), *edited = malloc(BYTES + INSERTED);
    CHECK(bytes != NULL && edited != NULL);
    memset(edited, 'x', INSERTED);
    memcpy(edited + INSERTED, bytes, BYTES);
    size_t count = cut_all(before, old, bytes, BYTES);
    size_t edited_count = cut_all(after, new, edited, BYTES + INSERTED);
    // From the first common cut on, all are common.
    size_t common = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < edited_count; k++)
            common += before[i] + INSERTED == after[k];
    CHECK(common + 2 >= count);
    CHECK(shared_features(&old[count - 1], &new[edited_count - 1]) == GY_CHUNK_FEATURES);
    free(bytes);
    free(edited);
}

static void test_features_outlive_scattered_edits(void)
{
    uint8_t *bytes = random_bytes(GY_CHUNK_BYTES_AVERAGE, 3);
    uint8_t *other = random_bytes(GY_CHUNK_BYTES_AVERAGE, 4);
    gy_features before, after, unlike;
    gy_random random;
    gy_random_init(&random, 5, 0);
    CHECK(bytes != NULL && other != NULL);
    (void)gy_chunk_cut(&before, bytes, GY_CHUNK_BYTES_MIN);
    for (size_t row = 0; row < GY_CHUNK_BYTES_MIN / 95; row++)
        if (row % 100 == 7)
            bytes[row * 95 + gy_random_below(&random, 95)] ^= 1;
    (void)gy_chunk_cut(&after, bytes, GY_CHUNK_BYTES_MIN);
    (void)gy_chunk_cut(&unlike, other, GY_CHUNK_BYTES_MIN);
    CHECK(shared_features(&before, &after) >= GY_CHUNK_FEATURES - 2);
    CHECK(shared_features(&before, &unlike) == 0);
    free(bytes);
    free(other);
}

int main(void)
{
    RUN(test_cuts_match_the_definition);
    RUN(test_short_and_even_bytes);
    RUN(test_an_insertion_moves_the_cuts_near_it_alone);
    RUN(test_features_outlive_scattered_edits);
    return check_done();
}
