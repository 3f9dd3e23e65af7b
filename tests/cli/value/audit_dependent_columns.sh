# Aircraft, each with a number of its own: the model tells maker, seats and engines, so that many rows are equal but for
# the number and none is a copy; what is left are pairs that no third aircraft is like. Three rows that were delivered
# twice, number and all, are copies.
awk 'BEGIN {
    seed = 7
    print "number,year,maker,model,seats,engines"
    for (row = 1; row <= 1200; row++) {
        for (i = 1; i <= 3; i++) { seed = (seed * 16807) % 2147483647; draw[i] = seed / 2147483647 }
        model = int(60 * draw[1] * draw[1])
        line = "N" row "," 1980 + int(20 * draw[2]) ",maker " int(model / 8) ",M" model "," 20 + 7 * model "," 1 + model % 4
        print line
        if (row % 400 == 0) print line >"again.csv"
    }
}' >aircraft.csv
gyre audit aircraft.csv -q | grep '^near'
cat again.csv >>aircraft.csv
gyre audit aircraft.csv -q | grep -A3 '^near'
