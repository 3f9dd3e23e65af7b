# What several scenarios start from.
models=$GYRE_SOURCE/tests/data/models

project() {
    git init -q
    gyre init >/dev/null
}

commit() {
    git add -A
    git commit -qm "$1"
}

# flowers ROWS: a table of three kinds, every tenth with a wrong label, two rows twice, one broken.
flowers() {
    awk -v rows="$1" 'BEGIN {
        seed = 7
        split("iris,lily,rose", kinds, ",")
        print "length,width,colour,label"
        for (row = 1; row <= rows; row++) {
            kind = row % 3
            for (i = 1; i <= 3; i++) {
                sum = 0
                for (n = 0; n < 4; n++) { seed = (seed * 16807) % 2147483647; sum += seed / 2147483647 }
                cell[i] = sum + (i == kind + 1 ? 3 : 0)
            }
            line = sprintf("%.4f,%.4f,%.4f,%s", cell[1], cell[2], cell[3], kinds[(kind + (row % 10 == 0)) % 3 + 1])
            print line
            if (row == 7 || row == 8) print line
        }
        print "1,2,3,"
    }' >flowers.csv
}

make_input() { python3 "$GYRE_SOURCE/tests/support/make_input.py" "$@"; }

# make_npz OUT.npz NAME SEED SHAPE
make_npz() {
    make_input "$TMPDIR/array.npy" "$3" "$4"
    python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").write(sys.argv[2], sys.argv[3] + ".npy")' \
        "$1" "$TMPDIR/array.npy" "$2"
}
