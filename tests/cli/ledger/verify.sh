# A record that was changed after it was written is told by gyre verify.
project
gyre verify --deep | tail -n 1
python3 - <<'P'
import sqlite3
with sqlite3.connect(".gyre/ledger.db") as base:
    base.execute("UPDATE record SET body = replace(body, 'shirt', 'coat') WHERE kind = 'prediction'")
P
gyre verify --deep > /dev/null
