// SPDX-License-Identifier: Apache-2.0
//
// Goal: ids, errors, keyed hashes and doors do as their headers say. Method: published vectors
// (RFC 4231), round trips, every malformed spelling.

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/library.h"
#include "check.h"

static void test_ids_come_back_from_text(void)
{
    gy_id id, again;
    for (size_t i = 0; i < 32; i++)
        id.bytes[i] = (uint8_t)(i * 11);
    gy_id_hex hex = gy_id_text(&id);
    CHECK(strlen(hex.text) == 64 && strncmp(hex.text, "000b16212c", 10) == 0);
    CHECK(gy_id_parse(&again, hex.text, NULL) == GY_OK && gy_id_compare(&id, &again) == 0);
    for (size_t i = 0; i < 64; i++)
        if (hex.text[i] >= 'a')
            hex.text[i] = (char)(hex.text[i] - 32);
    CHECK(gy_id_parse(&again, hex.text, NULL) == GY_OK && gy_id_compare(&id, &again) == 0);
    again.bytes[31]++;
    CHECK(gy_id_compare(&id, &again) < 0 && gy_id_compare(&again, &id) > 0);
}

static void test_what_is_no_id_is_refused_and_leaves_it_alone(void)
{
    gy_id id = {{1}}, before = id;
    gy_error err = {0};
    char text[66];
    memset(text, 'a', sizeof(text));
    text[65] = '\0';
    CHECK(gy_id_parse(&id, text, &err) == GY_INVALID); // 65 digits
    text[63] = '\0';
    CHECK(gy_id_parse(&id, text, &err) == GY_INVALID); // 63
    text[63] = 'a';
    text[64] = '\0';
    static const char bad[] = {'g', ' ', '/', ':', '@', '`', '-', '\xe9'};
    for (size_t i = 0; i < sizeof(bad); i++)
        for (size_t place = 0; place < 64; place += 21) {
            text[place] = bad[i];
            CHECK(gy_id_parse(&id, text, &err) == GY_INVALID);
            text[place] = 'a';
        }
    CHECK(gy_id_parse(&id, "", &err) == GY_INVALID && err.message[0] != '\0');
    CHECK(gy_id_compare(&id, &before) == 0);
}

static void test_keyed_hashes_are_hmac(void)
{
    // RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
    uint8_t key[131];
    gy_id digest;
    memset(key, 0x0b, 20);
    gy_hash_keyed(&digest, key, 20, "Hi There", 8);
    CHECK(strcmp(gy_id_text(&digest).text,
                 "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7") == 0);
    gy_hash_keyed(&digest, "Jefe", 4, "what do ya want for nothing?", 28);
    CHECK(strcmp(gy_id_text(&digest).text,
                 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843") == 0);
    memset(key, 0xaa, sizeof(key));
    gy_hash_keyed(&digest, key, sizeof(key),
                  "Test Using Larger Than Block-Size Key - Hash Key First", 54);
    CHECK(strcmp(gy_id_text(&digest).text,
                 "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54") == 0);
}

static void test_errors_say_what_they_are_told(void)
{
    gy_error err = {0};
    CHECK(gy_fail(&err, GY_LIMIT, "%s is %d", "k", 7) == GY_LIMIT);
    CHECK(err.status == GY_LIMIT && strcmp(err.message, "k is 7") == 0);
    CHECK(gy_fail(NULL, GY_IO, "nobody reads this") == GY_IO);
    gy_fail(&err, GY_IO, "%2000d", 1);
    CHECK(strlen(err.message) == sizeof(err.message) - 1);
    CHECK(strcmp(gy_status_text(GY_FORMAT), "malformed input") == 0);
    CHECK(gy_status_exit_code(GY_OK) == 0 && gy_status_exit_code(GY_REFUSED) == 1 &&
          gy_status_exit_code(GY_NO_MEMORY) == 8);
}

static void test_a_missing_library_says_how_to_get_it(void)
{
    gy_error err = {0};
    void *address = NULL;
    gy_library_symbol symbol = {"no_such_function", &address};
    CHECK(gy_library_open("libnonesuch.so.9", "apt install libnonesuch9", &symbol, 1, &err) ==
          GY_UNSUPPORTED);
    CHECK(strcmp(err.message, "cannot open the library 'libnonesuch.so.9' (to get it: apt install "
                              "libnonesuch9)") == 0);
    CHECK(gy_library_open("libc.so.6", "apt install libc6", &symbol, 1, &err) == GY_UNSUPPORTED);
    CHECK(strstr(err.message, "has no 'no_such_function'") != NULL);
    symbol.name = "strlen";
    CHECK(gy_library_open("libc.so.6", "apt install libc6", &symbol, 1, &err) == GY_OK);
    CHECK(address != NULL);
}

static void test_the_processor_may_be_limited(void)
{
    CHECK(setenv("GYRE_CPU", "plain", 1) == 0 && gy_cpu_level() == GY_CPU_PLAIN);
    CHECK(setenv("GYRE_CPU", "avx2", 1) == 0 && gy_cpu_level() <= GY_CPU_AVX2);
    CHECK(unsetenv("GYRE_CPU") == 0 && gy_cpu_level() <= GY_CPU_AVX512);
}

int main(void)
{
    RUN(test_ids_come_back_from_text);
    RUN(test_what_is_no_id_is_refused_and_leaves_it_alone);
    RUN(test_keyed_hashes_are_hmac);
    RUN(test_errors_say_what_they_are_told);
    RUN(test_a_missing_library_says_how_to_get_it);
    RUN(test_the_processor_may_be_limited);
    return check_done();
}
