// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_LEDGER_LEDGER_H
#define GYRE_LEDGER_LEDGER_H

#include "gyre/ledger.h"
#include "ledger/sqlite.h"

enum {
    GY_LEDGER_FORMAT = 1, // of the tables; a newer one is refused
    GY_LEDGER_ORIGIN_BYTES = 16,
    GY_LEDGER_SALT_BYTES = 16
};

struct gy_ledger {
    gy_arena *arena; // holds the ledger itself; scratch above it is rewound
    gy_database *database;
    const char *path;
};

/** The kinds, NULL at the end. */
extern const char *const gy_ledger_kinds[];

// ---- rows of the table `record`, with the words behind their numbers

/** The columns that gy_ledger_row_read expects; "FROM" and conditions follow. */
#define GY_LEDGER_ROW_SELECT                                                               \
    "SELECT record.sequence, record.place, record.kind, record.time_us, run.text, "        \
    "version.text, git_commit.text, record.ids, record.body, record.salt, record.digest, " \
    "record.link, chain.writer, chain.origin, record.chain FROM record "                   \
    "JOIN chain ON chain.number = record.chain "                                           \
    "LEFT JOIN word AS run ON run.number = record.run "                                    \
    "LEFT JOIN word AS version ON version.number = record.version "                        \
    "LEFT JOIN word AS git_commit ON git_commit.number = record.git_commit "

/** One row; its strings and bytes are good until the statement's next step. */
typedef struct gy_ledger_row {
    gy_record record;
    uint64_t place; // in its chain, from 1
    int64_t chain;
    const uint8_t *origin, *salt; // salt NULL: erased
    size_t body_length;
    gy_id digest; // stored for an erased record, computed for others
    gy_id link;
} gy_ledger_row;

/** @return GY_OK; GY_FORMAT: a column holds what no ledger writes. */
gy_status gy_ledger_row_read(gy_ledger_row *row, gy_ledger *ledger, gy_statement *statement,
                             gy_error *err) GY_CHECKED;

// ---- the chain (docs/formats/ledger.md)

/** The salted digest of what can be erased: ids and body. */
void gy_ledger_digest(gy_id *digest, const uint8_t *salt, const gy_id *ids, size_t id_count,
                      const char *body, size_t body_length);

/** The link of a row after the link before it (zeros before the first). */
void gy_ledger_link(gy_id *link, const gy_id *previous, const gy_ledger_row *row);

// ---- writing

/** A transaction that adds rows. */
typedef struct gy_ledger_writer gy_ledger_writer;

/**
 * Begin. End with gy_ledger_writer_end, which keeps all rows or none.
 * @param ids how many ids the rows may have together.
 */
gy_status gy_ledger_writer_begin(gy_ledger_writer **writer, gy_ledger *ledger, size_t ids,
                                 gy_error *err) GY_CHECKED;

/** Go on with the chain of this name and origin (NULL: our own), made if missing. */
gy_status gy_ledger_writer_choose(gy_ledger_writer *writer, const uint8_t *origin, const char *name,
                                  gy_error *err) GY_CHECKED;

/** How many records the chosen chain has. */
uint64_t gy_ledger_writer_place(const gy_ledger_writer *writer);

/** Add a row to the chosen chain: place and link are computed, all else is taken as it is. */
gy_status gy_ledger_writer_add(gy_ledger_writer *writer, gy_ledger_row *row,
                               gy_error *err) GY_CHECKED;

/** Commit if status is GY_OK, else undo; @return status, or why the commit failed. */
gy_status gy_ledger_writer_end(gy_ledger_writer *writer, gy_status status,
                               gy_error *err) GY_CHECKED;

/** The key that `about` is sorted by: the first 8 bytes of an id, in an integer of their order. */
int64_t gy_ledger_start(const gy_id *id);

#endif
