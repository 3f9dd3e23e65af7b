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
    KIND(version) /* a dataset version was stored; body: pointer, root, samples, bytes */          \
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
    const char *body;    // a JSON object
    const char *run;     // the run that said it; NULL: none
    const char *version; // root of the dataset version it speaks of, hex; NULL
    const char *commit;  // git commit; NULL
    const char *writer;  // who or what: "gyre audit", a person
    int64_t time_us;     // UTC; 0: now
    uint64_t sequence;   // [out] place in the ledger, from 1
} gy_record;

typedef struct gy_ledger gy_ledger;

/**
 * Open the ledger of a project: .gyre/ledger.db in project (made if missing).
 * @return GY_OK; GY_UNSUPPORTED: no SQLite, or a newer format; GY_IO, GY_FORMAT: damaged.
 */
GY_API gy_status gy_ledger_open(gy_ledger **ledger, const char *project, gy_error *err) GY_CHECKED;
GY_API void gy_ledger_close(gy_ledger *ledger);

/** Append records in one durable transaction: all of them or none. */
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

/** The one id that starts with prefix (at least 4 hex digits). GY_NOT_FOUND; GY_INVALID: several.
 */
GY_API gy_status gy_ledger_resolve(gy_id *id, gy_ledger *ledger, const char *prefix,
                                   gy_error *err) GY_CHECKED;

/** Check the hash chain. GY_REFUSED: broken; err names the first record that does not fit. */
GY_API gy_status gy_ledger_verify(gy_ledger *ledger, gy_error *err) GY_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
