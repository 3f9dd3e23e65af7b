// SPDX-License-Identifier: Apache-2.0
//
// Models: ONNX files read, checked, run by the reference.
#ifndef GYRE_MODEL_H
#define GYRE_MODEL_H

#include "gyre/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A model in memory: a graph whose weights stay in the mapped file. */
typedef struct gy_model gy_model;

typedef struct gy_model_options {
    size_t batch; // what a symbolic first dimension becomes; 0: 1
    // Other symbolic dimensions: "name=value" texts, NULL-terminated; NULL: none.
    const char *const *dimensions;
    size_t limit_bytes; // of memory for reading; 0: 256 MiB + 3 × file
    // Inputs that are fixed to a value (a shape that the model takes at run time): they become
    // constants and are inputs no longer. Matched by name; copied.
    const gy_array *fixed;
    size_t fixed_count;
} gy_model_options;

/** Shape and type of an input or output. */
typedef struct gy_port {
    const char *name;
    gy_dtype dtype;
    size_t rank;
    size_t shape[GY_RANK_MAX];
    size_t count;
} gy_port;

/**
 * Read an ONNX file and infer all types and shapes.
 * @return GY_OK; GY_FORMAT: malformed, err says where; GY_UNSUPPORTED: an operator, type or shape,
 * err names the node; GY_LIMIT: over a bound; GY_NOT_FOUND, GY_IO, GY_NO_MEMORY.
 */
GY_API gy_status gy_model_open(gy_model **model, const char *path, const gy_model_options *options,
                               gy_error *err) GY_CHECKED;
/** NULL is fine. */
GY_API void gy_model_close(gy_model *model);

GY_API const gy_port *gy_model_inputs(const gy_model *model, size_t *count);
GY_API const gy_port *gy_model_outputs(const gy_model *model, size_t *count);

/**
 * Run the reference: every operator by its definition. Not thread-safe: one call a model at a time.
 * @param outputs [out] as many as gy_model_outputs says; they live in arena.
 * @param inputs  matched by name, else by place; of the ports' types and shapes.
 * @return GY_OK; GY_INVALID: an array is missing or does not fit its port; GY_UNSUPPORTED: an
 * operator that only compiled programs run; GY_NO_MEMORY.
 */
GY_API gy_status gy_model_run(gy_array *outputs, gy_model *model, const gy_array *inputs,
                              size_t input_count, gy_arena *arena, gy_error *err) GY_CHECKED;

// ---- the engine: compiled models

/** A compiled model that was opened: a shared library made by gyre compile for the host. */
typedef struct gy_engine gy_engine;

/**
 * Open a shared library made from a model. It is code and runs with the caller's rights.
 * @param path of NAME.so; weights that stand in a file of their own are NAME_weights.bin beside it.
 * @return GY_OK; GY_NOT_FOUND; GY_FORMAT: not such a library, or of another version of the format.
 */
GY_API gy_status gy_engine_open(gy_engine **engine, const char *path, gy_error *err) GY_CHECKED;
/** NULL is fine. */
GY_API void gy_engine_close(gy_engine *engine);

/** Its inputs and outputs, named "x0", "x1", ... and "y0", ... */
GY_API const gy_port *gy_engine_inputs(const gy_engine *engine, size_t *count);
GY_API const gy_port *gy_engine_outputs(const gy_engine *engine, size_t *count);
/** Samples a call: the first axis of every port; 0: there is no such axis. */
GY_API size_t gy_engine_batch(const gy_engine *engine);
/** What it runs on: "avx2". */
GY_API const char *gy_engine_kernels(const gy_engine *engine);
/** SHA-256 of the ONNX file it was made from. */
GY_API void gy_engine_source(gy_id *source, const gy_engine *engine);

/**
 * Compute `calls` calls, spread over threads: call i reads inputs[k] + i × the bytes of port k.
 * The same bits for any number of threads.
 * @param threads 0: all.
 * @return GY_OK; GY_NO_MEMORY: for an arena a thread.
 */
GY_API gy_status gy_engine_run(gy_engine *engine, void *const *outputs, const void *const *inputs,
                               size_t calls, size_t threads, gy_error *err) GY_CHECKED;

// ---- bundles: what is deployed, a folder in the OCI image layout with a signed manifest

// ROLE(name, media type): what a file is in a bundle; types as in CNCF ModelPack.
#define GY_BUNDLE_ROLES(ROLE)                                                                      \
    ROLE(model, "application/vnd.cncf.model.weight.v1.raw") /* an ONNX file */                     \
    ROLE(code, "application/vnd.cncf.model.code.v1.raw") /* emitted C, or a library of a target */ \
    ROLE(schema, "application/vnd.cncf.model.weight.config.v1.raw") /* the data's contract */      \
    ROLE(metrics, "application/vnd.cncf.model.doc.v1.raw")          /* what it achieved */         \
    ROLE(reference, "application/vnd.cncf.model.dataset.v1.raw") /* what its sketch is made by */  \
    ROLE(golden, "application/vnd.cncf.model.dataset.v1.raw")    /* inputs and their outputs */

/** One file of a bundle. */
typedef struct gy_bundle_file {
    const char *path; // to be read from; of a bundle that was opened: its blob
    const char *name; // in the bundle: "model.onnx", "build/model.host/model.so"
    const char *role; // one of GY_BUNDLE_ROLES
    gy_id id;         // [out] SHA-256 of its bytes
    uint64_t bytes;   // [out]
} gy_bundle_file;

/** What the manifest says beside its files; NULL or 0: not said. */
typedef struct gy_bundle_facts {
    gy_id model;        // [out] the id of the first file of role model
    const char *data;   // version of the data that it was trained on
    const char *commit; // git commit
    const char *run;    // of gyre run
    uint64_t counter;   // only grows: what runs a bundle refuses one with a smaller number
    int64_t expires_s;  // UTC, seconds since 1970; after it the bundle is refused
} gy_bundle_facts;

enum {
    GY_BUNDLE_FILES_MAX = 1024,
    GY_BUNDLE_MANIFEST_BYTES_MAX = 1 << 20,
};

/**
 * Write a bundle: blobs, manifest, signature, and last, in one step, the index that names them. An
 * existing bundle is replaced in that step; its counter must be smaller, and files that only it had
 * are removed after it.
 * @param folder made if missing. GY_REFUSED: it holds something else, or a counter not smaller.
 * @param facts  counter 0: one more than that of the bundle which is there, or 1; set to what was
 * written.
 * @param key    path of a secret key (gyre bundle --new-key).
 * @return GY_OK; GY_INVALID: no model, two files of one name, a fact that is no plain text;
 * GY_UNSUPPORTED: libcrypto is not there; GY_NOT_FOUND, GY_IO, GY_LIMIT, GY_NO_MEMORY. After a
 * failure the bundle is what it was. The same files, facts and key give the same bytes.
 */
GY_API gy_status gy_bundle_write(const char *folder, gy_bundle_facts *facts, gy_bundle_file *files,
                                 size_t count, const char *key, gy_arena *arena,
                                 gy_error *err) GY_CHECKED;

/** A bundle that was opened and found whole. */
typedef struct gy_bundle {
    gy_bundle_facts facts;
    gy_bundle_file *files;
    size_t file_count;
    gy_id manifest;  // the bundle's own id
    const char *key; // that signed it: "ed25519:..."
} gy_bundle;

/**
 * Open a bundle: every byte is verified before anything is believed.
 * @param trust       path of the public key that must have signed it.
 * @param counter_min the newest counter seen: a smaller one is refused.
 * @param now_s       the time, UTC; 0: expiry is not looked at.
 * @return GY_OK; GY_REFUSED: changed, signed by another key, too old, expired; GY_FORMAT: not a
 * bundle; GY_UNSUPPORTED, GY_NOT_FOUND, GY_IO, GY_LIMIT, GY_NO_MEMORY.
 */
GY_API gy_status gy_bundle_open(gy_bundle *bundle, const char *folder, const char *trust,
                                uint64_t counter_min, int64_t now_s, gy_arena *arena,
                                gy_error *err) GY_CHECKED;

/**
 * What a bundle says of itself, without a look at its signature or its blobs: to ask where it comes
 * from, never to trust it.
 */
GY_API gy_status gy_bundle_peek(gy_bundle *bundle, const char *folder, gy_arena *arena,
                                gy_error *err) GY_CHECKED;

/**
 * Make the reference of a deployed model's sketches (docs/formats/bundle.md) from samples: features
 * are the elements of a sample, or over 16 of them their mean and deviation; then the elements of
 * its output, or over 64 likewise.
 * @param bytes  [out] appended.
 * @param input  a row a sample. @param output what the model makes of them.
 * @return GY_OK; GY_UNSUPPORTED: neither float32 nor uint8; GY_INVALID: a feature without a finite
 * value; GY_NO_MEMORY.
 */
GY_API gy_status gy_reference_make(gy_text *bytes, const gy_array *input, const gy_array *output,
                                   gy_arena *arena, gy_error *err) GY_CHECKED;

/** Read a day, 2026-01-31, or a time, 2026-01-31T23:59:59Z. GY_INVALID: neither. */
GY_API gy_status gy_bundle_time_read(int64_t *time_s, const char *text, gy_error *err) GY_CHECKED;

/**
 * Make an Ed25519 key pair: the secret one at path (mode 600), the public one at path with ".pub"
 * behind.
 * @return GY_OK; GY_UNSUPPORTED: no libcrypto; GY_IO: also where a file of that name
 * is there; GY_NO_MEMORY.
 */
GY_API gy_status gy_bundle_new_key(const char *path, gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
