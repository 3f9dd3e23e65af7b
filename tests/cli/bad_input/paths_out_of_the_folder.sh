# Image paths that lead elsewhere: pipes, devices, circles, parents. Each is a broken row with its
# reason; nothing hangs, and no byte of what is no image is shown.
mkdir data data/i
printf 'secret words\n' >secret.png
printf x >data/i/bad.png
mkfifo data/i/pipe.png
ln -s /dev/zero data/i/zero.png
ln -s loop.png data/i/loop.png
mkdir data/i/folder.png
echo image,label >data/t.csv
for ((i = 0; i < 200; i++)); do
    base64 -d >data/i/$i.png <<'P'
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==
P
    echo i/$i.png,$((i % 2)) >>data/t.csv
done
for path in i/bad.png i/pipe.png i/zero.png i/loop.png i/folder.png ../secret.png /dev/zero.png i/none.png; do
    echo $path,1 >>data/t.csv
done

gyre schema data/t.csv -o data/t.contract.yaml
gyre audit --label label -q data/t.csv | sed '1,/^broken/d'
gyre audit --report r.html -q data/t.csv >/dev/null
! grep 'secret words' r.html
