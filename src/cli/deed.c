// SPDX-License-Identifier: Apache-2.0

#include "cli/deed.h"

#include <stdlib.h>
#include <string.h>

#include "cli/record.h"

static gy_status make_record(gy_record *record, const gy_deed *deed, gy_lineage *lineage,
                             const gy_cli *cli, gy_error *err)
{
    gy_id *ids = GY_NEW(cli->arena, gy_id, 1 + GY_DEED_FROM_MAX);
    gy_text body = {0};
    if (ids == NULL)
        return gy_fail(err, GY_NO_MEMORY, "no memory for a record");
    if (deed->id != NULL)
        ids[0] = *deed->id;
    else
        GY_TRY(gy_id_of_file(&ids[0], deed->path, err));
    gy_text_add(&body, "{\"what\":\"%s\"", deed->what);
    gy_text_json_member(&body, "path", deed->path);
    gy_text_add(&body, ",\"params\":%s,\"from\":[", deed->params == NULL ? "{}" : deed->params);
    size_t count = 0;
    for (size_t i = 0; i < GY_DEED_FROM_MAX; i++) {
        // What cannot be named (a folder that no version holds) is left out.
        if (deed->from[i] == NULL ||
            gy_lineage_resolve(&ids[1 + count], NULL, lineage, deed->from[i], NULL) != GY_OK)
            continue;
        gy_text_add(&body, count++ == 0 ? "" : ",");
        gy_json_text(&body, deed->from[i]);
    }
    gy_text_add(&body, "]}");
    *record = (gy_record){.kind = "lineage",
                          .ids = ids,
                          .id_count = 1 + count,
                          .run = getenv("GYRE_RUN"),
                          .writer = "gyre"};
    if (body.status == GY_OK)
        record->body = gy_arena_copy(cli->arena, body.bytes, body.length);
    gy_text_release(&body);
    return record->body != NULL ? GY_OK : gy_fail(err, GY_NO_MEMORY, "no memory for a record");
}

gy_status gy_deeds_record(const gy_deed *deeds, size_t count, const gy_cli *cli, gy_error *err)
{
    gy_lineage *lineage;
    if (count == 0 || gy_lineage_open(&lineage, ".", NULL) != GY_OK) // no project is no failure
        return GY_OK;
    gy_status status = GY_OK;
    gy_record *records = GY_NEW(cli->arena, gy_record, count);
    if (records == NULL)
        status = gy_fail(err, GY_NO_MEMORY, "no memory for %zu records", count);
    for (size_t i = 0; i < count && status == GY_OK; i++)
        status = make_record(&records[i], &deeds[i], lineage, cli, err);
    if (status == GY_OK)
        status = gy_ledger_append(gy_lineage_ledger(lineage), records, count, err);
    gy_lineage_close(lineage);
    return status;
}
