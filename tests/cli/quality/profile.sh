{
    echo "n,x,word,day,mixed,none,flag"
    for i in $(seq 1 300); do
        mixed=$((i * 3))
        [ "$i" = 7 ] && mixed=n/a
        echo "$i,$((i % 10)).5,w$((i % 3)),2024-01-$((i % 20 + 10)),$mixed,,$([ $((i % 2)) = 0 ] && echo true || echo false)"
    done
    echo broken
} >t.csv
gyre profile t.csv
gyre profile --json t.csv
