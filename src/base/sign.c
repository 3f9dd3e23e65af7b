// SPDX-License-Identifier: Apache-2.0
//
// The door to libcrypto, for Ed25519 alone, and the PEM files of its keys. An Ed25519 key in DER is
// a fixed head and 32 bytes, so no parser of ASN.1 is needed: what has another head is refused.

#define _DEFAULT_SOURCE
#include "base/sign.h"

#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/library.h"

static struct {
    EVP_PKEY *(*new_secret)(int, ENGINE *, const unsigned char *, size_t);
    EVP_PKEY *(*new_public)(int, ENGINE *, const unsigned char *, size_t);
    int (*get_public)(const EVP_PKEY *, unsigned char *, size_t *);
    void (*free_key)(EVP_PKEY *);
    EVP_MD_CTX *(*new_context)(void);
    void (*free_context)(EVP_MD_CTX *);
    int (*sign_init)(EVP_MD_CTX *, EVP_PKEY_CTX **, const EVP_MD *, ENGINE *, EVP_PKEY *);
    int (*sign)(EVP_MD_CTX *, unsigned char *, size_t *, const unsigned char *, size_t);
    int (*verify_init)(EVP_MD_CTX *, EVP_PKEY_CTX **, const EVP_MD *, ENGINE *, EVP_PKEY *);
    int (*verify)(EVP_MD_CTX *, const unsigned char *, size_t, const unsigned char *, size_t);
} door;

static gy_status open_door(gy_error *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bool opened;
    const gy_library_symbol symbols[] = {
        {"EVP_PKEY_new_raw_private_key", (void **)&door.new_secret},
        {"EVP_PKEY_new_raw_public_key", (void **)&door.new_public},
        {"EVP_PKEY_get_raw_public_key", (void **)&door.get_public},
        {"EVP_PKEY_free", (void **)&door.free_key},
        {"EVP_MD_CTX_new", (void **)&door.new_context},
        {"EVP_MD_CTX_free", (void **)&door.free_context},
        {"EVP_DigestSignInit", (void **)&door.sign_init},
        {"EVP_DigestSign", (void **)&door.sign},
        {"EVP_DigestVerifyInit", (void **)&door.verify_init},
        {"EVP_DigestVerify", (void **)&door.verify},
    };
    pthread_mutex_lock(&lock);
    gy_status status = opened ? GY_OK
                              : gy_library_open("libcrypto.so.3", "apt install libssl3", symbols,
                                                sizeof(symbols) / sizeof(symbols[0]), err);
    opened = status == GY_OK;
    pthread_mutex_unlock(&lock);
    return status;
}

gy_status gy_sign_from_seed(gy_secret_key *key, const uint8_t seed[32], gy_error *err)
{
    GY_TRY(open_door(err));
    EVP_PKEY *handle = door.new_secret(EVP_PKEY_ED25519, NULL, seed, 32);
    size_t size = sizeof(key->public_key.bytes);
    bool good = handle != NULL && door.get_public(handle, key->public_key.bytes, &size) == 1;
    door.free_key(handle);
    if (!good)
        return gy_fail(err, GY_NO_MEMORY, "libcrypto cannot make an Ed25519 key");
    memcpy(key->seed, seed, sizeof(key->seed));
    return GY_OK;
}

gy_status gy_sign_generate(gy_secret_key *key, gy_error *err)
{
    uint8_t seed[32];
    if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
        return gy_fail(err, GY_IO, "the kernel gives no random bytes: %s", strerror(errno));
    gy_status status = gy_sign_from_seed(key, seed, err);
    explicit_bzero(seed, sizeof(seed));
    return status;
}

gy_status gy_sign_bytes(gy_signature *signature, const gy_secret_key *key, const void *bytes,
                        size_t size_bytes, gy_error *err)
{
    GY_TRY(open_door(err));
    size_t size = sizeof(signature->bytes);
    EVP_PKEY *handle = door.new_secret(EVP_PKEY_ED25519, NULL, key->seed, sizeof(key->seed));
    EVP_MD_CTX *context = door.new_context();
    bool good = handle != NULL && context != NULL &&
                door.sign_init(context, NULL, NULL, NULL, handle) == 1 &&
                door.sign(context, signature->bytes, &size, bytes, size_bytes) == 1;
    door.free_context(context);
    door.free_key(handle);
    return good ? GY_OK : gy_fail(err, GY_NO_MEMORY, "libcrypto cannot sign");
}

gy_status gy_sign_verify(const gy_public_key *key, const gy_signature *signature, const void *bytes,
                         size_t size_bytes, gy_error *err)
{
    GY_TRY(open_door(err));
    EVP_PKEY *handle = door.new_public(EVP_PKEY_ED25519, NULL, key->bytes, sizeof(key->bytes));
    EVP_MD_CTX *context = door.new_context();
    bool ready = handle != NULL && context != NULL &&
                 door.verify_init(context, NULL, NULL, NULL, handle) == 1;
    bool good = ready && door.verify(context, signature->bytes, sizeof(signature->bytes), bytes,
                                     size_bytes) == 1;
    door.free_context(context);
    door.free_key(handle);
    if (!ready)
        return gy_fail(err, GY_NO_MEMORY, "libcrypto cannot check a signature");
    return good ? GY_OK
                : gy_fail(err, GY_REFUSED, "the signature is not by the key '%s', or not of this",
                          gy_sign_public_text(key).text);
}

// ---- key files

enum { HEAD_BYTES_MAX = 16, PEM_BYTES_MAX = 4096 };

// What a kind of key file is made of: label, and the DER before the 32 bytes.
typedef struct key_form {
    const char *label;
    uint8_t head[HEAD_BYTES_MAX];
    size_t head_bytes;
} key_form;

static const key_form secret_form = {
    "PRIVATE KEY",
    {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
     0x20},
    16,
};
static const key_form public_form = {
    "PUBLIC KEY",
    {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00},
    12,
};
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

typedef struct key_text {
    char bytes[160];
    int length;
} key_text;

// 44 bytes or 48: one line of base64, with one '=' or none.
static key_text key_to_text(const key_form *form, const uint8_t key[32])
{
    uint8_t der[HEAD_BYTES_MAX + 32 + 2] = {0};
    size_t size = form->head_bytes + 32, used = 0;
    memcpy(der, form->head, form->head_bytes);
    memcpy(der + form->head_bytes, key, 32);
    char line[80];
    for (size_t i = 0; i < size; i += 3) {
        unsigned bits = (unsigned)der[i] << 16 | (unsigned)der[i + 1] << 8 | der[i + 2];
        for (size_t digit = 0; digit < 4; digit++)
            line[used++] = i + digit > size ? '=' : base64_digits[bits >> (18 - 6 * digit) & 63];
    }
    line[used] = '\0';
    key_text text;
    text.length =
        snprintf(text.bytes, sizeof(text.bytes), "-----BEGIN %s-----\n%s\n-----END %s-----\n",
                 form->label, line, form->label);
    explicit_bzero(der, sizeof(der));
    explicit_bzero(line, sizeof(line));
    return text;
}

// The bytes of base64 text up to the first character that is none; spaces are skipped.
static size_t decode_base64(uint8_t *bytes, size_t size_bytes_max, const char *text)
{
    size_t used = 0;
    unsigned bits = 0, count = 0;
    for (; *text != '\0' && *text != '='; text++) {
        const char *digit = strchr(base64_digits, *text);
        if (*text == '\n' || *text == '\r' || *text == ' ')
            continue;
        if (digit == NULL || used == size_bytes_max)
            break;
        bits = bits << 6 | (unsigned)(digit - base64_digits);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes[used++] = (uint8_t)(bits >> count);
        }
    }
    return used;
}

static gy_status key_from_text(uint8_t key[32], const key_form *form, const char *text,
                               const char *path, gy_error *err)
{
    char begin[48];
    snprintf(begin, sizeof(begin), "-----BEGIN %s-----", form->label);
    const char *body = strstr(text, begin);
    if (body == NULL)
        return gy_fail(err, GY_FORMAT, "'%s' holds no '%s'", path, begin);
    uint8_t der[HEAD_BYTES_MAX + 33];
    size_t size = decode_base64(der, sizeof(der), body + strlen(begin));
    bool good = size == form->head_bytes + 32 && memcmp(der, form->head, form->head_bytes) == 0;
    if (good)
        memcpy(key, der + form->head_bytes, 32);
    explicit_bzero(der, sizeof(der));
    return good ? GY_OK
                : gy_fail(err, GY_FORMAT,
                          "the key in '%s' is not an Ed25519 key (openssl genpkey -algorithm "
                          "ed25519 makes one)",
                          path);
}

static gy_status read_key_file(uint8_t key[32], const key_form *form, const char *path,
                               gy_error *err)
{
    gy_arena arena = GY_ARENA_INIT;
    char *text = NULL;
    size_t size_bytes;
    gy_status status = gy_file_read(&text, &size_bytes, path, PEM_BYTES_MAX, &arena, err);
    if (status == GY_OK) {
        status = key_from_text(key, form, text, path, err);
        explicit_bzero(text, size_bytes);
    }
    gy_arena_release(&arena);
    return status;
}

gy_status gy_sign_key_write(const char *path, const gy_secret_key *key, gy_error *err)
{
    key_text text = key_to_text(&secret_form, key->seed);
    gy_status status = gy_file_create(path, text.bytes, (size_t)text.length, 0600, err);
    explicit_bzero(&text, sizeof(text));
    return status;
}

gy_status gy_sign_key_read(gy_secret_key *key, const char *path, gy_error *err)
{
    struct stat found;
    if (stat(path, &found) == 0 && (found.st_mode & 077) != 0)
        return gy_fail(
            err, GY_REFUSED,
            "the secret key '%s' can be read by others (mode %03o): chmod 600 it, or make "
            "a new one if they may have it",
            path, (unsigned)found.st_mode & 0777);
    uint8_t seed[32];
    GY_TRY(read_key_file(seed, &secret_form, path, err));
    gy_status status = gy_sign_from_seed(key, seed, err);
    explicit_bzero(seed, sizeof(seed));
    return status;
}

gy_status gy_sign_public_write(const char *path, const gy_public_key *key, gy_error *err)
{
    key_text text = key_to_text(&public_form, key->bytes);
    return gy_file_replace(path, text.bytes, (size_t)text.length, err);
}

gy_status gy_sign_public_read(gy_public_key *key, const char *path, gy_error *err)
{
    return read_key_file(key->bytes, &public_form, path, err);
}

static const char text_prefix[] = "ed25519:";

gy_public_key_text gy_sign_public_text(const gy_public_key *key)
{
    gy_public_key_text out;
    gy_id id; // 32 bytes too
    memcpy(id.bytes, key->bytes, sizeof(id.bytes));
    snprintf(out.text, sizeof(out.text), "%s%s", text_prefix, gy_id_text(&id).text);
    return out;
}

gy_status gy_sign_public_parse(gy_public_key *key, const char *text, gy_error *err)
{
    gy_id id;
    size_t length = strlen(text_prefix);
    if (strncmp(text, text_prefix, length) != 0 || gy_id_parse(&id, text + length, NULL) != GY_OK)
        return gy_fail(err, GY_INVALID, "'%.80s' is not a public key: '%s' and 64 hex digits", text,
                       text_prefix);
    memcpy(key->bytes, id.bytes, sizeof(key->bytes));
    return GY_OK;
}
