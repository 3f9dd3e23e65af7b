mkdir -p images/cat images/dog
cp "$GYRE_SOURCE"/tests/data/table/grey.png images/cat/1.png
cp "$GYRE_SOURCE"/tests/data/table/rgb.jpg images/dog/2.jpg
echo no >images/dog/3.png
gyre profile images
gyre profile --json images | tail -n 1
