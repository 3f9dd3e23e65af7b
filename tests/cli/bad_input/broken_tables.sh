# Tables that are none, or only nearly: told by file, line and column, and never a crash.
: >empty.csv
printf 'a,label\n' >header.csv
printf 'a,a,label\n1,2,x\n' >twice.csv
printf 'a,label\n1,x\n2\n3,z,4\n' >fields.csv
printf 'a,label\n1,x\0y\n2,z\n' >nul.csv
printf 'a,label\n1,"x\n2,y\n' >quote.csv
printf '\xff\xfea\0' >utf16.csv
printf 'a,label\n\xff\xfe,x\n1,y\n' >bytes.csv
printf '{"a":1}\n{"a":\n[1]\n{"a":1e999}\n' >broken.jsonl
head -c 200000 /dev/zero | tr '\0' '[' >deep.jsonl
printf 'PAR1 is not enough PAR1' >broken.parquet
printf '\x93NUMPY\1\0\xff\xff{' >broken.npy
printf 'PK\3\4' >broken.npz
printf '\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff' >huge-idx3-ubyte
printf '\x1f\x8b\x08\0\0' >short.csv.gz
mkdir none
mkfifo pipe.csv
for file in *.csv *.jsonl broken.np? huge-idx3-ubyte short.csv.gz none; do
    refuse id --rows $file
    refuse profile --json $file | sed 's/\({.\{60\}\).*/\1/'
    refuse audit -q $file
done
# Parquet needs a library: without it the answer is 5, with it 4.
status=0
gyre id --rows broken.parquet 2>told || status=$?
case $status in
4) grep -q "cannot read 'broken.parquet'" told ;;
5) grep -q libduckdb.so told ;;
*) exit 1 ;;
esac
