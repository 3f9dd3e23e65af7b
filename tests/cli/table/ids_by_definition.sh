# The ids of rows.csv as docs/formats/id.md defines them, worked out by another program.
gyre id --rows "$GYRE_SOURCE/tests/data/table/rows.csv" >ours
python3 "$GYRE_SOURCE/tests/support/row_ids.py" "$GYRE_SOURCE/tests/data/table/rows.csv" >theirs
cmp ours theirs && wc -l <ours
