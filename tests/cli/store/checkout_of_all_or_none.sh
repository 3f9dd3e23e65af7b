# Of several datasets none changes when one of them cannot be restored: unsaved data, a damaged
# object, or no such object.
project
mkdir other
seq 500 >other/a.txt
gyre add images labels.csv >/dev/null
gyre add other >/dev/null
commit 1
for file in images/cat/1.txt other/a.txt; do echo more >>$file; done
rm images/dog/3.txt
gyre add images labels.csv >/dev/null
gyre add other >/dev/null
commit 2
git checkout -q HEAD~1
sha256sum images/*/* labels.csv other/* >before
same() { sha256sum images/*/* labels.csv other/* | cmp - before && ls -A .gyre/tmp; }
echo 'the last one holds what is not stored'
cp other/a.txt kept
echo mine >>other/a.txt
gyre checkout 2>&1 || echo "status $?"
cp kept other/a.txt
same
echo 'the last one is damaged'
gyre verify --deep >/dev/null
cp -r .gyre/packs packs
python3 - <<'P'
import pathlib
pack = sorted(pathlib.Path(".gyre/packs").iterdir())[1] # the first version of other
pack.chmod(0o644)
data = bytearray(pack.read_bytes())
data[40] ^= 4
pack.write_bytes(data)
P
gyre checkout >log 2>&1 || echo "status $?"
grep -c 'is damaged' log
same
echo 'the last one is gone'
rm .gyre/packs/00000002*
gyre checkout >log 2>&1 || echo "status $?"
grep -c 'is not in the store' log
same
echo 'a name that cannot be given after others were: what is restored is told'
rm -r .gyre/packs
mv packs .gyre/packs
n=0
until grep -q 'the first 2 are restored' log; do
    n=$((n + 1))
    git checkout -q master
    gyre checkout --force >/dev/null
    git checkout -q HEAD~1
    [ $n -lt 1000 ]
    GYRE_FAULT=io:$n gyre checkout >/dev/null 2>log || :
done
sed "s/cannot .*;/cannot ...;/" log
gyre checkout images labels.csv images other | sed 's/:.*//'
gyre status
