# A bit turned anywhere in a pack: never a wrong byte, and adding the same files again heals it.
project
seq 300000 >numbers.csv
gyre add images labels.csv >/dev/null
gyre add numbers.csv >/dev/null
for share in 0.0 0.1 0.5 0.9 0.99 1.0; do
    flip_bits "$share"
    mv images images.kept
    mv numbers.csv numbers.kept
    if gyre verify --deep >/dev/null 2>&1; then echo "$share: verify sees nothing"; fi
    if gyre checkout >/dev/null 2>&1; then echo "$share: checkout sees nothing"; fi
    rm -rf images numbers.csv
    mv images.kept images
    mv numbers.kept numbers.csv
    gyre add images labels.csv numbers.csv >/dev/null
    cp -r images images.kept
    sha256sum numbers.csv >sum
    rm -r images numbers.csv
    gyre checkout >/dev/null
    diff -r images images.kept
    sha256sum --quiet -c sum
    rm -r images.kept sum
    gyre gc --grace 0 >/dev/null
    gyre verify --deep | sed 's/.*: //'
done
