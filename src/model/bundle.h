// SPDX-License-Identifier: Apache-2.0
//
// The texts of a bundle (docs/formats/bundle.md), each in its one form: keys sorted, no blanks.
#ifndef GYRE_MODEL_BUNDLE_H
#define GYRE_MODEL_BUNDLE_H

#include "base/sign.h"
#include "gyre/model.h"

#define GY_BUNDLE_MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
#define GY_BUNDLE_MODEL_TYPE "application/vnd.cncf.model.manifest.v1+json"
#define GY_BUNDLE_SIGNATURE_TYPE "application/vnd.gyre.signature.v1"
#define GY_BUNDLE_LAYOUT "{\"imageLayoutVersion\":\"1.0.0\"}"
#define GY_BUNDLE_EMPTY "{}"

/** One blob: what a descriptor says of it. */
typedef struct gy_bundle_blob {
    gy_id id;
    uint64_t bytes;
} gy_bundle_blob;

/** The id and size of a text. */
gy_bundle_blob gy_bundle_blob_of(const gy_text *text);

// The JSON of the layout, canonical: the same facts and files give the same bytes.
void gy_bundle_put_config(gy_text *out, const gy_bundle_facts *facts, const gy_bundle_file *files,
                          size_t count);
void gy_bundle_put_manifest(gy_text *out, const gy_bundle_facts *facts,
                            const gy_bundle_blob *config, const gy_bundle_file *files,
                            size_t count);
/** The second manifest: a signature of the first, its subject. */
void gy_bundle_put_signature(gy_text *out, const gy_bundle_blob *subject, const char *key,
                             const gy_signature *signature);
void gy_bundle_put_index(gy_text *out, const gy_bundle_blob *manifest,
                         const gy_bundle_blob *signature);

/** The media type of a role; NULL: there is no such role. */
const char *gy_bundle_media_type(const char *role);

/** A time as 2026-01-31T23:59:59Z. */
typedef struct gy_bundle_time {
    char text[128];
} gy_bundle_time;
gy_bundle_time gy_bundle_time_text(int64_t time_s);

/** Path of a blob in a bundle's folder; NULL: no memory. */
char *gy_bundle_blob_path(const char *folder, const gy_id *id, gy_arena *arena);

/** The bundle in folder without looking at keys: manifest and signature as they stand. */
typedef struct gy_bundle_parts {
    char *manifest, *signature; // bytes, each of the blob that the index names
    gy_bundle_blob manifest_blob, signature_blob;
} gy_bundle_parts;
gy_status gy_bundle_read_parts(gy_bundle_parts *parts, const char *folder, gy_arena *arena,
                               gy_error *err) GY_CHECKED;
/** What a manifest says. */
gy_status gy_bundle_parse(gy_bundle *bundle, gy_bundle_blob *config, const char *folder,
                          const char *manifest, size_t size_bytes, gy_arena *arena,
                          gy_error *err) GY_CHECKED;

#endif
