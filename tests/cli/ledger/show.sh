# All that is known of a sample: by path, by id, by the first digits; the label it had and has.
project
gyre show images/1.txt | plain
id=$(gyre id images/1.txt)
test "$(gyre show $id)" = "$(gyre show images/1.txt)"
test "$(gyre show ${id:0:8})" = "$(gyre show images/1.txt)"
test "$(gyre show $(gyre id images/1.txt | tr a-f A-F))" = "$(gyre show images/1.txt)"
gyre show $(gyre id --rows rows.csv | head -1) | plain
# A file that no work tree has any more is known by its first digits.
gyre show $(echo 'picture 4' | sha256sum | cut -c 1-10) | plain
gyre show images/2.txt --json | python3 -c "
import json, sys
said = json.load(sys.stdin)
print([(v['dataset'], v['row'], v['label'], v['current']) for v in said['versions']])
print(len(said['models']), said['predictions'], said['findings'])"
