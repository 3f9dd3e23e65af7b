// SPDX-License-Identifier: Apache-2.0
//
// All of the library: one header a room.
#ifndef GYRE_GYRE_H
#define GYRE_GYRE_H

#include "gyre/arrow.h"
#include "gyre/base.h"
#include "gyre/compile.h"
#include "gyre/compress.h"
#include "gyre/ledger.h"
#include "gyre/model.h"
#include "gyre/pipeline.h"
#include "gyre/quality.h"
#include "gyre/store.h"
#include "gyre/table.h"
#include "gyre/value.h"

#endif
