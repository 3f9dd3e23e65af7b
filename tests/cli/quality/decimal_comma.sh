# Numbers with a decimal comma, or with groups of digits, are numbers to analysis; what may be either stays text.
{
    echo "price;people;both;year;y"
    for i in $(seq 1 120); do
        echo "1.2$((i % 90 + 10)),$((i % 7));$i,$((i + 100)),$((i + 200));$((i % 9 + 1)),125;$((1900 + i));$([ $((i % 3)) = 0 ] && echo a || echo b)"
    done
    echo '-7;12;5,250;2001;a'
    echo 'n/a;7;5,500;2002;b'
} >t.csv
gyre profile t.csv | grep -v 'commonest\|bytes'
gyre schema t.csv -o t.contract.yaml
grep -A1 'name:\|decimal' t.contract.yaml
gyre check t.csv 2>&1 || echo "exit $?"
cp t.contract.yaml named.yaml
sed 's/# seen: -7/logicalTypeOptions: {minimum: 1200.5} #/' named.yaml >t.contract.yaml
gyre check t.csv 2>&1 | cut -f 1,3
sed 's/value: ","/value: ";"/' named.yaml >t.contract.yaml
gyre check t.csv 2>&1 || echo "exit $?"
sed 's/gyre.decimal/other.decimal/' named.yaml >t.contract.yaml
gyre check t.csv 2>&1 | head -2 | cut -f 1,3
