# A ledger that is damaged, or of a newer gyre, is told, not crashed on.
project
cp .gyre/ledger.db whole
printf 'no ledger at all, but long enough to be looked at by SQLite, as its header is 100 bytes long.....' > .gyre/ledger.db
rm -f .gyre/ledger.db-*
gyre why model.onnx || echo "status $?"
python3 - <<'P'
import sqlite3
with sqlite3.connect("whole") as base:
    base.execute("PRAGMA user_version = 2")
P
cp whole .gyre/ledger.db
gyre why model.onnx
