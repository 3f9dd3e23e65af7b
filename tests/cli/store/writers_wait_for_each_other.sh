# Four writers and a gc in loops: nothing is lost.
project
gyre add images labels.csv >/dev/null
for writer in 1 2 3 4; do
    (
        mkdir "part$writer"
        for round in 1 2 3 4 5 6; do
            seq "$writer$round" $((writer * 1000)) >"part$writer/$round.txt"
            gyre add "part$writer" >/dev/null
        done
    ) &
done
for round in 1 2 3 4 5 6 7 8; do
    gyre gc --grace 0 >/dev/null
    gyre verify >/dev/null
done
wait
gyre gc --grace 0 >/dev/null
sha256sum part*/* >sums
rm -r part1 part2 part3 part4
gyre checkout >/dev/null
sha256sum --quiet -c sums
gyre status
