#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A mixed table of 12 columns with planted faults, by DuckDB alone and from hashes alone: the same rows everywhere.

_quality_data.py OUT.parquet [ROWS]    (5,000,000 rows: about 190 MB)
"""

import sys

import duckdb

ROWS = """
SELECT i AS id,
       CAST(floor(50 / pow(u(i, 1) + 1e-9, 0.9)) AS BIGINT) % 200000 AS user_id,
       CASE WHEN u(i, 2) < 0.03 THEN NULL WHEN u(i, 3) < 1e-4 THEN -1
            ELSE CAST(floor(6 * u(i, 4) * u(i, 5)) AS BIGINT) END AS qty,
       CASE WHEN u(i, 6) < 0.02 THEN NULL ELSE round(exp(3 + normal(i, 7)), 2) END AS price,
       CASE WHEN u(i, 9) < 0.01 THEN 'nan'::DOUBLE WHEN u(i, 10) < 1e-4 THEN 'inf'::DOUBLE
            WHEN u(i, 10) < 2e-4 THEN '-inf'::DOUBLE ELSE 20 + 5 * normal(i, 11) END AS reading,
       round(u(i, 13) * sqrt(u(i, 14)), 2) AS score,
       chr(65 + CAST(floor(10 * z(i)) AS INT)) || chr(75 + CAST(floor(60 * z(i)) AS INT) % 6) AS country,
       CASE WHEN u(i, 16) < 0.05 THEN NULL WHEN u(i, 17) < 2e-4 THEN 'Toyz'
            ELSE list_extract(['toys', 'books', 'garden', 'music', 'food', 'sport', 'health', 'auto', 'office', 'video',
                               'pets'], 1 + CAST(floor(11 * u(i, 18)) AS INT)) END AS category,
       make_timestamp(1700000000000000 + i * 1555200 + CAST(floor(1500 * u(i, 19)) AS BIGINT) * 1000) AS ts,
       u(i, 20) < 0.3 AS flag,
       list_extract(['ann', 'bob', 'carla', 'dieter', 'eve', 'farid', 'gina', 'hugo'], 1 + CAST(floor(8 * u(i, 21)) AS INT))
           || '.' || CAST(floor(4e6 * u(i, 22)) AS BIGINT) || CASE WHEN u(i, 23) < 5e-4 THEN ' at ' ELSE '@' END
           || list_extract(['example.com', 'mail.test', 'corp.example', 'uni.test'], 1 + CAST(floor(4 * u(i, 24)) AS INT)) AS email,
       'the ' || list_extract(['parcel', 'box', 'seat', 'shop', 'call', 'order', 'price', 'staff', 'page', 'reply'],
                              1 + CAST(floor(10 * u(i, 25)) AS INT)) || ' was '
           || list_extract(['fast', 'slow', 'good', 'bad', 'late', 'broken', 'nice', 'cheap', 'dear', 'quiet'],
                           1 + CAST(floor(10 * u(i, 26)) AS INT)) || ' on day ' || CAST(floor(1e4 * u(i, 27)) AS BIGINT) AS comment
FROM numbers"""


def write(path, rows):
    con = duckdb.connect()
    con.execute("CREATE MACRO u(i, k) AS (hash(i * 64 + k) >> 11)::DOUBLE / 9007199254740992.0")
    con.execute("CREATE MACRO normal(i, k) AS sqrt(-2 * ln(u(i, k) + 1e-300)) * cos(6.283185307179586 * u(i, k + 1))")
    con.execute("CREATE MACRO z(i) AS least(0.999999, pow(u(i, 15), 3))")
    first = rows - rows // 100  # one row in a hundred is a copy of an earlier one
    numbers = f"(SELECT range AS i FROM range({first}) UNION ALL SELECT range * 97 % {first} FROM range({rows - first})) AS numbers"
    con.execute(f"COPY ({ROWS.replace('FROM numbers', 'FROM ' + numbers)}) TO '{path}' "
                "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 500000)")


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5_000_000)
