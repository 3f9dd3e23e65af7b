# A pointer says how many rows a table has, in every format; what is no table is one sample.
git init -q
gyre init >/dev/null
cp "$GYRE_SOURCE/tests/data/table/images.npz" "$GYRE_SOURCE/tests/data/table/deflated.npz" "$GYRE_SOURCE/tests/data/table/rows.parquet" .
printf '\0\0\10\2\0\0\0\3\0\0\0\2abcdef' >three-ubyte
printf 'a,b\n1,2\n3,4\n' >two.csv
printf '{"a": 1}\n{"a": 2}\n{"a": 3}\n{"a": 4}\n' >four.jsonl
printf 'no archive' >broken.npz
printf 'no table' >broken.parquet
for file in rows.parquet images.npz deflated.npz three-ubyte two.csv four.jsonl broken.npz broken.parquet; do
    gyre add "$file" | sed 's/,.*//'
done
gyre add images.npz | sed 's/,.*//' # known by its stat: not counted again
python3 - <<'P'
import zipfile
for name in ("images.npz", "deflated.npz"):
    with zipfile.ZipFile(name) as archive:
        shapes = [archive.open(array).read(128).split(b"'shape': (")[1].split(b")")[0].decode() for array in archive.namelist()]
        print(name, *sorted({shape.split(",")[0] for shape in shapes}))
P
