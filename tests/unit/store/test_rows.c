// SPDX-License-Identifier: Apache-2.0
//
// Goal: samples are counted as RFC 4180 says, however the bytes are cut into pieces. Method: a
// table of texts, each fed whole and cut at every place.

#include "store/rows.h"

#include <string.h>

#include "check.h"

static const struct {
    const char *name, *text;
    uint64_t samples;
} cases[] = {
    {"t.csv", "", 0},
    {"t.csv", "a,b", 0},
    {"t.csv", "a,b\n", 0},
    {"t.csv", "a,b\n1,2", 1},
    {"t.csv", "a,b\n1,2\n", 1},
    {"t.csv", "a,b\r\n1,2\r\n3,4\r\n", 2},
    {"t.csv", "a,b\n\n1,2\n\n\n", 1},
    {"t.csv", "a,b\n\"x\ny\",2\n3,4\n", 2},
    {"t.csv", "a,b\n\"say \"\"no\"\"\n\",2\n3,4\n", 2},
    {"t.csv", "\"a\n\",b\n1,2\n", 1},
    {"t.CSV", "a\n \n", 1},
    {"t.tsv", "a\tb\n1\t2\n", 1},
    {"t.jsonl", "{\"a\":1}\n{\"a\":\"\\\"\"}\n", 2},
    {"t.jsonl", "{\"a\":1}\n \t\r\n{\"a\":2}", 2},
    {"t.ndjson", "", 0},
    {"t.bin", "a\nb\nc", 1},
    {"t.csv.gz", "a\nb\nc", 1},
};

static void test_records_are_counted(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const uint8_t *bytes = (const uint8_t *)cases[i].text;
        size_t length = strlen(cases[i].text);
        for (size_t cut = 0; cut <= length; cut++) {
            gy_rows rows = {.kind = gy_rows_kind_of(cases[i].name)};
            gy_rows_add(&rows, bytes, cut);
            gy_rows_add(&rows, bytes + cut, length - cut);
            CHECK(gy_rows_end(&rows) == cases[i].samples);
        }
    }
}

int main(void)
{
    RUN(test_records_are_counted);
    return check_done();
}
