// SPDX-License-Identifier: Apache-2.0
//
// Files of src/rt and of this room that emitted programs consist of; made by embed.py.
#ifndef GYRE_COMPILE_TEXTS_H
#define GYRE_COMPILE_TEXTS_H

extern const char gy_source_abi[];
extern const char gy_source_math[];
extern const char gy_source_shape[];
extern const char gy_source_image[];
extern const char gy_source_lanes_avx512[];
extern const char gy_source_lanes_avx2[];
extern const char gy_source_lanes_neon[];
extern const char gy_source_lanes_plain[];
extern const char gy_source_lanes_pair[];
extern const char gy_source_conv[];
extern const char gy_source_conv_m4[];
extern const char gy_source_depthwise[];
extern const char gy_source_depthwise_m4[];
extern const char gy_source_pool[];
extern const char gy_source_add[];
extern const char gy_source_table[];
extern const char gy_source_quant[];
extern const char gy_source_quant_sum[];
extern const char gy_source_quant_tile[];
extern const char gy_source_quant_plain[];
extern const char gy_source_quant_vnni[];
extern const char gy_source_quant_avx2[];
extern const char gy_source_quant_m4[];
extern const char gy_source_quant_depthwise_m4[];
extern const char gy_source_svm[];
extern const char gy_source_recurrent[];
extern const char gy_source_device[];
extern const char gy_source_start_c[];
extern const char gy_source_main_device_c[];
extern const char gy_source_main_linux_c[];
extern const char gy_source_link_ld[];

#endif
