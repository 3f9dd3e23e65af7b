#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Twelve rules with all failing rows, 5M x 12: gyre check beside pandera on polars, in the same run.

Usage: quality_check.py [--rows N] [--rounds N]

CPU seconds (minimum, median) and peak RSS of whole processes, interleaved. Limit: no slower than pandera, 300 MB. gyre check
names every failing row by number and id; pandera gives values and, where it can, positions.
"""

import argparse
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import _quality_peers as peers  # noqa: E402

CONTRACT = """apiVersion: v3.1.0
kind: DataContract
schema:
  - properties:
      - name: id
        required: true
        unique: true
      - name: qty
        required: true
        logicalTypeOptions: {minimum: 0}
        logicalType: integer
      - name: price
        logicalType: number
        logicalTypeOptions: {exclusiveMinimum: 0}
      - name: reading
        logicalType: number
      - name: score
        logicalType: number
        logicalTypeOptions: {minimum: 0, maximum: 1}
      - name: country
        quality: [{metric: invalidValues, arguments: {validValues: [%s]}}]
      - name: category
        quality: [{metric: invalidValues, arguments: {validValues: [toys, books, garden, music, food, sport, health, auto, office, video, pets]}}]
      - name: email
        logicalTypeOptions: {pattern: '^[a-z0-9.]+@[a-z0-9]+(\\.[a-z]+)+$'}
      - name: ts
        logicalType: timestamp
        logicalTypeOptions: {minimum: 2023-11-01, maximum: 2024-03-01}
      - name: comment
        logicalTypeOptions: {maxLength: 60}
""" % ", ".join(a + b for a in "ABCDEFGHIJ" for b in "KLMNOP")

PANDERA = r"""
import sys
from datetime import datetime
import pandera.polars as pa
import polars as pl

frame = pl.read_parquet(sys.argv[1]).with_columns(pl.col("reading").fill_nan(None))
countries = [a + b for a in "ABCDEFGHIJ" for b in "KLMNOP"]
categories = "toys books garden music food sport health auto office video pets".split()
check = pa.Check
schema = pa.DataFrameSchema({
    "id": pa.Column(pl.Int64, unique=True),
    "qty": pa.Column(pl.Int64, check.ge(0)),
    "price": pa.Column(pl.Float64, check.gt(0), nullable=True),
    "reading": pa.Column(pl.Float64, check.in_range(-1e308, 1e308), nullable=True),
    "score": pa.Column(pl.Float64, check.in_range(0, 1)),
    "country": pa.Column(pl.String, check.isin(countries)),
    "category": pa.Column(pl.String, check.isin(categories), nullable=True),
    "email": pa.Column(pl.String, check.str_matches(r"^[a-z0-9.]+@[a-z0-9]+(\.[a-z]+)+$")),
    "ts": pa.Column(pl.Datetime("us"), check.in_range(datetime(2023, 11, 1), datetime(2024, 3, 1))),
    "comment": pa.Column(pl.String, check.str_length(max_value=60)),
})
try:
    schema.validate(frame, lazy=True)
    print("no failure")
except pa.errors.SchemaErrors as error:
    for column, rule, count in error.failure_cases.group_by(["column", "check"]).len().sort("column").iter_rows():
        print(column, rule[:40], count)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    python, table = peers.python("pandera"), peers.table(args.rows)
    contract = table.with_suffix(".contract.yaml")
    contract.write_text(CONTRACT)
    runs = peers.Runs()
    for _ in range(args.rounds):
        runs.run("gyre check", [peers.GYRE, "check", "--json", table], may_fail=True)
        runs.run("pandera on polars", [python, "-c", PANDERA, table])
    runs.show()
    runs.limit("gyre check", "pandera on polars", cpu=1.0, rss_mb=300)
    counted = subprocess.run([peers.GYRE, "check", table], capture_output=True, text=True, check=False).stdout
    rules = [line.split("\t")[2].split(":")[0] for line in counted.splitlines()]
    print("gyre's failures:", {rule: rules.count(rule) for rule in sorted(set(rules))})
    print("pandera's:", subprocess.run([python, "-c", PANDERA, table], capture_output=True, text=True, check=True).stdout.replace("\n", "; "))
    return runs.verdict()


if __name__ == "__main__":
    sys.exit(main())
