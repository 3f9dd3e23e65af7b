"""Writes rows.csv, rows.jsonl and rows.parquet beside it, the same values by three other programs:
python3 make_tables.py. Needs pandas and pyarrow."""
import datetime
import decimal
import json
import os
import random
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

here = os.path.dirname(os.path.abspath(__file__))
r = random.Random(7)
N = 60


def some(make, share=0.9):
    return [make() if r.random() < share else None for _ in range(N)]


day = datetime.date(2023, 5, 17)
values = {
    "small": pa.array(some(lambda: r.randrange(-100, 100)), pa.int8()),
    "long": pa.array(some(lambda: r.randrange(-2**63, 2**63)), pa.int64()),
    "unsigned": pa.array(some(lambda: r.randrange(2**63, 2**64)), pa.uint64()),
    "half": pa.array(some(lambda: r.choice([0.1, 1.0, -2.5, 1e20, 3e-9])), pa.float32()),
    "double": pa.array(some(lambda: r.choice([r.random(), r.gauss(0, 1e9), 7.0, 1e300])), pa.float64()),
    "price": pa.array(some(lambda: decimal.Decimal(r.randrange(-10**6, 10**6)) / 100), pa.decimal128(10, 2)),
    "wide": pa.array(some(lambda: decimal.Decimal(r.randrange(-10**29, 10**29)) / 10**9), pa.decimal128(38, 9)),
    "flag": pa.array(some(lambda: r.random() < 0.5), pa.bool_()),
    "text": pa.array(some(lambda: r.choice(["a", "", "007", "5", "5.50", "true", "2024-01-01", 'say "x",\n', " \u00e4 "]))),
    "day": pa.array(some(lambda: day + datetime.timedelta(r.randrange(-30000, 3000))), pa.date32()),
    "time": pa.array(some(lambda: datetime.datetime(2020, 1, 1) + datetime.timedelta(seconds=r.randrange(10**8), microseconds=r.choice([0, 250000, 123456]))), pa.timestamp("us")),
    "nanos": pa.array(some(lambda: datetime.datetime(2020, 1, 1) + datetime.timedelta(days=r.randrange(999))), pa.timestamp("ns")),
    "kind": pa.array(some(lambda: r.choice(["x", "y"]))).dictionary_encode(),
    "label": pa.array(some(lambda: r.choice(["cat", "dog"]))),
}
table = pa.table(values)
pq.write_table(table, os.path.join(here, "rows.parquet"), compression="zstd", row_group_size=25)
frame = table.to_pandas(types_mapper=pd.ArrowDtype)
# pandas would write a float32 with the digits of a double.
frame["half"] = [None if pd.isna(x) else str(np.float32(x)) for x in frame["half"]]
order = list(values)
r.shuffle(order)
frame[order].to_csv(os.path.join(here, "rows.csv"), index=False)
with open(os.path.join(here, "rows.jsonl"), "w", encoding="utf-8") as out:
    for row in table.to_pylist():
        keys = [k for k in row if row[k] is not None]
        r.shuffle(keys)
        plain = {}
        for key in keys:
            value = row[key]
            if isinstance(value, (datetime.date, datetime.datetime)):
                value = value.isoformat()
            elif isinstance(value, decimal.Decimal):
                value = float(value)
            elif key == "half":
                value = float(str(np.float32(value)))
            plain[key] = value
        out.write(json.dumps(plain) + "\n")
