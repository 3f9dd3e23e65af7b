# Four columns of few values: rows are equal by chance, and none is a copy to leave out.
awk 'BEGIN {
    seed = 7
    split("first,second,third", classes, ",")
    print "class,age,sex,survived"
    for (row = 1; row <= 900; row++) {
        for (i = 1; i <= 4; i++) { seed = (seed * 16807) % 2147483647; draw[i] = seed / 2147483647 }
        woman = draw[3] < 0.4
        print classes[int(3 * draw[1]) + 1] "," (draw[2] < 0.9 ? "adult" : "child") "," (woman ? "woman" : "man") "," (draw[4] < (woman ? 0.8 : 0.2) ? "yes" : "no")
    }
}' >passengers.csv
gyre audit passengers.csv --label survived --fix fixed.csv -q | grep '^[a-z]'
wc -l <fixed.csv
