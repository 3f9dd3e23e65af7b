// SPDX-License-Identifier: Apache-2.0
//
// Goal: signatures are Ed25519's, keys live in files that OpenSSL reads and only the owner can
// read. Method: the vectors of RFC 8032, section 7.1; every bit of a signature and a message
// flipped; the files as openssl writes them; faults.

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/sign.h"
#include "check.h"

static char folder[] = "/tmp/gyre-sign-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static size_t from_hex(uint8_t *bytes, const char *hex)
{
    size_t size = strlen(hex) / 2;
    for (size_t i = 0; i < size; i++) {
        unsigned value = 0;
        sscanf(hex + 2 * i, "%2x", &value);
        bytes[i] = (uint8_t)value;
    }
    return size;
}

static void test_published_vectors(void)
{
    static const struct {
        const char *seed, *public_key, *message, *signature;
    } vectors[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
         "cf9"
         "b46bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
         "0f1"
         "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f7609"
         "84d"
         "c6594a7c15e9716ed28dc027beceea1ec40a"},
    };
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        uint8_t seed[32], public_key[32], message[8], wanted[64];
        gy_secret_key key;
        gy_signature signature;
        from_hex(seed, vectors[i].seed);
        from_hex(public_key, vectors[i].public_key);
        from_hex(wanted, vectors[i].signature);
        size_t size = from_hex(message, vectors[i].message);
        CHECK(gy_sign_from_seed(&key, seed, NULL) == GY_OK);
        CHECK(memcmp(key.public_key.bytes, public_key, 32) == 0);
        CHECK(gy_sign_bytes(&signature, &key, message, size, NULL) == GY_OK);
        CHECK(memcmp(signature.bytes, wanted, 64) == 0);
        CHECK(gy_sign_verify(&key.public_key, &signature, message, size, NULL) == GY_OK);
    }
}

static void test_every_flipped_bit_is_refused(void)
{
    gy_secret_key key;
    gy_signature signature;
    gy_error err = {0};
    char message[] = "manifest";
    CHECK(gy_sign_generate(&key, NULL) == GY_OK);
    CHECK(gy_sign_bytes(&signature, &key, message, 8, NULL) == GY_OK);
    for (size_t bit = 0; bit < 512; bit++) {
        signature.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(gy_sign_verify(&key.public_key, &signature, message, 8, &err) == GY_REFUSED);
        signature.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 64; bit++) {
        message[bit / 8] = (char)(message[bit / 8] ^ 1 << bit % 8);
        CHECK(gy_sign_verify(&key.public_key, &signature, message, 8, NULL) == GY_REFUSED);
        message[bit / 8] = (char)(message[bit / 8] ^ 1 << bit % 8);
    }
    CHECK(gy_sign_verify(&key.public_key, &signature, message, 7, NULL) == GY_REFUSED);
    CHECK(gy_sign_verify(&key.public_key, &signature, message, 8, NULL) == GY_OK);
    CHECK(strncmp(err.message, "the signature is not by the key 'ed25519:", 41) == 0);
}

static void test_key_files(void)
{
    gy_secret_key key, again;
    gy_public_key public_key;
    gy_error err = {0};
    struct stat found;
    CHECK(gy_sign_generate(&key, NULL) == GY_OK);
    CHECK(gy_sign_key_write(in_folder("key"), &key, NULL) == GY_OK);
    CHECK(stat(in_folder("key"), &found) == 0 && (found.st_mode & 0777) == 0600);
    CHECK(gy_sign_key_read(&again, in_folder("key"), NULL) == GY_OK);
    CHECK(memcmp(&key, &again, sizeof(key)) == 0);
    CHECK(gy_sign_key_write(in_folder("key"), &key, &err) == GY_REFUSED);
    CHECK(strstr(err.message, "is there already, and stays as it is") != NULL);
    CHECK(chmod(in_folder("key"), 0640) == 0);
    CHECK(gy_sign_key_read(&again, in_folder("key"), &err) == GY_REFUSED);
    CHECK(strstr(err.message, "can be read by others (mode 640): chmod 600 it") != NULL);
    CHECK(gy_sign_public_write(in_folder("key.pub"), &key.public_key, NULL) == GY_OK);
    CHECK(gy_sign_public_read(&public_key, in_folder("key.pub"), NULL) == GY_OK);
    CHECK(memcmp(&public_key, &key.public_key, 32) == 0);
    CHECK(gy_sign_public_read(&public_key, in_folder("none"), &err) == GY_NOT_FOUND);
    CHECK(chmod(in_folder("key"), 0600) == 0);
    CHECK(gy_sign_public_read(&public_key, in_folder("key"), &err) == GY_FORMAT);
}

static void write_text(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
    close(file);
}

static void test_files_as_openssl_writes_them(void)
{
    // RFC 8410, section 10.1 and 10.3.
    gy_public_key public_key;
    gy_secret_key key;
    write_text(in_folder("rfc.pub"),
               "-----BEGIN PUBLIC KEY-----\r\n"
               "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\r\n"
               "-----END PUBLIC KEY-----\r\n");
    CHECK(gy_sign_public_read(&public_key, in_folder("rfc.pub"), NULL) == GY_OK);
    write_text(in_folder("rfc"),
               "-----BEGIN PRIVATE KEY-----\n"
               "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
               "-----END PRIVATE KEY-----\n");
    CHECK(gy_sign_key_read(&key, in_folder("rfc"), NULL) == GY_OK);
    CHECK(memcmp(&key.public_key, &public_key, 32) == 0);
}

static void test_what_is_no_key_is_refused(void)
{
    static const char *const texts[] = {
        "",
        "-----BEGIN PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTu\n-----END PRIVATE KEY-----\n",
        // X25519: another algorithm in the same form.
        "-----BEGIN PRIVATE "
        "KEY-----\nMC4CAQAwBQYDK2VuBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"
        "\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE "
        "KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"
        "AAAA\n-----END PRIVATE KEY-----\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        gy_secret_key key;
        gy_error err = {0};
        write_text(in_folder("bad"), texts[i]);
        CHECK(gy_sign_key_read(&key, in_folder("bad"), &err) == GY_FORMAT);
        CHECK(strstr(err.message, "bad'") != NULL);
    }
}

static void test_public_text(void)
{
    gy_public_key key, again;
    gy_error err = {0};
    for (size_t i = 0; i < 32; i++)
        key.bytes[i] = (uint8_t)(255 - i);
    gy_public_key_text text = gy_sign_public_text(&key);
    CHECK(strlen(text.text) == 72 && strncmp(text.text, "ed25519:fffefd", 14) == 0);
    CHECK(gy_sign_public_parse(&again, text.text, NULL) == GY_OK);
    CHECK(memcmp(&key, &again, sizeof(key)) == 0);
    text.text[70] = '\0';
    CHECK(gy_sign_public_parse(&again, text.text, &err) == GY_INVALID);
    CHECK(gy_sign_public_parse(&again, "rsa:00", &err) == GY_INVALID);
}

static void test_a_failed_write_leaves_no_key(void)
{
    gy_secret_key key;
    CHECK(gy_sign_generate(&key, NULL) == GY_OK);
    size_t calls = 0;
    gy_status status = GY_IO;
    while (status == GY_IO && calls < 50) {
        char fault[32];
        gy_error err = {0};
        unlink(in_folder("new"));
        snprintf(fault, sizeof(fault), "io:%zu", ++calls);
        gy_fault_set(fault);
        status = gy_sign_key_write(in_folder("new"), &key, &err);
        gy_fault_set(NULL);
        CHECK(status == GY_OK || err.message[0] != '\0');
        gy_secret_key read;
        if (gy_file_exists(in_folder("new"))) // only the folder was not synced
            CHECK(gy_sign_key_read(&read, in_folder("new"), NULL) == GY_OK);
        CHECK(!gy_file_exists(in_folder(".new.gyre-draft")));
    }
    CHECK(status == GY_OK && calls > 4);
}

static void test_nothing_else_was_written(void)
{
    static const char *const made[] = {"key", "key.pub", "rfc", "rfc.pub", "bad", "new"};
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
        CHECK(unlink(in_folder(made[i])) == 0);
    CHECK(rmdir(folder) == 0);
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    RUN(test_published_vectors);
    RUN(test_every_flipped_bit_is_refused);
    RUN(test_key_files);
    RUN(test_files_as_openssl_writes_them);
    RUN(test_what_is_no_key_is_refused);
    RUN(test_public_text);
    RUN(test_a_failed_write_leaves_no_key);
    RUN(test_nothing_else_was_written);
    return check_done();
}
