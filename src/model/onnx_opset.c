// SPDX-License-Identifier: Apache-2.0
//
// Which operator sets a model or a function is written in (OperatorSetIdProto).

#include <string.h>

#include "model/onnx.h"

gy_status gy_onnx_opsets(gy_wire wire, uint32_t number, gy_onnx_reader *reader, gy_error *err)
{
    size_t count = 0;
    gy_wire again = wire;
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &wire, err));
        if (field.number == 0)
            break;
        count += field.number == number;
    }
    reader->opsets = GY_NEW(reader->arena, gy_opset, count);
    reader->opset_count = 0;
    if (reader->opsets == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for %zu operator sets", count);
    for (gy_field field;;) {
        GY_TRY(gy_wire_next(&field, &again, err));
        gy_wire inner;
        if (field.number == 0)
            return GY_OK;
        if (field.number != number)
            continue;
        GY_TRY(gy_wire_open(&inner, &field, &again, err));
        gy_opset *opset = &reader->opsets[reader->opset_count++];
        opset->domain = "";
        for (gy_field part;;) {
            GY_TRY(gy_wire_next(&part, &inner, err));
            if (part.number == 0)
                break;
            if (part.number == 1)
                GY_TRY(gy_wire_text(&opset->domain, &part, &inner, reader->arena, err));
            else if (part.number == 2)
                opset->version = part.value > 0 && part.value < 1000 ? (int)part.value : 0;
        }
        if (strcmp(opset->domain, "ai.onnx") == 0)
            opset->domain = "";
        if (opset->version == 0)
            return gy_fail(err, GY_FORMAT, "operator set '%s' has no version from 1 to 999",
                           opset->domain);
    }
}
