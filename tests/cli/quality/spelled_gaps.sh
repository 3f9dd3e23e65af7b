# Gaps that are spelled are gaps among numbers, bools and dates, and words among words; ids do not know of it.
{
    echo "age,country,when,only,stray,y"
    for i in $(seq 1 200); do
        age=$((i % 50 + 20)) country=$([ $((i % 2)) = 0 ] && echo DE || echo NA) when=2024-01-$((i % 20 + 10)) stray=$i
        [ "$i" = 3 ] && age=NA
        [ "$i" = 5 ] && age="n/a" && when=null
        [ "$i" = 7 ] && age="?" && stray=-
        [ "$i" = 9 ] && age="NA" && stray=twelve
        echo "$age,$country,$when,NA,$stray,$([ $((i % 3)) = 0 ] && echo a || echo b)"
    done
} >t.csv
gyre profile t.csv | grep -v 'commonest\|bytes'
gyre profile --json t.csv | grep -o '"column":"[a-z]*"\|"gaps":.*\],"least"'
gyre schema t.csv -o t.contract.yaml
grep -A1 'name:\|missing' t.contract.yaml
gyre check t.csv 2>&1 || echo "exit $?"
# Filled in, no other row has another id; and a gap that is spelled is not the empty cell.
sed '4s/^NA,/77,/' t.csv >filled.csv
sed '4s/^NA,/,/' t.csv >empty.csv
mv t.contract.yaml named.yaml
gyre id --rows t.csv >t.ids
for other in filled empty; do gyre id --rows $other.csv | diff - t.ids | grep -c "^>" || true; done
# The contract may name them, in a column of words too, or say that there are none.
sed 's/- name: country/- name: country\n        customProperties: [{property: gyre.missing, value: ["NA"]}]/' named.yaml >t.contract.yaml
gyre profile t.csv | grep -A2 '^country'
sed 's/value: \["NA".*/value: []/' named.yaml >t.contract.yaml
gyre check t.csv 2>&1 | cut -f 1,3 || true
gyre id --rows t.csv | cmp - t.ids
