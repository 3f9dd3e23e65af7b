// SPDX-License-Identifier: Apache-2.0
//
// The JSON texts of a bundle, written. Keys stand in the order of their bytes and nothing is left
// to choice, so that the same bundle is the same bytes.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/bundle.h"

gy_bundle_blob gy_bundle_blob_of(const gy_text *text)
{
    gy_bundle_blob blob = {.bytes = text->length};
    gy_id_of_bytes(&blob.id, text->bytes == NULL ? "" : text->bytes, text->length);
    return blob;
}

const char *gy_bundle_media_type(const char *role)
{
    static const struct {
        const char *role, *type;
    } rows[] = {
#define ROLE(name, type) {#name, type},
        GY_BUNDLE_ROLES(ROLE)
#undef ROLE
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].role, role) == 0)
            return rows[i].type;
    return NULL;
}

static void put_string(gy_text *out, const char *text)
{
    gy_text_json_string(out, text, strlen(text));
}

// digest, mediaType and size of a descriptor, without its braces.
static void put_blob(gy_text *out, const gy_bundle_blob *blob, const char *type)
{
    gy_text_add(out, "\"digest\":\"sha256:%s\",\"mediaType\":\"%s\",\"size\":%" PRIu64,
                gy_id_text(&blob->id).text, type, blob->bytes);
}

void gy_bundle_put_config(gy_text *out, const gy_bundle_facts *facts, const gy_bundle_file *files,
                          size_t count)
{
    gy_text_add(out, "{\"config\":{\"format\":\"onnx\"},\"descriptor\":{\"name\":");
    put_string(out, files[0].name);
    gy_text_add(out, ",\"revision\":\"%s\",\"version\":\"%" PRIu64 "\"},\"modelfs\":{\"diffIds\":[",
                facts->commit == NULL ? "" : facts->commit, facts->counter);
    for (size_t i = 0; i < count; i++)
        gy_text_add(out, "%s\"sha256:%s\"", i == 0 ? "" : ",", gy_id_text(&files[i].id).text);
    gy_text_add(out, "],\"type\":\"layers\"}}");
}

static void put_fact(gy_text *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    gy_text_add(out, "\"io.gyre.%s\":", name);
    put_string(out, value);
    gy_text_add(out, ",");
}

void gy_bundle_put_manifest(gy_text *out, const gy_bundle_facts *facts,
                            const gy_bundle_blob *config, const gy_bundle_file *files, size_t count)
{
    gy_text_add(out, "{\"annotations\":{");
    put_fact(out, "commit", facts->commit);
    gy_text_add(out, "\"io.gyre.counter\":\"%" PRIu64 "\",", facts->counter);
    put_fact(out, "data", facts->data);
    if (facts->expires_s != 0)
        put_fact(out, "expires", gy_bundle_time_text(facts->expires_s).text);
    gy_text_add(out, "\"io.gyre.model\":\"%s\",", gy_id_text(&facts->model).text);
    put_fact(out, "run", facts->run);
    gy_text_add(out, "\"io.gyre.version\":\"1\"},\"artifactType\":\"%s\",\"config\":{",
                GY_BUNDLE_MODEL_TYPE);
    put_blob(out, config, "application/vnd.cncf.model.config.v1+json");
    gy_text_add(out, "},\"layers\":[");
    for (size_t i = 0; i < count; i++) {
        const gy_bundle_blob blob = {files[i].id, files[i].bytes};
        gy_text_add(out, "%s{\"annotations\":{\"io.gyre.role\":\"%s\",", i == 0 ? "" : ",",
                    files[i].role);
        gy_text_add(out, "\"org.cncf.model.filepath\":");
        put_string(out, files[i].name);
        gy_text_add(out, "},");
        put_blob(out, &blob, gy_bundle_media_type(files[i].role));
        gy_text_add(out, "}");
    }
    gy_text_add(out, "],\"mediaType\":\"%s\",\"schemaVersion\":2}", GY_BUNDLE_MANIFEST_TYPE);
}

void gy_bundle_put_signature(gy_text *out, const gy_bundle_blob *subject, const char *key,
                             const gy_signature *signature)
{
    gy_text empty_text = {.bytes = (char[]){GY_BUNDLE_EMPTY}, .length = 2};
    const gy_bundle_blob empty = gy_bundle_blob_of(&empty_text);
    gy_text_add(out, "{\"annotations\":{\"io.gyre.key\":\"%s\",\"io.gyre.signature\":\"", key);
    for (size_t i = 0; i < sizeof(signature->bytes); i++)
        gy_text_add(out, "%02x", signature->bytes[i]);
    gy_text_add(out, "\"},\"artifactType\":\"%s\",\"config\":{", GY_BUNDLE_SIGNATURE_TYPE);
    put_blob(out, &empty, "application/vnd.oci.empty.v1+json");
    gy_text_add(out, "},\"layers\":[{");
    put_blob(out, &empty, "application/vnd.oci.empty.v1+json");
    gy_text_add(out, "}],\"mediaType\":\"%s\",\"schemaVersion\":2,\"subject\":{",
                GY_BUNDLE_MANIFEST_TYPE);
    put_blob(out, subject, GY_BUNDLE_MANIFEST_TYPE);
    gy_text_add(out, "}}");
}

void gy_bundle_put_index(gy_text *out, const gy_bundle_blob *manifest,
                         const gy_bundle_blob *signature)
{
    gy_text_add(out, "{\"manifests\":[{\"artifactType\":\"%s\",", GY_BUNDLE_MODEL_TYPE);
    put_blob(out, manifest, GY_BUNDLE_MANIFEST_TYPE);
    gy_text_add(out, "},{\"artifactType\":\"%s\",", GY_BUNDLE_SIGNATURE_TYPE);
    put_blob(out, signature, GY_BUNDLE_MANIFEST_TYPE);
    gy_text_add(
        out, "}],\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"schemaVersion\":2}");
}

// ---- times: the proleptic Gregorian calendar, by days since 1970 (Hinnant's algorithms)

gy_bundle_time gy_bundle_time_text(int64_t time_s)
{
    gy_bundle_time out;
    int64_t day = time_s / 86400 - (time_s % 86400 < 0), second = time_s - day * 86400;
    int64_t shifted = day + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100),
            month = (5 * of_year + 2) / 153;
    int64_t date = of_year - (153 * month + 2) / 5 + 1;
    month += month < 10 ? 3 : -9;
    (void)snprintf(out.text, sizeof(out.text),
                   "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02" PRId64 ":%02" PRId64
                   ":%02" PRId64 "Z",
                   (year + era * 400 + (month <= 2)) % 10000, month, date, second / 3600,
                   second / 60 % 60, second % 60);
    return out;
}

gy_status gy_bundle_time_read(int64_t *time_s, const char *text, gy_error *err)
{
    int year, month, date, hour = 0, minute = 0, second = 0, length = 0;
    int parts = sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &year, &month, &date, &hour, &minute,
                       &second, &length);
    bool is_day = parts == 3 && strlen(text) == 10;
    if (parts >= 3 && (is_day || (parts == 6 && length == 20 && text[20] == '\0'))) {
        int64_t y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
        int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + date - 1;
        int64_t day = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
        *time_s = day * 86400 + hour * 3600 + minute * 60 + second;
        // Whoever writes the 31st of February means something else.
        const gy_bundle_time again = gy_bundle_time_text(*time_s);
        if (strncmp(again.text, text, is_day ? 10 : 20) == 0)
            return GY_OK;
    }
    return gy_fail(err, GY_INVALID, "'%s' is no date (2026-01-31, or 2026-01-31T23:59:59Z)", text);
}
