# Rows name files below their table's folder or in its project; others are read with --outside alone:
# by '..', by an absolute path, by a link. Datasets hold no links, and checkout writes through none.
mkdir outside work
echo secret >outside/s.txt
cd work
project
ln -s ../../outside/s.txt images/link.txt
ln -s ../outside linked
printf 'path,label\n../outside/s.txt,a\n%s,b\nlinked/s.txt,a\nimages/link.txt,b\n' "${PWD%/*}/outside/s.txt" >out.csv
gyre schema labels.csv -o out.contract.yaml
secret=$(sha256sum <../outside/s.txt | cut -c 1-64)
gyre id --rows out.csv
[ "$(gyre id --rows --outside out.csv | grep -c "$secret")" = 4 ]
[ "$(GYRE_OUTSIDE=1 gyre id --rows out.csv | grep -c "$secret")" = 4 ]
gyre check out.csv --json | sed -n 's/.*"why":\("[^"]*"\).*/\1/p'
echo 'inside: from a folder below, by an absolute path, by links to the file and to the folder'
mkdir -p tables more/deep
echo inside >more/deep/i.txt
ln -s deep more/short
ln -s "$PWD/more/deep/i.txt" more/whole.txt
ln -s ../../tables/../more/deep more/deep/round
printf 'path,label\n../more/deep/i.txt,a\n%s,b\n../more/short/i.txt,a\n../more/whole.txt,b\n' "$PWD/more/deep/i.txt" >tables/in.csv
printf '../more/deep/round/round/i.txt,a\n' >>tables/in.csv
gyre schema tables/in.csv -o tables/in.contract.yaml
gyre id --rows tables/in.csv | sort -u | grep -c "$(sha256sum <more/deep/i.txt | cut -c 1-64)"
gyre id --rows tables/in.csv | sort -u | wc -l
echo 'without a project the folder of the table is all'
cp -r tables more ..
cd ../tables
sed -i "s,^/.*$,$PWD/in.csv\,b," in.csv
gyre id --rows in.csv | sed "s/$(sha256sum <in.csv | cut -c 1-64)/own/"
cd ../work
rm -r tables more
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
