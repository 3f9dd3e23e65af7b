// SPDX-License-Identifier: Apache-2.0
//
// What audit and clean share: the table, its project, and the records of what was found.
#ifndef GYRE_CLI_FINDINGS_H
#define GYRE_CLI_FINDINGS_H

#include "cli/command.h"

/** A table with its ids, and the project it lies in. */
typedef struct gy_subject {
    gy_table table;
    gy_marks marks;
    const char *project; // absolute; NULL: none
} gy_subject;

/** Read a table with its marks and ids. @param label as given by --label; NULL: not given. */
gy_status gy_subject_read(gy_subject *subject, const char *path, const char *label,
                          const gy_cli *cli, gy_error *err) GY_CHECKED;

/** Whether samples are rows of numbers and text: neither images nor tensors. */
bool gy_subject_is_plain(const gy_subject *subject);

/** Find the project that a table lies in; it stays NULL where there is none. */
gy_status gy_subject_find_project(gy_subject *subject, const gy_cli *cli, gy_error *err) GY_CHECKED;

/** Append records to the ledger of a project. */
gy_status gy_records_append(gy_record *records, size_t count, const char *project,
                            gy_error *err) GY_CHECKED;

/** Keep findings in the project, and record those that are flagged in its ledger. */
gy_status gy_findings_record(const gy_finding *findings, size_t count, const gy_subject *subject,
                             const gy_cli *cli, gy_error *err) GY_CHECKED;

/** Record changed labels in the project's ledger. */
gy_status gy_changes_record(const gy_cleaning *cleaning, const gy_subject *subject,
                            const gy_cli *cli, gy_error *err) GY_CHECKED;

/** Say what cleaning did, in a line or two. */
void gy_cleaning_tell(const gy_cleaning *cleaning, const char *path, FILE *out);

#endif
