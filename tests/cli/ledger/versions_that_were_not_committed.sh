# Every version that was added is known: who added it, when and after which; also those that no
# commit has, while the store holds them.
project
sed -i 's/2.txt,shirt/2.txt,dress/' labels.csv
gyre add -q labels.csv >/dev/null
sed -i 's/2.txt,dress/2.txt,scarf/' labels.csv
GIT_AUTHOR_NAME='somebody "else"' gyre add -q labels.csv >/dev/null
gyre show images/2.txt | plain
gyre show images/2.txt --json | python3 -c "
import json, sys
for version in json.load(sys.stdin)['versions']:
    if version['dataset'] == 'labels.csv':
        print(version['label'], version['commit'] is not None, version['author'], version['time'] > 0, version['current'])"
gyre why labels.csv | plain
gyre why labels.csv --json | python3 -c "
import json, sys
origin = json.load(sys.stdin)['origin']
print(origin['added_by'], origin['added_after'][:12], origin['added_us'] > 0, origin['commit'])"
echo 'an add that changes nothing adds no record'
records() { python3 -c "import sqlite3; print(*sqlite3.connect('.gyre/ledger.db').execute('select count(*) from record where kind = ?', ['version']).fetchone())"; }
records
gyre add -q labels.csv >/dev/null
records
echo 'a ledger that cannot take the record: the pointer stays as it was'
cp labels.csv.gyre before
sed -i 's/2.txt,scarf/2.txt,glove/' labels.csv
mv .gyre/ledger.db kept
echo 'no ledger' >.gyre/ledger.db
gyre add labels.csv 2>/dev/null || echo "status $?"
cmp labels.csv.gyre before
mv kept .gyre/ledger.db
gyre add -q labels.csv >/dev/null
records
gyre verify >/dev/null
