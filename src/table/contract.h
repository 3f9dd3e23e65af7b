// SPDX-License-Identifier: Apache-2.0
//
// The contract of a table: a strict subset of ODCS 3.1 (docs/formats/contract.md). Here its file
// and its marks; `quality` reads the rules.
#ifndef GYRE_TABLE_CONTRACT_H
#define GYRE_TABLE_CONTRACT_H

#include "base/json.h"
#include "gyre/table.h"

/** Where the contract of a table is: labels.csv -> labels.contract.yaml, beside it. */
char *gy_contract_path(const char *table_path, gy_arena *arena);

/**
 * Read a contract and check its outline.
 * @param schema [out] the entry of `schema` that describes the table.
 * @return GY_OK; GY_NOT_FOUND; GY_FORMAT: err names file and line.
 */
gy_status gy_contract_read(const gy_json **schema, const char *path, gy_arena *arena,
                           gy_error *err) GY_CHECKED;

/** The value of a custom property of a column or schema; NULL: it has none of that name. */
const gy_json *gy_contract_custom(const gy_json *owner, const char *property);

#endif
