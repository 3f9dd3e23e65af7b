# One page, well-formed, that loads nothing; what data say cannot become markup.
stages <<'Y'
stages:
  evaluate:
    cmd: "cp made.csv predictions.csv; printf '{\"accuracy\": 0.75}' > metrics.json"
    deps: [made.csv]
    outs: [predictions.csv: {type: predictions}]
    metrics: [metrics.json]
gates:
  floor: {metric: accuracy, min: 0.9}
Y
rm -r .gyre
gyre init > /dev/null
python3 - <<'P'
import hashlib
evil = "<script>alert('x')</script>&\""
with open("made.csv", "w") as out:
    print("id,label,prediction", file=out)
    for i in range(8):
        name = '"' + evil.replace('"', '""') + '"' if i % 2 else "plain"
        print(f"{hashlib.sha256(b'%d' % i).hexdigest()},{name},{name if i > 1 else 'other'}", file=out)
P
gyre run -q > /dev/null
gyre gate -q || true
echo '{"accuracy_spoilt": 0.5, "<b>odd": {"deep": [1, 2.5, true, null, "word"]}}' > figures.json
gyre report --title 'a <i>title</i>' --data figures.json -o page.html
cat > check.py <<'P'
import html.parser, re
text = open("page.html").read()

class Page(html.parser.HTMLParser):
    stack, words, tags = [], [], set()
    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for name, value in attributes:
            assert not name.startswith("on"), name
            assert name not in ("href", "src") or value.startswith("data:"), value
        if tag not in ("meta", "br", "img"):
            self.stack.append(tag)
    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)
    def handle_endtag(self, tag):
        assert self.stack.pop() == tag, tag
    def handle_data(self, data):
        self.words.append(data)

page = Page()
page.feed(text)
assert page.stack == [] and "script" not in page.tags and "i" not in page.tags
assert not re.search(r"https?://|url\(|@import", text)
said = " ".join(page.words)
for wanted in ("a <i>title</i>", "75.0", "of 8 test samples", "<script>alert(", "must be at least 0.9",
               "Accuracy, trained on the labels as delivered", "<b>odd", "deep, 2", "Judged on 8 samples"):
    assert wanted in said, wanted
print("well-formed, loads nothing")
P
python3 check.py
gyre report --data made.csv -o other.html || echo "status $?"
test ! -e other.html
echo 'id,label' > predictions.csv
gyre report -o other.html || echo "status $?"
test ! -e other.html
