// SPDX-License-Identifier: Apache-2.0
//
// Signatures: Ed25519 (RFC 8032). Keys stand in files as PEM, as OpenSSL writes them: PKCS #8 for a
// secret key, SubjectPublicKeyInfo for a public one (RFC 8410).
#ifndef GYRE_BASE_SIGN_H
#define GYRE_BASE_SIGN_H

#include "gyre/base.h"

typedef struct gy_public_key {
    uint8_t bytes[32];
} gy_public_key;

typedef struct gy_secret_key {
    uint8_t seed[32];
    gy_public_key public_key; // follows from seed
} gy_secret_key;

typedef struct gy_signature {
    uint8_t bytes[64];
} gy_signature;

/** A public key as text, by value: "ed25519:" and 64 hex digits. */
typedef struct gy_public_key_text {
    char text[73];
} gy_public_key_text;

/**
 * All calls that compute with a key need libcrypto.
 * @return GY_OK; GY_UNSUPPORTED: libcrypto is not there; GY_IO: the kernel gives no random bytes;
 *         GY_NO_MEMORY.
 */
gy_status gy_sign_generate(gy_secret_key *key, gy_error *err) GY_CHECKED;

/** The key pair of a seed: 32 bytes that nobody can guess. */
gy_status gy_sign_from_seed(gy_secret_key *key, const uint8_t seed[32], gy_error *err) GY_CHECKED;

/** Sign bytes. Deterministic: the same key and bytes give the same signature. */
gy_status gy_sign_bytes(gy_signature *signature, const gy_secret_key *key, const void *bytes,
                        size_t size_bytes, gy_error *err) GY_CHECKED;

/** @return GY_OK: the signature is that of these bytes by this key; GY_REFUSED: it is not. */
gy_status gy_sign_verify(const gy_public_key *key, const gy_signature *signature, const void *bytes,
                         size_t size_bytes, gy_error *err) GY_CHECKED;

/**
 * Write a secret key to a new file that its owner alone may read.
 * @return GY_OK; GY_REFUSED: something is at path, and stays as it is; GY_IO, GY_LIMIT.
 */
gy_status gy_sign_key_write(const char *path, const gy_secret_key *key, gy_error *err) GY_CHECKED;

/**
 * Read a secret key.
 * @return GY_OK; GY_REFUSED: others than the owner may read the file; GY_FORMAT: it holds none;
 *         GY_NOT_FOUND, GY_IO.
 */
gy_status gy_sign_key_read(gy_secret_key *key, const char *path, gy_error *err) GY_CHECKED;

/** Write a public key to a file, replacing it. */
gy_status gy_sign_public_write(const char *path, const gy_public_key *key,
                               gy_error *err) GY_CHECKED;
gy_status gy_sign_public_read(gy_public_key *key, const char *path, gy_error *err) GY_CHECKED;

/** "ed25519:" and 64 hex digits. */
gy_public_key_text gy_sign_public_text(const gy_public_key *key);

/** @return GY_OK; GY_INVALID: text is not "ed25519:" and 64 hex digits. */
gy_status gy_sign_public_parse(gy_public_key *key, const char *text, gy_error *err) GY_CHECKED;

#endif
