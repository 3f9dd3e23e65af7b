# A contract inferred from a table with a few faults finds those and nothing else.
{
    echo "path,label,size,when"
    for i in $(seq 1 400); do
        label=$((i % 4))
        size=$i
        when=2024-03-$((i % 20 + 10))
        case $i in
        17) label="" ;;
        33) label=44 ;;
        50) size=big ;;
        71) when=soon ;;
        esac
        echo "f$i,$label,$size,$when"
    done
} >t.csv
gyre schema t.csv -o t.contract.yaml
cat t.contract.yaml
gyre check t.csv 2>&1 | cut -f 1,3
