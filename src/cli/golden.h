// SPDX-License-Identifier: Apache-2.0
//
// Golden vectors of a bundle: a few stored samples with what the reference makes of them; and the
// reference of the deployed model's sketches.
#ifndef GYRE_CLI_GOLDEN_H
#define GYRE_CLI_GOLDEN_H

#include "cli/command.h"

/** Files that were made for a bundle, and the folder that they stand in until it is written. */
typedef struct gy_golden {
    gy_scratch folder;
    gy_bundle_file files[2 * 64];
    size_t count;
} gy_golden;

/**
 * Make golden/NAME.npz and reference/NAME.gysr of a model.
 * @param data samples as gyre compress takes them; NULL: the first data of the model's lineage that
 * fit it. Where there are none, nothing is made, and a line on stderr says why.
 */
gy_status gy_golden_make(gy_golden *golden, const char *model, const char *data, double scale,
                         const gy_cli *cli, gy_error *err) GY_CHECKED;

/** Remove the folder. */
void gy_golden_remove(gy_golden *golden);

/**
 * Run a bundle's models on its golden vectors, as compiled for this machine, or where there is no
 * compiler by the reference.
 * @param checked [out] samples. @return GY_REFUSED: another output; err names the first.
 */
gy_status gy_golden_check(size_t *checked, const gy_bundle *bundle, const gy_cli *cli,
                          gy_error *err) GY_CHECKED;

#endif
