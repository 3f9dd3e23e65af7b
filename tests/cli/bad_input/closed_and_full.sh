# Closed standard files, a full output, no HOME, no TMPDIR, another locale: the same words.
printf 'a,label\n1,x\n2,y\n' >t.csv
gyre profile t.csv >plain
env -u HOME -u TMPDIR LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 gyre profile t.csv <&- | cmp - plain
for words in "profile t.csv" "schema t.csv" "id --rows t.csv" "help" "audit t.csv" "inspect $GYRE_SOURCE/tests/data/models/scale.onnx"; do
    status=0
    gyre $words >/dev/full 2>told || status=$?
    echo "full: ${words%% *} $status $(cat told)"
    status=0
    gyre $words >&- 2>told || status=$?
    echo "closed: ${words%% *} $status $(cat told)"
done
