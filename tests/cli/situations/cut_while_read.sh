# A table that is cut short while it is read: its name and status 7, and no signal. Who reads faster
# than we cut, reads again.
for try in $(seq 20); do
    { echo a,b && yes 1,2 | head -c $((try * 10))000000; } >big.csv
    gyre profile big.csv >said 2>told &
    reader=$!
    while [ -e /proc/$reader ] && ! grep -q big.csv /proc/$reader/maps 2>/dev/null; do :; done
    : >big.csv
    status=0
    wait $reader || status=$?
    [ $status != 0 ] || continue
    echo $status
    sed "s,'.*/big,'.../big," told
    break
done
