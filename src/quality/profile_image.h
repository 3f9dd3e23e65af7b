// SPDX-License-Identifier: Apache-2.0
#ifndef GYRE_QUALITY_PROFILE_IMAGE_H
#define GYRE_QUALITY_PROFILE_IMAGE_H

#include "gyre/quality.h"

typedef struct gy_image_profile gy_image_profile;

/** @param images [out] in arena; to be ended with gy_image_profile_end. */
gy_status gy_image_profile_start(gy_image_profile **images, size_t threads, gy_arena *arena,
                                 gy_error *err) GY_CHECKED;

/** Decode the images that a chunk's rows name. */
gy_status gy_image_profile_add(gy_image_profile *images, const gy_table *chunk,
                               const gy_column *paths, gy_error *err) GY_CHECKED;

/** @param result [out] NULL if no row named a file that is there. */
gy_status gy_image_profile_end(const gy_profile_images **result, gy_image_profile *images,
                               gy_arena *arena, gy_error *err) GY_CHECKED;

#endif
