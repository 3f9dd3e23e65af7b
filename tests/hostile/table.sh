# Text may be other text; it is read, or the fault is told by file.
# names: t. z.csv
# file: t.csv
# file: t.jsonl
# file: z.csv.gz
prepare() {
    printf 'a,b,label\n1,"x, y",u\n2,z,v\n,"q ""r""",u\n' >t.csv
    printf '{"a":1,"b":"x\\u00e9","label":"u"}\n{"a":2.5e3,"b":null,"label":"v"}\n' >t.jsonl
    gzip -n <t.csv >z.csv.gz
}
act() {
    gyre id --rows "$FILE"
    gyre profile --json "$FILE" >/dev/null
    gyre schema "$FILE" >/dev/null
    gyre audit -q "$FILE" >/dev/null || [ $? -le 8 ]
}
