#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Profile of 5M x 12 from Parquet: gyre profile beside DuckDB's SUMMARIZE and polars' describe, in the same run.

Usage: quality_profile.py [--rows N] [--rounds N]

CPU seconds (minimum, median) and peak RSS of whole processes, interleaved; all on one thread. Limit: no slower than SUMMARIZE,
200 MB. describe counts no different values.
"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import _quality_peers as peers  # noqa: E402

SUMMARIZE = """
import sys, duckdb
con = duckdb.connect()
con.execute("SET threads = 1; SET enable_progress_bar = false")
print(con.execute(f"SUMMARIZE SELECT * FROM '{sys.argv[1]}'").fetchall())
"""
DESCRIBE = "import sys, polars; print(polars.read_parquet(sys.argv[1]).describe())"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    python, table = peers.python("pandera"), peers.table(args.rows)
    runs = peers.Runs()
    for _ in range(args.rounds):
        runs.run("gyre profile", [peers.GYRE, "profile", "--json", table], GYRE_THREADS="1")
        runs.run("DuckDB SUMMARIZE", [python, "-c", SUMMARIZE, table])
        runs.run("polars describe", [python, "-c", DESCRIBE, table], POLARS_MAX_THREADS="1")
    runs.show()
    runs.limit("gyre profile", "DuckDB SUMMARIZE", cpu=1.0, rss_mb=200)
    return runs.verdict()


if __name__ == "__main__":
    sys.exit(main())
