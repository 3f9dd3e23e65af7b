# flowers.csv: 240 rows of three kinds, every tenth with a wrong label, two rows twice.
awk 'BEGIN {
    seed = 7
    split("iris,lily,rose", kinds, ",")
    print "length,width,colour,label"
    for (row = 1; row <= 240; row++) {
        kind = row % 3
        for (i = 1; i <= 3; i++) {
            sum = 0
            for (n = 0; n < 4; n++) { seed = (seed * 16807) % 2147483647; sum += seed / 2147483647 }
            cell[i] = sum + (i == kind + 1 ? 3 : 0)
        }
        label = kinds[(kind + (row % 10 == 0 ? 1 : 0)) % 3 + 1]
        line = sprintf("%.4f,%.4f,%.4f,%s", cell[1], cell[2], cell[3], label)
        print line
        if (row == 7 || row == 8) print line
    }
}' >flowers.csv
