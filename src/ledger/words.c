// SPDX-License-Identifier: Apache-2.0
//
// Records as people and programs read them. A body is told by the members that records of its kind
// have; what else it holds is told as JSON alone.

#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "gyre/ledger.h"

void gy_record_json(gy_text *out, const gy_record *record)
{
    gy_text_add(out, "{\"sequence\":%" PRIu64 ",\"kind\":\"%s\",\"time_us\":%" PRId64,
                record->sequence, record->kind, record->time_us);
    gy_text_json_member(out, "writer", record->writer);
    gy_text_json_member(out, "run", record->run);
    gy_text_json_member(out, "version", record->version);
    gy_text_json_member(out, "commit", record->commit);
    gy_text_add(out, ",\"body\":%s}", record->body);
}

static void add_member(gy_text *out, const gy_json *body, const char *key, const char *before)
{
    const gy_json *value = gy_json_get(body, key);
    if (value == NULL || value->kind == GY_JSON_NULL)
        return;
    bool is_id = strcmp(key, "model") == 0 || strcmp(key, "before") == 0;
    gy_text_add(out, "%s", before);
    if (value->kind == GY_JSON_STRING)
        gy_text_add(out, is_id ? "%.12s" : "%s", value->text);
    else
        gy_json_write(out, value);
}

gy_status gy_record_words(gy_text *out, const gy_record *record, gy_arena *scratch, gy_error *err)
{
    static const struct {
        const char *kind, *key, *before;
    } members[] = {
        {"version", "path", ""},
        {"version", "samples", ": samples "},
        {"version", "before", ", after version "},
        {"version", "by", ", by "},
        {"finding", "kind", ""},
        {"finding", "rule", " "},
        {"finding", "score", " "},
        {"finding", "given", ": "},
        {"finding", "suggested", " -> "},
        {"finding", "reason", ", "},
        {"label", "part", ""},
        {"label", "old", " "},
        {"label", "new", " -> "},
        {"label", "by", ", by "},
        {"label", "reason", ", "},
        {"prediction", "output", ""},
        {"prediction", "label", ", labelled "},
        {"prediction", "loss", ", loss "},
        {"prediction", "model", ", by model "},
        {"metric", "name", ""},
        {"metric", "value", " "},
        {"metric", "split", ", "},
        {"gate", "rule", ""},
        {"gate", "words", ": "},
        {"approval", "verdict", ""},
        {"approval", "by", " by "},
        {"approval", "note", ", "},
    };
    gy_json *body;
    char stamp[32] = "an unknown time";
    struct tm utc;
    time_t seconds = (time_t)(record->time_us / 1000000);
    gy_arena_mark mark = gy_arena_here(scratch);
    GY_TRY(gy_json_parse(&body, record->body, strlen(record->body), "a record", scratch, err));
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (strcmp(members[i].kind, record->kind) == 0)
            add_member(out, body, members[i].key, members[i].before);
    gy_arena_rewind(scratch, mark);
    if (gmtime_r(&seconds, &utc) != NULL)
        strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M UTC", &utc);
    gy_text_add(out, "%s   %s, %s", record->erased ? "erased" : "", record->writer, stamp);
    if (record->run != NULL)
        gy_text_add(out, ", run %s", record->run);
    return GY_OK;
}
