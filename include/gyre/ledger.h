// SPDX-License-Identifier: Apache-2.0
//
// What is known of samples, models and runs: records under ids, append-only.
#ifndef GYRE_LEDGER_H
#define GYRE_LEDGER_H

#include "gyre/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// KIND(name): what a record says. The one list.
#define GY_RECORD_KINDS(KIND)                                                                      \
    KIND(version) /* a dataset version was stored; body: path, root, kind, samples, bytes, ... */  \
    KIND(finding) /* a rule or an audit says something of a sample; body: kind, score, ... */      \
    KIND(label)   /* a label was given or changed; body: part, old, new, by, reason */             \
    KIND(run)    /* a stage ran; body: stage, command, deps, outs, params, seeds, host, seconds */ \
    KIND(metric) /* body: name, value, split */                                                    \
    KIND(prediction) /* body: model, output, probability, loss */                                  \
    KIND(model)      /* a model file came to be; body: path, format, from */                       \
    KIND(lineage)    /* something was made from ids; body: what, how */                            \
    KIND(gate)       /* body: rule, old, new, verdict, interval */                                 \
    KIND(approval)   /* body: by, what, verdict, note */

/** One fact. Strings and ids are the caller's. */
typedef struct gy_record {
    const char *kind; // one of GY_RECORD_KINDS
    const gy_id *ids; // what it is about: samples, a model, a version's root
    size_t id_count;
    const char *body;    // a JSON object; of an erased record "{}"
    const char *run;     // the run that said it; NULL: none
    const char *version; // root of the dataset version it speaks of, hex; NULL
    const char *commit;  // git commit; NULL
    const char *writer;  // who or what: "gyre audit", a person; NULL: "gyre"
    int64_t time_us;     // UTC; 0: now
    uint64_t sequence;   // [out] place in this ledger, from 1
    bool erased;         // [out] its ids and body are gone (gy_ledger_erase)
} gy_record;

enum {
    GY_RECORD_IDS_MAX = 1 << 20,         // ids of one record
    GY_RECORD_BODY_BYTES_MAX = 16 << 20, // of one body
    GY_RECORD_TEXT_BYTES_MAX = 4096      // of run, version, commit, writer
};

typedef struct gy_ledger gy_ledger;

/**
 * Open the ledger of a project: .gyre/ledger.db in project (made if missing; .gyre is not).
 * @param ledger [out] not thread-safe: one a thread. Processes may share the file: writers wait.
 * @return GY_OK; GY_NOT_FOUND: project has no .gyre; GY_UNSUPPORTED: no SQLite, or a newer format;
 * GY_FORMAT: damaged, or not a ledger; GY_IO; GY_NO_MEMORY.
 */
GY_API gy_status gy_ledger_open(gy_ledger **ledger, const char *project, gy_error *err) GY_CHECKED;
/** NULL is fine. */
GY_API void gy_ledger_close(gy_ledger *ledger);

/**
 * Append records in one durable transaction: all of them, and on the disk, or none.
 * @param records time_us of 0 and a NULL writer are filled in, sequence is set.
 * @return GY_OK; GY_INVALID: an unknown kind, a body that is no object; GY_LIMIT: over a bound
 * above; GY_REFUSED: another process wrote for over 30 s; GY_IO, GY_FORMAT, GY_NO_MEMORY.
 * On a failure the sequences are undefined and the ledger is as it was.
 */
GY_API gy_status gy_ledger_append(gy_ledger *ledger, gy_record *records, size_t count,
                                  gy_error *err) GY_CHECKED;

/** What to look for; NULL or 0 fields: any. */
typedef struct gy_ledger_query {
    const char *kind;
    const gy_id *id;
    const char *run, *version;
    size_t limit; // newest first when set; 0: all, oldest first
} gy_ledger_query;

/** Called for each record found; good during the call. Not GY_OK: stop and hand it up. */
typedef gy_status gy_ledger_visit(void *context, const gy_record *record, gy_error *err);
GY_API gy_status gy_ledger_find(gy_ledger *ledger, const gy_ledger_query *query,
                                gy_ledger_visit *visit, void *context, gy_error *err) GY_CHECKED;

/** Append the record as one JSON object, its ids left out (a record may have a million). */
GY_API void gy_record_json(gy_text *out, const gy_record *record);

/** Append what the record says in words, with who said it and when, without a newline. */
GY_API gy_status gy_record_words(gy_text *out, const gy_record *record, gy_arena *scratch,
                                 gy_error *err) GY_CHECKED;

/**
 * The one id of the ledger that starts with prefix (4 to 64 hex digits).
 * @return GY_OK; GY_NOT_FOUND: none; GY_INVALID: several, err names two of them, or not hex.
 */
GY_API gy_status gy_ledger_resolve(gy_id *id, gy_ledger *ledger, const char *prefix,
                                   gy_error *err) GY_CHECKED;

/**
 * Check every hash chain. GY_REFUSED: broken; err names the first record that does not fit.
 * Records cut off at a chain's end leave no trace in the chain itself: keep a head elsewhere
 * (gy_ledger_heads) to notice.
 */
GY_API gy_status gy_ledger_verify(gy_ledger *ledger, gy_error *err) GY_CHECKED;

/** One writer's chain. */
typedef struct gy_ledger_head {
    const char *writer;
    uint64_t records;
    gy_id link; // of the newest record: covers all before it
} gy_ledger_head;

/** The heads of all chains, in the order in which the ledger met them; they live in arena. */
GY_API gy_status gy_ledger_heads(gy_ledger_head **heads, size_t *count, gy_ledger *ledger,
                                 gy_arena *arena, gy_error *err) GY_CHECKED;

/**
 * Take over all records of another project's ledger that this one does not have: their union.
 * @param added [out] records taken over; may be NULL.
 * @return GY_OK; GY_REFUSED: the other's chain is broken, or one chain goes on differently in both;
 * this ledger is as it was. Else as gy_ledger_open.
 */
GY_API gy_status gy_ledger_merge(uint64_t *added, gy_ledger *ledger, const char *other_project,
                                 gy_error *err) GY_CHECKED;

/**
 * Erase ids, body and salt of every record about id. Kind, time, writer, run and link stay: the
 * chain still holds.
 * @param erased [out] records erased; may be NULL.
 */
GY_API gy_status gy_ledger_erase(uint64_t *erased, gy_ledger *ledger, const gy_id *id,
                                 gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
