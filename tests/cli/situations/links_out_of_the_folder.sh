# Rows may name files anywhere (SECURITY.md): by '..', by an absolute path, by a link. Datasets hold
# links as links, and checkout writes through none.
mkdir outside work
echo secret >outside/s.txt
cd work
project
ln -s ../../outside/s.txt images/link.txt
ln -s ../outside linked
printf 'path,label\n../outside/s.txt,a\n%s,b\nlinked/s.txt,a\nimages/link.txt,b\n' "${PWD%/*}/outside/s.txt" >out.csv
gyre schema labels.csv -o out.contract.yaml
gyre id --rows out.csv | sort -u | grep -c "$(sha256sum <../outside/s.txt | cut -c 1-64)"
try gyre add images
try gyre add linked
try gyre add ../outside
try gyre add ../outside/s.txt
rm images/link.txt
gyre add -q images >/dev/null
rm -r images
# Somebody puts a link where a folder or a file belongs.
ln -s ../outside images
try gyre checkout
rm images
mkdir images
ln -s ../../outside/s.txt images/1.txt
try gyre checkout --force
cat images/1.txt | head -n 1
cat ../outside/s.txt
ls ../outside
