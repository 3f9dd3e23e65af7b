// SPDX-License-Identifier: Apache-2.0
//
// Goal: SHA-256 as published, on every block function. Method: FIPS 180-4's examples, then every
// length around the block borders against the plain function fed byte by byte.

#include <string.h>

#include "base/hash.h"
#include "check.h"

static gy_id_hex digest(gy_sha256_blocks *blocks, const char *bytes, size_t length, size_t step)
{
    gy_sha256 hash;
    gy_id id;
    gy_sha256_init(&hash, blocks);
    for (size_t at = 0; at < length; at += step)
        gy_sha256_add(&hash, bytes + at, length - at < step ? length - at : step);
    gy_sha256_end(&hash, id.bytes);
    return gy_id_text(&id);
}

static void test_published_examples(void)
{
    static const struct {
        const char *bytes, *digest;
    } examples[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        size_t length = strlen(examples[i].bytes);
        CHECK(strcmp(digest(gy_sha256_blocks_plain, examples[i].bytes, length, 64).text,
                     examples[i].digest) == 0);
        CHECK(strcmp(digest(gy_hash_blocks(), examples[i].bytes, length, 64).text,
                     examples[i].digest) == 0);
    }
}

static void test_every_length_and_piece_agrees(void)
{
    char bytes[300];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7 + 3);
    for (size_t length = 0; length <= sizeof(bytes); length++) {
        gy_id_hex by_byte = digest(gy_sha256_blocks_plain, bytes, length, 1);
        CHECK(strcmp(digest(gy_hash_blocks(), bytes, length, 300).text, by_byte.text) == 0);
        CHECK(strcmp(digest(gy_hash_blocks(), bytes, length, 61).text, by_byte.text) == 0);
    }
}

int main(void)
{
    RUN(test_published_examples);
    RUN(test_every_length_and_piece_agrees);
    return check_done();
}
