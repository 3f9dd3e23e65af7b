# Names with newlines, tabs, quotes, markup, bytes that are no UTF-8: in every JSON line, as rows, as
# models, as outputs. What is printed stays one line a thing, and JSON stays JSON.
project
names=($'new\nline' $'tab\there' "it's \"q\"" '<b>&amp;' $'\xff\xfe' '-n' '%s%n' '$(touch gone)' '`touch gone`')
i=0
{
    echo '"path",label'
    for name in "${names[@]}"; do
        i=$((i + 1))
        echo "$i" >"images/$name"
        printf '"images/%s",%s\n' "${name//\"/\"\"}" $((i % 2))
    done
} >odd.csv
printf '{"path":"images/new\\nline","label":"a"}\n{"path":"images/tab\\there","label":"b"}\n' >odd.jsonl
gyre schema labels.csv -o odd.contract.yaml
gyre id --rows odd.jsonl | wc -l
gyre add -q images odd.csv >/dev/null
git add -A && git commit -qm one
for name in "${names[@]}"; do echo other >"images/$name"; done
for words in "status --json" "diff --json" "log --json" "check odd.csv --json" "profile odd.csv --json" \
    "verify --json" "id --rows --json odd.csv"; do
    gyre $words 2>/dev/null >"$TMPDIR"/lines || :
    python3 -c 'import json, sys; print(sys.argv[1].split()[0], len([json.loads(x) for x in open(sys.argv[2], encoding="utf-8")]) > 0)' "$words" "$TMPDIR"/lines
done
gyre add -q images >/dev/null
git commit -qam two
gyre checkout >/dev/null
git checkout -q HEAD~1 -- images.gyre
gyre checkout --force >/dev/null
cat images/$'new\nline' images/$'\xff\xfe'
for name in "${names[@]}"; do
    mkdir -p 'm*'
    cp "$GYRE_SOURCE/tests/data/models/scale.onnx" "m*/$name.onnx"
    gyre compile -q -t generic -o net -- "m*/$name.onnx" >"$TMPDIR"/said 2>&1 || cat "$TMPDIR"/said
    cc -c -Werror -Wall -o net.o net/*.c
    rm -r net net.o "m*/$name.onnx"
done
[ ! -e gone ]
