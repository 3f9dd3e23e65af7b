# SPDX-License-Identifier: Apache-2.0
"""One table of cells that are hard to read, drawn from a seed, in the forms that files come in: other orders of columns,
quotes, line ends, separators, and as text in JSON lines and Parquet. Beside it typed.parquet and typed.csv, which
say the same.

Usage: strange_tables.py SEED FOLDER (wants pyarrow)"""

import csv
import datetime
import decimal
import io
import json
import pathlib
import random
import sys

import pyarrow
import pyarrow.parquet

CELLS = r"""0 -0 -0.0 1 1.0 1e0 +1 01 1_000 1,000 18446744073709551616 123456789012345678901234567890 -9223372036854775808
9223372036854775808 1e400 -1e400 1e-400 5e-324 0.1 .1 5. . -. e5 1e 1e+5 1E-5 1e+ --1 nan NaN NAN inf Inf +inf -inf
Infinity infinity true True TRUE tRUE yes 2020-01-01 2020-02-30 2020-1-1 2020-01-01T00:00:00Z 2020-01-01T00:00:00+02:00
2020-01-01T23:59:60 2020-01-01T24:00:00 2020-01-01T12:34:56.7891234567 2020-01-01T12:34+01 2020-01-01T12:34+01:
2020-01-01T12:34-1830 2020-01-01T12:34+19:00 2020-01-01t12:34 2020-01-01T12 2020-01-01T12:34:56. 1969-12-31T23:59:59.9999999
null None n/a - 0x10 1f 00.5 -00.5 0e5 1.7976931348623157e308 1.7976931348623159e308 9007199254740993 9007199254740993.0
9007199254740992.5 1e22 1e23 {} [1] # #a =1+1 12:34 \ \n""".split() + [
    "", " ", "\t", " 1", "1 ", "\t1\t", "\xa01", " true", "- 1", '"', '""', 'a"b', "'", "a\nb", "a\r\nb", "a\rb", "\n", "x,y",
    "x;y", "\x01", "\x7f", "\u00e9", "e\u0301", "\ufeff", "\u0661", "\uff11", "\U0001f600", "2020-01-01 12:34:56 +02"]
NAMES = ["a", "b", "B", "\u00e9", "e\u0301", " x", "x ", "a b", '"q"', "1", "-", "n\nl"]


def draw_cell(draw):
    kind = draw.random()
    if kind < 0.7:
        return draw.choice(CELLS)
    if kind < 0.85:
        return repr(draw.uniform(-1, 1) * 10.0 ** draw.randint(-320, 308))
    return "".join(draw.choice("0123456789.eE+-T:") for _ in range(draw.randint(1, 25)))


def write_typed(folder):
    """Every type of Parquet with what a CSV would say."""
    ns = [0, 1, -1, 999, 1000, -999, -1000, -1001, 10**18, None]
    rest = [None] * (len(ns) - 3)
    big = "12345678901234567890123456789012345678"
    columns = {
        "ns": (pyarrow.timestamp("ns"), ns, ["1970-01-01", "1970-01-01", "1969-12-31T23:59:59.999999", "1970-01-01",
               "1970-01-01T00:00:00.000001", "1969-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999",
               "1969-12-31T23:59:59.999998", "2001-09-09T01:46:40", ""]),
        "s": (pyarrow.timestamp("s", "Europe/Berlin"), [-1, 0, 1] + rest, ["1969-12-31T23:59:59Z", "1970-01-01", "1970-01-01 00:00:01"]),
        "u64": (pyarrow.uint64(), [0, 2**63, 2**64 - 1] + rest, ["-0", "9223372036854775808", "18446744073709551615"]),
        "f32": (pyarrow.float32(), [0.1, -0.0, 1e-45] + rest, ["0.1", "0", "1e-45"]),
        "f64": (pyarrow.float64(), [0.1, float("nan"), 1e23] + rest, [".1", "NaN", "1E+23"]),
        "bool": (pyarrow.bool_(), [True, False, None] + rest, ["TRUE", "false", ""]),
        "day": (pyarrow.date32(), [datetime.date(1, 1, 1), datetime.date(9999, 12, 31), None] + rest, ["0001-01-01", "9999-12-31", ""]),
        "cents": (pyarrow.decimal128(38, 2), [decimal.Decimal("0.10"), decimal.Decimal("-1.00"), None] + rest, [".1", "-1", ""]),
        "big": (pyarrow.decimal128(38, 0), [decimal.Decimal(big), decimal.Decimal("-" + big), None] + rest, [big, "-" + big, ""]),
        "word": (pyarrow.dictionary(pyarrow.int8(), pyarrow.string()), ["1", "true", ""] + rest, ["1.0", "True", ""]),
        "list": (pyarrow.list_(pyarrow.int64()), [[1, 2], [], None] + rest, ["[1,2]", "[]", ""]),
    }
    table = pyarrow.table({name: pyarrow.array(values, kind) for name, (kind, values, _) in columns.items()})
    pyarrow.parquet.write_table(table, folder / "typed.parquet")
    with open(folder / "typed.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        out.writerows([(spelt + [""] * len(ns))[row] for _, _, spelt in columns.values()] for row in range(len(ns)))


def main():
    draw, folder = random.Random(int(sys.argv[1])), pathlib.Path(sys.argv[2])
    names = draw.sample(NAMES, draw.randint(2, 6))
    rows = [[draw_cell(draw) for _ in names] for _ in range(60)]

    def order():
        return draw.sample(range(len(names)), len(names))

    for name, mark, options in (("plain.csv", "", {}), ("quoted.csv", "", {"quoting": csv.QUOTE_ALL}),
                                ("marked.csv", "\ufeff", {"lineterminator": "\r\n", "quoting": csv.QUOTE_ALL}),
                                ("tabs.tsv", "", {"delimiter": "\t"})):
        text, columns = io.StringIO(newline=""), order()
        out = csv.writer(text, **{"lineterminator": "\n", "quoting": csv.QUOTE_MINIMAL} | options)
        out.writerows([line[i] for i in columns] for line in [names] + rows)
        (folder / name).write_bytes((mark + text.getvalue()).encode())
    for name, mark, as_ascii in (("ascii.jsonl", "", True), ("marked.jsonl", "\ufeff", False)):
        lines = [json.dumps({names[i]: row[i] for i in order()}, ensure_ascii=as_ascii) for row in rows]
        (folder / name).write_bytes((mark + "\n".join(lines)).encode())
    columns = order()
    table = pyarrow.table([pyarrow.array([row[i] for row in rows]) for i in columns], names=[names[i] for i in columns])
    pyarrow.parquet.write_table(table, folder / "text.parquet", row_group_size=7)
    write_typed(folder)


main()
