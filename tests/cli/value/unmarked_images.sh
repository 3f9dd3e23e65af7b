# A column of image paths that nothing marks is refused, not judged as text.
mkdir data
printf 'image,label\n' > data/t.csv
for i in $(seq 30); do printf 'pictures/%d.png,%s\n' "$i" "$((i % 2))" >> data/t.csv; done
gyre audit data/t.csv || echo "exit $?"
