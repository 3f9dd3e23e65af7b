# A project without git, in a repository without commits, from a sub-folder, with -C.
mkdir plain && cd plain
try init
cd .. && mkdir fresh && cd fresh && git init -q
gyre init >/dev/null
mkdir sub && printf 'a,label\n1,x\n' >sub/t.csv
for words in status log metrics "show abcd" "why sub/t.csv" "diff sub/t.csv" report; do
    try $words
done
cd sub && gyre add t.csv >/dev/null 2>&1
try status
cd ../.. && try -C fresh/sub status
try -C fresh/none status
try -C fresh/sub/t.csv status
